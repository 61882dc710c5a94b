import type { MqttClient } from "mqtt";
// Its build for browsers has no other export.
import mqtt from "mqtt";
import type { Clock, Connection, Logger, MessageBus } from "../../core/ports.ts";
import { decodeControlMessage, encodeDeviceMessage, leafOf } from "../../../proto/codec.ts";
import type { DeviceId } from "../../../proto/ids.ts";
import { limits } from "../../../proto/limits.ts";
import type { ControlMessage, DeviceMessage } from "../../../proto/messages.ts";
import { controlLeaves, parseTopic, topicOf, topicTable } from "../../../proto/topics.ts";
import { seconds } from "../../../proto/units.ts";
import { IncomingPackets } from "./incoming-packets.ts";
import { messageQueue } from "./message-queue.ts";

export class BusError extends Error {
  override readonly name = "BusError";
}

export interface MqttBusOptions {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`, in order of preference: a network may let only one of them through. */
  readonly urls: readonly string[];
  readonly device: DeviceId;
  readonly secret: string;
  /** PEM; vouches for the broker over TLS, and no other does. Undefined: those that the host knows. */
  readonly serverAuthority?: string | undefined;
  readonly clock: Clock;
  readonly log: Logger;
}

const connectTimeoutMs = seconds(15);
/** Messages that have come and were not looked at yet: one of the largest, and a burst of others. */
const mostWaitingBytes = 2 * limits.controlPacketBytes;
/** How long an orderly disconnect may take. */
const goodbyeMs = seconds(2);

/**
 * mqtt.js is only the wire here. What it offers beyond that is turned off: it would send a refused publish again for ever, forget
 * the oldest of many queued ones without a word, and reconnect without jitter. Each connection is a new client.
 */
export function mqttBus(options: MqttBusOptions): MessageBus {
  return {
    async connect(lastWill, signal) {
      const failures: string[] = [];
      for (const url of options.urls) {
        signal.throwIfAborted();
        try {
          return await connectTo(url, options, lastWill, signal);
        } catch (error) {
          signal.throwIfAborted();
          failures.push(`${url}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      throw new BusError(
        failures.length === 0 ? "this device has no MQTT address: enrol it again" : failures.join("; "),
      );
    },
  };
}

