import type { IncomingMessage } from "node:http";
import { RequestError } from "./request-error.ts";

// The API is for programs on the device. A page in a browser there must not reach it, whatever site it came from: neither by a
// host name of its own that leads to 127.0.0.1 (DNS rebinding), nor by a request that browsers send to foreign servers without
// asking (a form, or a script that may not read the answer).

const loopbackNames: readonly string[] = ["localhost", "127.0.0.1", "[::1]"];

/** Over a socket file there is no browser. */
export function checkHost(request: IncomingMessage): void {
  const host = (request.headers.host ?? "").replace(/:\d+$/, "").toLowerCase();
  if (!loopbackNames.includes(host))
    throw new RequestError(421, "refused", `this server answers to localhost only, not to "${host}"`);
}

/**
 * Browsers send these types to foreign servers only after they were allowed to, and nothing here allows it. Requests without a
 * type, as Triton's clients send them, are taken when no browser has put the origin of a page on them.
 */
export function checkContentType(request: IncomingMessage): void {
  const type = request.headers["content-type"];
  if (type === undefined && request.headers.origin === undefined) return;
  if (/^application\/(json|octet-stream|vnd\.[\w.+-]*json)\s*(;|$)/i.test(type ?? "")) return;
  throw new RequestError(
    415,
    "refused",
    "the content type must be application/json, or application/octet-stream with binary tensors (curl: -H 'content-type: application/json')",
  );
}
