import type { Server } from "node:net";
import { isIPv4 } from "node:net";

/**
 * How many connections one address has. Many devices may stand behind one (a site with a router), so what is sensible is well above a site; what
 * comes from this machine, or through a proxy that somebody named, says nothing about who it is, and is not counted.
 */
export interface AddressCap {
  /** False: it has as many as it may. */
  enter(address: string | undefined): boolean;
  /** Once for each time that it entered. */
  leave(address: string | undefined): void;
}

export type IsExempt = (address: string) => boolean;

export function createAddressCap(most: number, isExempt: IsExempt): AddressCap {
  const open = new Map<string, number>();
  return {
    enter(address) {
      if (address === undefined || isExempt(plainAddress(address))) return true;
      const group = addressGroup(address);
      const count = open.get(group) ?? 0;
      if (count >= most) return false;
      open.set(group, count + 1);
      return true;
    },
    leave(address) {
      if (address === undefined || isExempt(plainAddress(address))) return;
      const group = addressGroup(address);
      const count = (open.get(group) ?? 0) - 1;
      if (count > 0) open.set(group, count);
      else open.delete(group);
    },
  };
}

/** Before anything else hears of a connection: one too many is ended, and `onRefused` is told. */
export function capConnections(server: Server, cap: AddressCap, onRefused: (address: string) => void): void {
  server.prependListener("connection", (socket) => {
    const address = socket.remoteAddress;
    if (cap.enter(address)) {
      socket.once("close", () => cap.leave(address));
      return;
    }
    socket.on("error", () => undefined);
    socket.destroy();
    onRefused(address ?? "");
  });
}

/** This machine, and the proxies that are named. */
export function exemptAddresses(proxies: readonly string[]): IsExempt {
  const named = new Set(proxies.map(plainAddress));
  return (address) => address.startsWith("127.") || address === "::1" || named.has(address);
}

/** An IPv4 address that came over an IPv6 socket, as what it is. Example: "::ffff:10.0.0.7" is "10.0.0.7". */
export function plainAddress(address: string): string {
  const inner = /^::ffff:(?=\d+\.)/i.test(address) ? address.slice(7) : address;
  return inner.toLowerCase();
}

/**
 * What one customer has: an IPv4 address, or the first 64 bits of an IPv6 address, behind which everybody has more addresses than could
 * be counted.
 *
 * Example: "2001:db8::5:6:7" is in "2001:db8:0:0".
 */
export function addressGroup(address: string): string {
  const plain = plainAddress(address);
  if (isIPv4(plain)) return plain;
  const [head = "", tail = ""] = plain.split("%", 1)[0]?.split("::") ?? [];
  const before = head === "" ? [] : head.split(":");
  const after = tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, 8 - before.length - after.length) }, () => "0");
  return [...before, ...zeros, ...after].slice(0, 4).join(":");
}
