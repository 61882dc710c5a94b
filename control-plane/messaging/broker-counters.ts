/** Why a client was turned away, or one of its wishes was. */
const refusalReasons = [
  "stopping",
  "too-many-connections",
  "too-many-of-address",
  "address-rate",
  "tls",
  "connection-rate",
  "client-id",
  "will",
  "credential",
  "authentication-timeout",
  "authentication-failure",
  "publish",
  "filter",
  "delivery",
  "packet-size",
  "protocol",
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** Why a message that was well formed and allowed went no further. */
const dropReasons = ["message-rate", "slow-reader", "handler-failure"] as const;
type DropReason = (typeof dropReasons)[number];

export interface BrokerCounters {
  readonly refused: Readonly<Record<RefusalReason, number>>;
  readonly dropped: Readonly<Record<DropReason, number>>;
  /** Messages that were held back for a while because their device sent too many. */
  readonly slowed: number;
  /** Connections that replaced a connection of the same device. */
  readonly takeovers: number;
  readonly received: number;
  readonly pushed: number;
}

export interface MutableBrokerCounters extends BrokerCounters {
  readonly refused: Record<RefusalReason, number>;
  readonly dropped: Record<DropReason, number>;
  slowed: number;
  takeovers: number;
  received: number;
  pushed: number;
}

function zeroes<Key extends string>(keys: readonly Key[]): Record<Key, number> {
  return Object.fromEntries(keys.map((key) => [key, 0])) as Record<Key, number>;
}

export function createCounters(): MutableBrokerCounters {
  return {
    refused: zeroes(refusalReasons),
    dropped: zeroes(dropReasons),
    slowed: 0,
    takeovers: 0,
    received: 0,
    pushed: 0,
  };
}

export function copyOfCounters(counters: BrokerCounters): BrokerCounters {
  return { ...counters, refused: { ...counters.refused }, dropped: { ...counters.dropped } };
}
