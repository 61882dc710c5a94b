import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";
import type { Packet } from "mqtt-packet";
import { parser } from "mqtt-packet";
import { decodeControlMessage, decodeDeviceMessage } from "../../proto/codec.ts";
import type { ControlMessage, DeviceMessage } from "../../proto/messages.ts";
import type { TelemetryRecord } from "../../proto/telemetry-messages.ts";
import { parseTopic } from "../../proto/topics.ts";

/** Carries MQTT between devices and their broker, byte for byte, and keeps what was said. */
export interface MqttTap extends AsyncDisposable {
  readonly url: string;
  /** By `device lane epoch`: the highest sequence number whose acknowledgement was on its way to the device. */
  readonly acknowledged: ReadonlyMap<string, number>;
  /** By `device lane epoch`, then by sequence number: each record as it was sent last. */
  readonly sent: ReadonlyMap<string, ReadonlyMap<number, TelemetryRecord>>;
  /** How many messages of a kind have passed. */
  count(kind: DeviceMessage["kind"] | ControlMessage["kind"]): number;
}

export async function startMqttTap(brokerPort: () => number): Promise<MqttTap> {
  const acknowledged = new Map<string, number>();
  const sent = new Map<string, Map<number, TelemetryRecord>>();
  const counts = new Map<string, number>();
  const sockets = new Set<Socket>();

  function fromDevice(device: string, message: DeviceMessage): void {
    if (message.kind !== "telemetry") return;
    const spool = `${device} ${message.lane} ${message.epoch}`;
    const records = sent.get(spool) ?? new Map<number, TelemetryRecord>();
    for (const record of message.records) records.set(record.seq, record);
    sent.set(spool, records);
  }
  function fromControl(device: string, message: ControlMessage): void {
    if (message.kind !== "ack") return;
    const spool = `${device} ${message.lane} ${message.epoch}`;
    acknowledged.set(spool, Math.max(message.through, acknowledged.get(spool) ?? 0));
  }
  function take<M extends { readonly kind: string }>(
    packet: Packet,
    decode: (bytes: Uint8Array) => { readonly ok: boolean; readonly value?: M | { readonly kind: "unknown" } },
    hear: (device: string, message: M) => void,
  ): void {
    if (packet.cmd !== "publish") return;
    const device = parseTopic(packet.topic)?.device;
    const message = decode(new Uint8Array(Buffer.from(packet.payload)));
    if (device === undefined || message.value === undefined || message.value.kind === "unknown") return;
    counts.set(message.value.kind, 1 + (counts.get(message.value.kind) ?? 0));
    hear(device, message.value as M);
  }

  const server = createServer((device) => {
    const broker = connect({ host: "127.0.0.1", port: brokerPort(), noDelay: true });
    for (const [from, to] of [
      [device, broker],
      [broker, device],
    ] as const) {
      const reader = parser({ protocolVersion: 4 });
      reader.on("packet", (packet: Packet) => {
        if (from === device) take(packet, decodeDeviceMessage, fromDevice);
        else take(packet, decodeControlMessage, fromControl);
      });
      sockets.add(from);
      // Heard before it is handed on: what the device acts on has been counted.
      from.on("data", (bytes) => {
        reader.parse(bytes);
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
    acknowledged,
    sent,
    count: (kind) => counts.get(kind) ?? 0,
    async [Symbol.asyncDispose]() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
