import { Aedes } from "aedes";
import type { AedesPublishPacket, Client } from "aedes";
import type { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import type { IncomingMessage } from "node:http";
import type { DeviceId } from "../../proto/ids.ts";
import type { ControlLeaf, DeviceLeaf } from "../../proto/topics.ts";
import { deviceLeaves, isDeviceLeaf, parseTopic, topicOf, topicRoot, topicTable } from "../../proto/topics.ts";
import type { Logger, ServerIdentity } from "../application/ports.ts";
import type { IsExempt } from "./address-limits.ts";
import { exemptAddresses } from "./address-limits.ts";
import { createAddressPace } from "./address-pace.ts";
import type { Admitted } from "./broker-connection.ts";
import type { BrokerCounters } from "./broker-counters.ts";
import { copyOfCounters, createCounters } from "./broker-counters.ts";
import { createBrokerHooks } from "./broker-hooks.ts";
import type { BrokerLimits } from "./broker-limits.ts";
import { defaultBrokerLimits } from "./broker-limits.ts";
import type { ListenAddress } from "./broker-listeners.ts";
import { listen } from "./broker-listeners.ts";
import { holdReading } from "./held-reading.ts";
import { createRefusalRecord } from "./refusal-record.ts";
import { connectionEndOf } from "./client-errors.ts";
import type { Authenticate } from "./credential-check.ts";
import type { Presence } from "./device-directory.ts";
import { createDeviceDirectory } from "./device-directory.ts";
import { assertPacketCapFits, capPackets } from "./packet-cap.ts";

/**
 * The broker inside the control plane. A device connects over TCP or WebSocket, proves itself with its secret, and
 * speaks on its own topics only. What devices send reaches the control plane inside the process, in each device's
 * order, and what the control plane pushes goes out to whoever is connected: nothing is kept for an absent device,
 * because the database is the truth and a device is told everything when it comes back.
 */
export interface EmbeddedBrokerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** MQTT over WebSocket, when given; 0 takes a free port. */
  readonly webSocketPort?: number;
  /** Origins of web pages that may connect over WebSocket; none by default. */
  readonly webSocketOrigins?: readonly string[];
  /** Whether a page that this program serves itself has this origin, for a browser that reached it under `host`. */
  readonly isOwnOrigin?: (origin: string, host: string) => boolean;
  /** TLS on both ports when given. */
  readonly identity?: ServerIdentity | undefined;
  readonly authenticate: Authenticate;
  readonly log: Pick<Logger, "info" | "warn">;
  readonly limits?: Partial<BrokerLimits>;
  /** Addresses behind which stands more than one customer; this machine when it is left out. */
  readonly isExempt?: IsExempt;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Runs inside the broker's delivery: take the bytes and return, never wait. The payload is the handler's to keep. */
type MessageHandler = (device: DeviceId, leaf: DeviceLeaf, payload: Uint8Array) => void;
type PingHandler = (device: DeviceId) => void;
type PresenceHandler = (presence: Presence) => void;
type StopListening = () => void;

export interface EmbeddedBroker extends AsyncDisposable {
  readonly address: ListenAddress;
  readonly webSocketAddress: ListenAddress | undefined;
  /**
   * Hands a message to the device's connection, without waiting for it to be read; messages to one device keep their
   * order, and the bytes must not change afterwards. False when the device is not connected here, or reads so slowly
   * that it was disconnected instead.
   */
  publish(device: DeviceId, leaf: ControlLeaf, payload: Uint8Array): Promise<boolean>;
  onMessage(handler: MessageHandler): StopListening;
  /** A PINGREQ [MQTT-3.12]: all that a device sends which has nothing to say. */
  onPing(handler: PingHandler): StopListening;
  /** A shutdown of the broker is not reported: it says nothing about the devices. */
  onPresence(handler: PresenceHandler): StopListening;
  /** Ends the device's connection, as after its credential was withdrawn. False when there is none. */
  disconnect(device: DeviceId): boolean;
  connectedDevices(): readonly DeviceId[];
  counters(): BrokerCounters;
  close(): Promise<void>;
}

/** @throws PortInUseError, CannotListenError, UnsupportedBrokerLibraryError */
export async function startEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  const { log, now } = options;
  const limits: BrokerLimits = { ...defaultBrokerLimits, ...options.limits };
  const isExempt = options.isExempt ?? exemptAddresses([]);
  const counters = createCounters();
  const messageHandlers = new Set<MessageHandler>();
  const pingHandlers = new Set<PingHandler>();
  const presenceHandlers = new Set<PresenceHandler>();
  const refuse = createRefusalRecord(log, counters, limits.refusalLogRate, now);
  let stopping = false;

  const directory = createDeviceDirectory<Admitted>((presence) => {
    if (!stopping) tellAll(presenceHandlers, (handler) => handler(presence));
  }, now);
  const hooks = createBrokerHooks({
    authenticate: options.authenticate,
    limits,
    counters,
    directory,
    refuse,
    addressPace: createAddressPace(limits.addressConnectionRate, isExempt, now),
    now,
    isStopping: () => stopping,
    authenticationFailed: (device, cause) =>
      log.warn({ device, err: cause }, "a device's credential could not be checked"),
  });

  function tellAll<Handler>(handlers: ReadonlySet<Handler>, tell: (handler: Handler) => void): void {
    for (const handler of handlers) {
      try {
        tell(handler);
      } catch (error) {
        counters.dropped["handler-failure"] += 1;
        log.warn({ err: error }, "a handler of the broker failed");
      }
    }
  }

  const aedes = await startAedes();

  async function startAedes(): Promise<Aedes> {
    const broker = new Aedes({
      ...hooks.options,
      // 0 is no limit: with one, a single subscriber that does not read would hold up every other.
      concurrency: 0,
      connectTimeout: limits.connectTimeoutMs,
      drainTimeout: limits.drainTimeoutMs,
      keepaliveLimit: limits.keepAliveSeconds,
    });
    assertPacketCapFits(broker);
    // Its types do not mention this event, and without a listener it would end the process.
    const events: EventEmitter = broker;
    events.on("error", (error: Error) => log.warn({ err: error }, "the broker library reported an error"));
    await broker.listen();
    broker.on("clientError", recordEnd);
    broker.on("connectionError", recordEnd);
    broker.on("client", (client) => {
      const connection = hooks.admittedOf(client);
      if (connection !== undefined) directory.arrive(connection);
    });
    broker.on("clientDisconnect", depart);
    broker.on("ping", (_packet, client) => {
      const device = hooks.admittedOf(client)?.rights.device;
      if (device !== undefined) tellAll(pingHandlers, (handler) => handler(device));
    });
    await Promise.all(
      deviceLeaves.map(
        (leaf) => new Promise<void>((done) => broker.subscribe(`${topicRoot}/s/+/d/+/${leaf}`, receive, done)),
      ),
    );
    return broker;
  }

  function recordEnd(client: Client, error: Error): void {
    const end = connectionEndOf(error);
    if (end === "slow-reader") counters.dropped["slow-reader"] += 1;
    else if (end !== "ordinary") refuse(end, { ...(client.id ? { client: client.id } : {}), why: error.message });
  }

  function depart(client: Client): void {
    const connection = hooks.admittedOf(client);
    if (connection !== undefined) directory.depart(connection);
  }

  function receive(packet: AedesPublishPacket, done: () => void): void {
    const topic = parseTopic(packet.topic);
    if (topic !== undefined && isDeviceLeaf(topic.leaf)) {
      const { device, leaf } = topic;
      const payload = typeof packet.payload === "string" ? Buffer.from(packet.payload) : packet.payload;
      counters.received += 1;
      tellAll(messageHandlers, (handler) => handler(device, leaf, payload));
    }
    done();
  }

  function accept(stream: Duplex, request?: IncomingMessage): void {
    const client = aedes.handle(stream, request);
    holdReading(stream, () => hooks.admittedOf(client)?.pace.holds() ?? false);
    capPackets(client, () =>
      hooks.admittedOf(client) === undefined ? limits.packetBytesBeforeConnect : limits.packetBytes,
    );
    // The library announces no departure for a client that had lost its place in the library's own list.
    stream.once("close", () => depart(client));
  }

  const listeners = await listen({
    host: options.host,
    port: options.port,
    webSocketPort: options.webSocketPort,
    webSocketOrigins: options.webSocketOrigins ?? [],
    isOwnOrigin: options.isOwnOrigin ?? (() => false),
    identity: options.identity,
    limits,
    onStream: accept,
    onTooManyConnections: () => refuse("too-many-connections", { why: `${limits.connections} connections are open` }),
    isExempt,
    onTooManyOfAddress: (address) =>
      refuse("too-many-of-address", { why: `${address} has ${limits.connectionsOfAddress} connections` }),
    onHandshakeFailure: ({ message }) => refuse("tls", { why: message }),
    onError: (error) => log.warn({ err: error }, "a listener of the broker reported an error"),
  }).catch(async (error: unknown) => {
    await closeAedes();
    throw error;
  });

  function closeAedes(): Promise<void> {
    return new Promise((resolve) => aedes.close(() => resolve()));
  }

  let closing: Promise<void> | undefined;

  async function shutDown(): Promise<void> {
    stopping = true;
    listeners.stopAccepting();
    await Promise.all(
      directory.connections().map(({ client }) => new Promise<void>((done) => client.close(() => done()))),
    );
    await closeAedes();
    await listeners.close();
    messageHandlers.clear();
    pingHandlers.clear();
    presenceHandlers.clear();
  }

  const broker: EmbeddedBroker = {
    address: listeners.address,
    webSocketAddress: listeners.webSocketAddress,
    async publish(device, leaf, payload) {
      const connection = directory.get(device);
      if (connection === undefined || stopping) return false;
      if (connection.client.conn.writableLength > limits.backlogBytes) {
        counters.dropped["slow-reader"] += 1;
        connection.client.close();
        return false;
      }
      const { qos, retain } = topicTable[leaf];
      const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
      counters.pushed += 1;
      aedes.publish(
        { cmd: "publish", topic: topicOf(device, leaf), payload: bytes, qos, retain, dup: false },
        (error) => {
          if (error && !stopping) log.warn({ device, leaf, err: error }, "a push failed");
        },
      );
      return true;
    },
    onMessage: (handler) => listenWith(messageHandlers, handler),
    onPing: (handler) => listenWith(pingHandlers, handler),
    onPresence: (handler) => listenWith(presenceHandlers, handler),
    disconnect(device) {
      const connection = directory.get(device);
      connection?.client.close();
      return connection !== undefined;
    },
    connectedDevices: () => directory.devices(),
    counters: () => copyOfCounters(counters),
    close: () => (closing ??= shutDown()),
    [Symbol.asyncDispose]: () => broker.close(),
  };
  return broker;
}

function listenWith<Handler>(handlers: Set<Handler>, handler: Handler): StopListening {
  handlers.add(handler);
  return () => handlers.delete(handler);
}
