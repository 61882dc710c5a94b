import { once } from "node:events";
import type { Socket } from "node:net";
import { connect } from "node:net";
import type { IPublishPacket, Packet } from "mqtt-packet";
import { generate, parser } from "mqtt-packet";

import { decodeControlMessage } from "../../proto/codec.ts";
import type { DeviceId } from "../../proto/ids.ts";
import type { ControlMessage } from "../../proto/messages.ts";
import { topicOf } from "../../proto/topics.ts";
import type { TopicLeaf } from "../../proto/topics.ts";

/** One raw MQTT connection of a load generator: far cheaper than a client library, and it keeps nothing that it receives. */
export interface LoadDevice {
  readonly device: DeviceId;
  publish(leaf: TopicLeaf, payload: Uint8Array): void;
  /** PUBACKs received. */
  acknowledged(): number;
  ping(): void;
  readonly socket: Socket;
}

export interface LoadDeviceOptions {
  readonly host: string;
  readonly port: number;
  readonly device: DeviceId;
  readonly secret?: string;
  readonly subscribe: readonly TopicLeaf[];
  /** What the broker says on `status` when the connection breaks. */
  readonly will?: Uint8Array;
  readonly onMessage: (message: ControlMessage) => void;
}

/** Resolves when CONNACK and SUBACK have come; rejects when either refuses. */
export async function connectLoadDevice(options: LoadDeviceOptions): Promise<LoadDevice> {
  const { device } = options;
  const socket = connect({ host: options.host, port: options.port, noDelay: true });
  await once(socket, "connect");
  const decoder = parser({ protocolVersion: 4 });
  let pubacks = 0;
  let nextId = 1;
  const receive = (packet: IPublishPacket): void => {
    if (packet.qos === 1 && packet.messageId !== undefined)
      socket.write(generate({ cmd: "puback", messageId: packet.messageId }));
    const message = decodeControlMessage(packet.payload as Buffer);
    if (message.ok && message.value.kind !== "unknown") options.onMessage(message.value);
  };
  const subscribe = (): void => {
    const subscriptions = options.subscribe.map((leaf) => ({ topic: topicOf(device, leaf), qos: 1 as const }));
    socket.write(generate({ cmd: "subscribe", messageId: 1, subscriptions }));
  };
  const ready = new Promise<void>((resolve, reject) => {
    socket.once("close", () => reject(new Error(`${device}: the broker closed the connection`)));
    socket.once("error", reject);
    decoder.on("packet", (packet: Packet) => {
      if (packet.cmd === "puback") pubacks++;
      else if (packet.cmd === "publish") receive(packet);
      else if (packet.cmd === "suback") resolve();
      else if (packet.cmd === "connack") {
        if (packet.returnCode !== 0) reject(new Error(`${device}: CONNACK ${String(packet.returnCode)}`));
        else if (options.subscribe.length === 0) resolve();
        else subscribe();
      }
    });
  });
  socket.on("data", (bytes) => decoder.parse(bytes));
  socket.on("error", () => socket.destroy());
  socket.write(
    generate({
      cmd: "connect",
      protocolId: "MQTT",
      protocolVersion: 4,
      clientId: device,
      username: device,
      ...(options.secret !== undefined && { password: Buffer.from(options.secret) }),
      clean: true,
      keepalive: 60,
      ...(options.will !== undefined && {
        will: { topic: topicOf(device, "status"), payload: Buffer.from(options.will), qos: 1, retain: false },
      }),
    }),
  );
  await ready;
  const topics = new Map<TopicLeaf, string>();
  return {
    device,
    socket,
    acknowledged: () => pubacks,
    ping: () => void socket.write(generate({ cmd: "pingreq" })),
    publish(leaf, payload) {
      let topic = topics.get(leaf);
      if (topic === undefined) topics.set(leaf, (topic = topicOf(device, leaf)));
      nextId = (nextId % 65_535) + 1;
      socket.write(
        generate({
          cmd: "publish",
          topic,
          payload: payload as Buffer,
          qos: 1,
          messageId: nextId,
          dup: false,
          retain: false,
        }),
      );
    },
  };
}

/** Runs `work` over all items, `width` at a time. */
export async function inParallel<T, R>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index] as T);
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  return results;
}
