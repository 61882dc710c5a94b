import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";
import type { Packet } from "mqtt-packet";
import { parser } from "mqtt-packet";

import { parseTopic } from "../../../proto/topics.ts";

export interface WireCount {
  /** Of the byte streams in both directions: MQTT with its framing, without TCP's and IP's headers. */
  readonly bytes: number;
  readonly bytesFromDevice: number;
  /** How often one side has sent something: each costs the headers of a segment and of its acknowledgement. */
  readonly segments: number;
}

/** Between one device and its broker: passes MQTT on as it is and counts. */
export interface WireTap extends AsyncDisposable {
  readonly url: string;
  count(): WireCount;
  /** Resolves when the device's next message under a topic has passed. */
  next(leaf: string, signal: AbortSignal): Promise<void>;
}

export async function startWireTap(brokerPort: number): Promise<WireTap> {
  const sockets = new Set<Socket>();
  let bytesFromDevice = 0;
  let bytesToDevice = 0;
  let segments = 0;
  let waiting: { readonly leaf: string; readonly resolve: () => void }[] = [];
  const server = createServer((device) => {
    const broker = connect({ host: "127.0.0.1", port: brokerPort, noDelay: true });
    const reader = parser({ protocolVersion: 4 });
    reader.on("packet", (packet: Packet) => {
      if (packet.cmd !== "publish") return;
      const leaf = parseTopic(packet.topic)?.leaf;
      for (const one of waiting) if (one.leaf === leaf) one.resolve();
      waiting = waiting.filter((one) => one.leaf !== leaf);
    });
    for (const [from, to] of [
      [device, broker],
      [broker, device],
    ] as const) {
      sockets.add(from);
      from.on("data", (bytes) => {
        segments++;
        if (from === broker) bytesToDevice += bytes.length;
        else {
          bytesFromDevice += bytes.length;
          reader.parse(bytes);
        }
        to.write(bytes);
      });
      from.on("error", () => to.destroy());
      from.on("close", () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`,
    count: () => ({ bytes: bytesFromDevice + bytesToDevice, bytesFromDevice, segments }),
    async next(leaf, signal) {
      signal.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        const abort = () => reject(signal.reason as Error);
        signal.addEventListener("abort", abort, { once: true });
        const passed = () => {
          signal.removeEventListener("abort", abort);
          resolve();
        };
        waiting.push({ leaf, resolve: passed });
      });
    },
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
