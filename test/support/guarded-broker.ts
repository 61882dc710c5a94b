import { setTimeout as delay } from "node:timers/promises";
import type { BrokerLimits } from "../../control-plane/messaging/broker-limits.ts";
import type { Authenticate } from "../../control-plane/messaging/credential-check.ts";
import type { Presence } from "../../control-plane/messaging/device-directory.ts";
import type { EmbeddedBroker, EmbeddedBrokerOptions } from "../../control-plane/messaging/embedded-broker.ts";
import { startEmbeddedBroker } from "../../control-plane/messaging/embedded-broker.ts";
import { patienceMs } from "./end-to-end-waiting.ts";
import type { RawConnectOptions, RawMqttClient } from "./raw-mqtt-client.ts";
import { connectRawClient } from "./raw-mqtt-client.ts";

/** A real broker on a free port of the loopback interface, and everything that has come out of it. */
export interface GuardedBroker extends AsyncDisposable {
  readonly broker: EmbeddedBroker;
  /** `device leaf text`, in the order of arrival. */
  readonly messages: readonly string[];
  /** `device connected` or `device disconnected`. */
  readonly presence: readonly string[];
}

export const rightSecret = "the right secret";

export async function startGuardedBroker(
  options: {
    readonly authenticate?: Authenticate;
    readonly limits?: Partial<BrokerLimits>;
    readonly isExempt?: (address: string) => boolean;
    readonly webSocket?: Pick<EmbeddedBrokerOptions, "webSocketOrigins">;
  } = {},
): Promise<GuardedBroker> {
  const broker = await startEmbeddedBroker({
    host: "127.0.0.1",
    port: 0,
    authenticate: options.authenticate ?? (async (_device, secret) => secret === rightSecret),
    log: { info() {}, warn() {} },
    now: Date.now,
    ...(options.isExempt === undefined ? {} : { isExempt: options.isExempt }),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    ...(options.webSocket === undefined ? {} : { webSocketPort: 0, ...options.webSocket }),
  });
  const messages: string[] = [];
  const presence: string[] = [];
  broker.onMessage((device, leaf, payload) => messages.push(`${device} ${leaf} ${Buffer.from(payload).toString()}`));
  broker.onPresence((change: Presence) => presence.push(`${change.device} ${change.kind}`));
  return { broker, messages, presence, [Symbol.asyncDispose]: () => broker.close() };
}

/** A device that is connected with the right secret. */
export async function connectDevice(
  broker: EmbeddedBroker,
  clientId: string,
  options: Partial<RawConnectOptions> = {},
): Promise<RawMqttClient> {
  const { client, returnCode } = await connectRawClient(broker.address, {
    clientId,
    password: rightSecret,
    ...options,
  });
  if (returnCode !== 0) throw new Error(`${clientId} was refused with ${returnCode}`);
  return client;
}

/** Waits for a condition, and fails with its name when it does not come true. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`this did not happen within ${patienceMs / 1_000} seconds: ${what}`);
    await delay(5);
  }
}
