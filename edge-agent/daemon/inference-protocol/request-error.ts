import type { IncomingMessage } from "node:http";

/** What a client can tell apart without reading the sentence. It travels in the header `sedge-error`. */
export type ErrorKind =
  | "invalid-input"
  | "not-found"
  | "refused"
  | "too-large"
  | "model-not-ready"
  | "overloaded"
  | "deadline-exceeded"
  | "failed";

/** What a request is answered with when it goes wrong: the sentence becomes `{"error": …}`, as the protocol has it. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly status: number;
  readonly kind: ErrorKind;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, kind: ErrorKind, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.kind = kind;
    this.headers = headers;
  }
}

/** A moment's trouble: 503, with when to come again, in whole seconds (RFC 9110, 10.2.3) and exactly. */
export function comeAgain(kind: "overloaded" | "model-not-ready", message: string, afterMs: number): RequestError {
  return new RequestError(503, kind, message, {
    "retry-after": String(Math.max(1, Math.ceil(afterMs / 1_000))),
    "retry-after-ms": String(Math.max(1, Math.ceil(afterMs))),
  });
}

/** Soon enough for an application that waits, seldom enough for a device that starts. */
export const notReadyRetryMs = 1_000;

/** Throws RequestError. */
export function requireMethod(request: IncomingMessage, method: "GET" | "POST"): void {
  if (request.method === method) return;
  throw new RequestError(405, "refused", `use ${method} here`, { allow: method });
}
