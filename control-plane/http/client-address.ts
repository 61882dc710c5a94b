import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { plainAddress } from "../messaging/address-limits.ts";

/**
 * Who asks: the address of the socket, or, where that is a proxy that somebody named, the last one that the proxy itself wrote into
 * X-Forwarded-For; what stands before it the client could have written. Undefined where no socket is known.
 */
export function clientAddress(c: Context, proxies: readonly string[]): string | undefined {
  const socket = (c.env as Partial<HttpBindings> | undefined)?.incoming?.socket.remoteAddress;
  if (socket === undefined || !proxies.includes(plainAddress(socket))) return socket;
  const forwarded = c.req.header("x-forwarded-for")?.split(",").at(-1)?.trim();
  return forwarded === undefined || forwarded === "" ? socket : withoutPort(forwarded);
}

/** Some proxies write the port too, which is another one for each connection. Examples: "192.0.2.7:4711", "[2001:db8::7]:4711". */
function withoutPort(text: string): string {
  return /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(text)?.[1] ?? /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? text;
}
