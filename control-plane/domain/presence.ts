/**
 * What the control plane believes about a device's connection.
 *
 * It starts as unknown, and becomes unknown again when the broker restarts: that says nothing about the devices. A birth makes it
 * online; the boot id and connection counter of birth and will tell which connection is meant. The will of that very connection
 * makes it offline. A late will of an old connection, which brokers deliver after the new one is up, changes nothing. A closed
 * connection alone changes nothing either: a device on a bad radio link is back in seconds. Only silence for
 * `limits.offlineAfterMs` makes it offline. Whatever an online device sends is a sign of life, a
 * PINGREQ too; an offline one must say its birth again.
 */
import { limits } from "../../proto/limits.ts";

export type Presence =
  | { readonly kind: "unknown" }
  | {
      readonly kind: "online";
      readonly bootId: string;
      readonly connection: number;
      readonly sinceMs: number;
      readonly lastSeenMs: number;
    }
  | { readonly kind: "offline"; readonly sinceMs: number; readonly lastSeenMs: number };

/** Devices of the fleet; revoked ones are counted only as such. */
export type PresenceCounts = Readonly<Record<Presence["kind"] | "revoked", number>>;

/** The part of birth, status and will that names one connection of one life of the agent. */
export interface ConnectionName {
  readonly bootId: string;
  readonly connection: number;
}

export const unknownPresence: Presence = { kind: "unknown" };

/** The broker accepted a connection. Who it is, the birth will tell; a device that was online has shown a sign of life. */
export function onConnected(presence: Presence, now: number): Presence {
  return onSeen(presence, now);
}

/** A birth that was overtaken by the one of a later connection of the same life is ignored. */
export function onBirth(presence: Presence, birth: ConnectionName, now: number): Presence {
  if (presence.kind === "online" && presence.bootId === birth.bootId && birth.connection < presence.connection)
    return presence;
  if (presence.kind === "online" && isSame(presence, birth)) return onSeen(presence, now);
  return { kind: "online", bootId: birth.bootId, connection: birth.connection, sinceMs: now, lastSeenMs: now };
}

/** Status messages and wills. */
export function onStatus(
  presence: Presence,
  status: ConnectionName & { readonly state: "online" | "offline" },
  now: number,
): Presence {
  return status.state === "online" ? onBirth(presence, status, now) : onWill(presence, status, now);
}

/** Counts only when it speaks of the connection that is believed to be up. */
export function onWill(presence: Presence, will: ConnectionName, now: number): Presence {
  if (presence.kind !== "online" || !isSame(presence, will)) return presence;
  return { kind: "offline", sinceMs: now, lastSeenMs: presence.lastSeenMs };
}

/** Any message from the device. */
export function onSeen(presence: Presence, now: number): Presence {
  return presence.kind === "online" && now > presence.lastSeenMs ? { ...presence, lastSeenMs: now } : presence;
}

/** The broker lost the connection: until then the device was there. `afterSilence` decides what that means. */
export function onDisconnected(presence: Presence, now: number): Presence {
  return onSeen(presence, now);
}

/** To be asked from time to time: an online device that was silent for too long is offline. */
export function afterSilence(presence: Presence, now: number): Presence {
  if (presence.kind !== "online" || !isSilent(presence.lastSeenMs, now)) return presence;
  return { kind: "offline", sinceMs: now, lastSeenMs: presence.lastSeenMs };
}

/** Whether the last sign of life is so old that an online device would be called offline. */
export function isSilent(lastSeenMs: number, now: number): boolean {
  return now - lastSeenMs >= limits.offlineAfterMs;
}

function isSame(a: ConnectionName, b: ConnectionName): boolean {
  return a.bootId === b.bootId && a.connection === b.connection;
}
