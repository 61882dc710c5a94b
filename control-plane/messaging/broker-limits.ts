import { limits } from "../../proto/limits.ts";
import { kibibytes, mebibytes, seconds } from "../../proto/units.ts";
import type { BucketRule } from "./token-bucket.ts";

export interface BrokerLimits {
  /** Sockets of each listener that may be open at once; further ones are closed as they arrive. */
  readonly connections: number;
  /** Of them from one address, this machine and named proxies excepted: a site of many devices may have only one. */
  readonly connectionsOfAddress: number;
  /** CONNECT packets from one address, with the same exceptions. All of a site's devices come back at once after a power cut. */
  readonly addressConnectionRate: BucketRule;
  /** From the socket to a complete CONNECT. */
  readonly connectTimeoutMs: number;
  readonly authenticationTimeoutMs: number;
  /** The longest keep-alive a device may ask for; none at all is refused too. */
  readonly keepAliveSeconds: number;
  /** How long a subscriber that does not read keeps its connection. */
  readonly drainTimeoutMs: number;
  readonly packetBytesBeforeConnect: number;
  readonly packetBytes: number;
  readonly willBytes: number;
  /** Bytes that may wait for one device to read them before it is disconnected. */
  readonly backlogBytes: number;
  /** Filters of other devices that one connection may ask for before it is closed. */
  readonly refusedFilters: number;
  /** CONNECT packets of all devices together. */
  readonly connectionRate: BucketRule;
  /** Messages of one device, larger ones counting more (publish-pace.ts). Beyond it a device is slowed down, and beyond `longestDelayMs` its messages are dropped. */
  readonly messageRate: BucketRule;
  readonly longestDelayMs: number;
  /** Refusals that are written to the log; all of them are counted. */
  readonly refusalLogRate: BucketRule;
}

export const defaultBrokerLimits: BrokerLimits = {
  connections: 20_000,
  connectionsOfAddress: 2_000,
  addressConnectionRate: { perSecond: 50, burst: 1_000 },
  connectTimeoutMs: seconds(5),
  authenticationTimeoutMs: seconds(5),
  // A device that is silent for longer than one keep-alive and a half must not be called offline while it is well.
  keepAliveSeconds: (2 * limits.keepAliveMs) / 1_000,
  drainTimeoutMs: seconds(10),
  packetBytesBeforeConnect: limits.packetBytesBeforeConnect,
  packetBytes: limits.packetBytes,
  willBytes: kibibytes(1),
  backlogBytes: mebibytes(1),
  refusedFilters: 16,
  connectionRate: { perSecond: 500, burst: 2_000 },
  messageRate: { perSecond: 200, burst: 400 },
  longestDelayMs: seconds(1),
  refusalLogRate: { perSecond: 2, burst: 20 },
};
