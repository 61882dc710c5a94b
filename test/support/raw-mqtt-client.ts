import { once } from "node:events";
import type { Socket } from "node:net";
import { connect } from "node:net";
import type { IConnectPacket, Packet } from "mqtt-packet";
import { generate, parser } from "mqtt-packet";

/**
 * An MQTT 3.1.1 client that does exactly what it is told: it sends what a test gives it, well formed or not, keeps what
 * it receives, acknowledges nothing, never reconnects and has no timers.
 */
export interface RawMqttClient extends AsyncDisposable {
  readonly socket: Socket;
  readonly received: readonly Packet[];
  send(packet: Packet): void;
  sendBytes(bytes: Uint8Array): void;
  /** The first packet, received already or later, that is of this kind and passes. Rejects when the connection ends first. */
  expect<Command extends Packet["cmd"]>(
    command: Command,
    passes?: (packet: PacketOf<Command>) => boolean,
  ): Promise<PacketOf<Command>>;
  /** Resolves when the connection has ended, whoever ended it. */
  readonly closed: Promise<void>;
}

type PacketOf<Command extends Packet["cmd"]> = Extract<Packet, { cmd: Command }>;

export interface RawAddress {
  readonly host: string;
  readonly port: number;
}

export interface RawConnectOptions {
  readonly clientId: string;
  readonly username?: string;
  readonly password?: string;
  readonly clean?: boolean;
  /** Seconds; 60 when left out, so that no broker ends a silent client before a test runs out of time. */
  readonly keepalive?: number;
  readonly will?: IConnectPacket["will"];
  readonly protocolVersion?: 3 | 4 | 5;
}

export class ConnectionEndedError extends Error {
  override readonly name = "ConnectionEndedError";
}

interface Expectation {
  readonly accepts: (packet: Packet) => boolean;
  readonly resolve: (packet: Packet) => void;
  readonly reject: (error: Error) => void;
}

/** Opens the socket and sends nothing. */
export async function openRawClient(address: RawAddress): Promise<RawMqttClient> {
  const socket = connect({ host: address.host, port: address.port, noDelay: true });
  await once(socket, "connect");
  const received: Packet[] = [];
  const expectations = new Set<Expectation>();
  const decoder = parser({ protocolVersion: 4 });
  let ended = false;

  decoder.on("packet", (packet: Packet) => {
    received.push(packet);
    for (const expectation of expectations) {
      if (!expectation.accepts(packet)) continue;
      expectations.delete(expectation);
      expectation.resolve(packet);
    }
  });
  socket.on("data", (bytes) => decoder.parse(bytes));
  // A reset is one of the ways in which a broker ends a connection.
  socket.on("error", () => socket.destroy());
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => {
      ended = true;
      for (const expectation of expectations) {
        expectation.reject(new ConnectionEndedError("the broker ended the connection before the packet came"));
      }
      resolve();
    });
  });

  const client: RawMqttClient = {
    socket,
    received,
    closed,
    send: (packet) => client.sendBytes(generate(packet)),
    sendBytes: (bytes) => {
      socket.write(bytes);
    },
    expect<Command extends Packet["cmd"]>(
      command: Command,
      passes: (packet: PacketOf<Command>) => boolean = () => true,
    ) {
      const accepts = (packet: Packet) => packet.cmd === command && passes(packet as PacketOf<Command>);
      const already = received.find(accepts);
      if (already !== undefined) return Promise.resolve(already as PacketOf<Command>);
      if (ended) return Promise.reject(new ConnectionEndedError("the broker has ended the connection"));
      return new Promise<PacketOf<Command>>((resolve, reject) => {
        expectations.add({ accepts, resolve: (packet) => resolve(packet as PacketOf<Command>), reject });
      });
    },
    async [Symbol.asyncDispose]() {
      socket.destroy();
      await closed;
    },
  };
  return client;
}

export function connectPacket(options: RawConnectOptions): IConnectPacket {
  const { clientId, username = clientId, password, clean = true, keepalive = 60, will, protocolVersion = 4 } = options;
  return {
    cmd: "connect",
    protocolId: protocolVersion === 3 ? "MQIsdp" : "MQTT",
    protocolVersion,
    clientId,
    username,
    clean,
    keepalive,
    ...(password === undefined ? {} : { password: Buffer.from(password) }),
    ...(will === undefined ? {} : { will }),
  };
}

/** Connects and gives the return code of the CONNACK beside the client; 0 is accepted. */
export async function connectRawClient(
  address: RawAddress,
  options: RawConnectOptions,
): Promise<{ readonly client: RawMqttClient; readonly returnCode: number }> {
  const client = await openRawClient(address);
  client.send(connectPacket(options));
  const connack = await client.expect("connack");
  return { client, returnCode: connack.returnCode ?? -1 };
}

/** Subscribes with quality of service 1 and gives what was granted: 1, or 128 for a refusal. */
export async function subscribeRaw(client: RawMqttClient, filters: readonly string[]): Promise<readonly number[]> {
  const messageId = 1 + client.received.length;
  client.send({ cmd: "subscribe", messageId, subscriptions: filters.map((topic) => ({ topic, qos: 1 })) });
  const suback = await client.expect("suback", (packet) => packet.messageId === messageId);
  return suback.granted.map(Number);
}