async function connectTo(
  url: string,
  options: MqttBusOptions,
  lastWill: DeviceMessage,
  signal: AbortSignal,
): Promise<Connection> {
  const { device, secret, serverAuthority, clock, log } = options;
  const client = mqtt.connect(url, {
    clientId: device,
    username: device,
    password: secret,
    ...(serverAuthority !== undefined && { ca: serverAuthority }),
    protocolVersion: 4,
    clean: true,
    keepalive: limits.keepAliveMs / 1_000,
    connectTimeout: connectTimeoutMs,
    reconnectPeriod: 0,
    queueQoSZero: false,
    resubscribe: false,
    timerVariant: "native",
    // A buffer for each of 65,536 numbers, made beforehand: 6 MB of a daemon's memory, for a message in seconds.
    writeCache: false,
    // A browser has no such limit; there the packet is refused when it has come.
    wsOptions: { maxPayload: limits.controlPacketBytes },
    will: { ...publication(device, lastWill), payload: encodeDeviceMessage(lastWill) as Buffer },
  });
  let lastError: Error | undefined;
  const messages = messageQueue<ControlMessage>(mostWaitingBytes);
  const packets = new IncomingPackets(limits.controlPacketBytes);
  const giveUp = (reason: string) => {
    lastError = new BusError(reason);
    log.warn({ url, reason }, "the connection to the broker is given up");
    client.end(true);
  };
  client.stream.on("data", (chunk: Uint8Array) => {
    if (!packets.fit(chunk)) giveUp(`the broker announced a packet of more than ${limits.controlPacketBytes} bytes`);
  });
  const gone = new AbortController();
  const closed = new Promise<void>((resolve) => {
    client.once("close", () => {
      gone.abort(new BusError("the connection to the broker was lost"));
      messages.end();
      // A client that is not ended keeps its timers, and what it could not send.
      client.end(true);
      resolve();
    });
  });
  client.on("error", (error) => {
    lastError = error;
  });
  client.on("message", (topic, payload) => {
    const message = readControlMessage(options, topic, payload);
    if (message !== undefined && !messages.push(message, payload.length))
      giveUp(`more than ${mostWaitingBytes} bytes of messages wait to be read`);
  });
  const abort = () => client.end(true);
  signal.addEventListener("abort", abort, { once: true });
  try {
    await Promise.race([
      new Promise((resolve) => client.once("connect", resolve)),
      closed.then(() => {
        throw lastError ?? new BusError("the broker closed the connection");
      }),
    ]);
    await subscribe(client, device, closed);
  } catch (error) {
    client.end(true);
    // What went wrong first says more than that the connection is gone.
    throw lastError ?? error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
  log.debug({ url }, "connected to the broker");

  return {
    messages,
    closed,
    async publish(message, publishSignal) {
      publishSignal.throwIfAborted();
      gone.signal.throwIfAborted();
      const { topic, qos, retain } = publication(device, message);
      const payload = encodeDeviceMessage(message) as Buffer;
      await unlessAborted([publishSignal, gone.signal], (resolve, reject) => {
        client.publish(topic, payload, { qos, retain }, (error) => (error ? reject(error) : resolve()));
      });
    },
    async close() {
      client.end(false);
      const inTime = new AbortController();
      await Promise.race([closed, clock.sleep(goodbyeMs, inTime.signal).catch(() => undefined)]);
      inTime.abort(new BusError("the connection is closed"));
      client.end(true);
      await closed;
    },
  };
}

function publication(device: DeviceId, message: DeviceMessage) {
  const leaf = leafOf(message);
  const { qos, retain } = topicTable[leaf];
  return { topic: topicOf(device, leaf), qos, retain };
}

async function subscribe(client: MqttClient, device: DeviceId, closed: Promise<void>): Promise<void> {
  const topics = controlLeaves.map((leaf) => [topicOf(device, leaf), { qos: topicTable[leaf].qos }] as const);
  const granted = await Promise.race([
    client.subscribeAsync(Object.fromEntries(topics)),
    closed.then((): never => {
      throw new BusError("the broker closed the connection while the device subscribed");
    }),
  ]);
  // 128 is a refusal. [MQTT-3.9.3-2]
  const refused = granted.filter(({ qos }) => (qos as number) === 128).map(({ topic }) => topic);
  if (refused.length > 0) throw new BusError(`the broker refused ${refused.join(", ")}`);
}

function readControlMessage(options: MqttBusOptions, topic: string, payload: Buffer): ControlMessage | undefined {
  // As a plain array: the core's data must not be Buffers, which are written as JSON in another way.
  const message = decodeControlMessage(new Uint8Array(payload.buffer, payload.byteOffset, payload.length));
  if (parseTopic(topic)?.device !== options.device || !message.ok) {
    const problems = message.ok ? ["the topic is not this device's"] : message.problems;
    options.log.warn({ topic, bytes: payload.length, problems }, "a message cannot be read and is left out");
    return undefined;
  }
  if (message.value.kind !== "unknown") return message.value;
  options.log.info({ topic, bytes: payload.length }, "a message of a newer control plane is left out");
  return undefined;
}

/** Settles as `start` says, or rejects with the reason of the first signal that is aborted before. */
async function unlessAborted(
  signals: readonly AbortSignal[],
  start: (resolve: () => void, reject: (error: Error) => void) => void,
): Promise<void> {
  // Not AbortSignal.any: in Node 20 a signal that lives long keeps every one that was ever made from it.
  const listeners: (() => void)[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      for (const signal of signals) {
        const abort = () => reject(signal.reason as Error);
        signal.addEventListener("abort", abort, { once: true });
        listeners.push(() => signal.removeEventListener("abort", abort));
      }
      start(resolve, reject);
    });
  } finally {
    for (const removeListener of listeners) removeListener();
  }
}
