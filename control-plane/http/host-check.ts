import type { MiddlewareHandler } from "hono";
import { HttpProblemError, problemOf } from "./problem.ts";

const loopbackNames = new Set(["localhost", "127.0.0.1", "[::1]"]);

/**
 * A page in a browser can point its own name at 127.0.0.1 and then talk to this server as if it were its own (DNS rebinding). What gives it
 * away is the Host header: a server that is bound to loopback answers only for the names of loopback.
 */
export function answersForHost(boundUrl: string, host: string | undefined): boolean {
  if (!loopbackNames.has(new URL(boundUrl).hostname)) return true;
  return host !== undefined && loopbackNames.has(hostnameOf(host) ?? "");
}

export function hostCheck(boundUrl: () => string): MiddlewareHandler {
  return async (c, next) => {
    const host = c.req.header("host") ?? new URL(c.req.url).host;
    if (!answersForHost(boundUrl(), host))
      throw new HttpProblemError(
        problemOf(
          "misdirected-request",
          `bound to loopback, so it answers for localhost and 127.0.0.1, not for "${host}"`,
        ),
      );
    await next();
  };
}

/**
 * Whether a page of this origin was served here: the server is bound to `boundUrl`, and the browser that asks reached this machine
 * under `requestHost`. The names of loopback are one name.
 */
export function isOwnOrigin(boundUrl: string, origin: string, requestHost: string): boolean {
  if (!URL.canParse(origin) || !answersForHost(boundUrl, requestHost)) return false;
  const bound = new URL(boundUrl);
  const { protocol, port, hostname } = new URL(origin);
  const reached = hostnameOf(requestHost);
  const isSameHost = hostname === reached || [hostname, reached ?? ""].every((name) => loopbackNames.has(name));
  return protocol === bound.protocol && port === bound.port && isSameHost;
}

export function isLoopback(host: string): boolean {
  return loopbackNames.has(host) || host === "::1";
}

/** Without the port; undefined when it is no host at all. */
function hostnameOf(host: string): string | undefined {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined;
}

/** A wildcard address, under which nobody can reach the server, with the host by which the client did; others as they are. */
export function reachableUrl(boundUrl: string, requestHost: string): string {
  const url = new URL(boundUrl);
  const hostname = hostnameOf(requestHost);
  if ((url.hostname !== "0.0.0.0" && url.hostname !== "[::]") || hostname === undefined) return boundUrl;
  url.hostname = hostname;
  return url.pathname === "/" && !boundUrl.endsWith("/") ? url.href.slice(0, -1) : url.href;
}
