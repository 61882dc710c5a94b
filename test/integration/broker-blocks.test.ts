import { describe, expect, it } from "vitest";
import { createBlockServer } from "../../control-plane/messaging/block-server.ts";
import { createDeviceGateway } from "../../control-plane/messaging/device-gateway.ts";
import { decodeControlMessage, decodeDeviceMessage, encodeDeviceMessage, leafOf } from "../../proto/codec.ts";
import { parseDeviceId, parseDigest } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import type { BlockData, BlockRequest } from "../../proto/messages.ts";
import { topicOf } from "../../proto/topics.ts";
import { connectDevice, startGuardedBroker } from "../support/guarded-broker.ts";
import { subscribeRaw } from "../support/raw-mqtt-client.ts";

const device = parseDeviceId("cam-1");
const digest = parseDigest(`sha256:${"c".repeat(64)}`);

describe("a device that has nothing but MQTT", () => {
  it("pulls a file in blocks through the broker", async () => {
    const file = Uint8Array.from({ length: 3 * limits.blockBytes + 17 }, (_, index) => index % 253);
    await using started = await startGuardedBroker();
    const gateway = createDeviceGateway(started.broker);
    const server = createBlockServer({
      artifacts: {
        size: async () => file.length,
        readRange: async (_digest, from, length) => file.slice(from, from + length),
      },
      gateway,
      log: { warn() {} },
    });
    started.broker.onMessage((sender, leaf, payload) => {
      const message = decodeDeviceMessage(payload);
      if (leaf === "blk/req" && message.ok && message.value.kind === "block-request") {
        void server.answer(sender, message.value);
      }
    });
    await using client = await connectDevice(started.broker, device);
    await subscribeRaw(client, [topicOf(device, "blk/data")]);

    const offsets = [0, 1, 2, 3].map((block) => block * limits.blockBytes);
    for (const offset of offsets) {
      const request: BlockRequest = { kind: "block-request", digest, offset, length: limits.blockBytes };
      const payload = Buffer.from(encodeDeviceMessage(request));
      client.send({
        cmd: "publish",
        topic: topicOf(device, leafOf(request)),
        payload,
        qos: 0,
        dup: false,
        retain: false,
      });
    }
    const blocks: BlockData[] = [];
    for (const offset of offsets) {
      await client.expect("publish", ({ payload }) => {
        const message = decodeControlMessage(Buffer.from(payload));
        if (!message.ok || message.value.kind !== "block-data" || message.value.offset !== offset) return false;
        blocks.push(message.value);
        return true;
      });
    }
    expect(blocks.every((block) => block.size === file.length && block.error === "" && block.digest === digest)).toBe(
      true,
    );
    expect(Buffer.concat(blocks.map((block) => block.data)).equals(file)).toBe(true);
  });

  it("is cut off by a gateway that is told to", async () => {
    await using started = await startGuardedBroker();
    const client = await connectDevice(started.broker, device);
    createDeviceGateway(started.broker).disconnect(device);
    await client.closed;
    expect(started.broker.connectedDevices()).toEqual([]);
  });
});
