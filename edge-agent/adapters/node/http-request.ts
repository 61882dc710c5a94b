import type { IncomingMessage } from "node:http";
import { request as requestPlainly } from "node:http";
import { request as requestSecurely } from "node:https";
import type { DeviceId } from "../../../proto/ids.ts";
import { kibibytes } from "../../../proto/units.ts";
import { ArtifactFetchError } from "../portable/artifact-range.ts";

/** How a device reaches its control plane over HTTP. */
export interface ServerAccess {
  /** The control plane's address, such as `http://hub.local:8080`. */
  readonly server: string;
  readonly device: DeviceId;
  readonly secret: string;
  /** PEM; vouches for the server over TLS, and no other does. Undefined: those that Node knows. */
  readonly serverAuthority?: string | undefined;
}

export function serverAccess({ server, device, secret, serverAuthority }: ServerAccess) {
  return {
    base: server.endsWith("/") ? server : `${server}/`,
    authorization: `Basic ${Buffer.from(`${device}:${secret}`).toString("base64")}`,
    get: (url: URL, headers: Readonly<Record<string, string>>, silenceMs: number, signal: AbortSignal) =>
      httpRequest(url, { headers, silenceMs, serverAuthority }, signal),
  };
}

export interface HttpRequestOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** A GET without it, a POST with it. */
  readonly body?: string;
  /** A server that sends nothing for so long is given up. */
  readonly silenceMs: number;
  readonly serverAuthority?: string | undefined;
}

/** The answer's head; the caller destroys the answer. Rejects with ArtifactFetchError, or with the signal's reason. */
export function httpRequest(url: URL, options: HttpRequestOptions, signal: AbortSignal): Promise<IncomingMessage> {
  const { headers, body, silenceMs, serverAuthority: ca } = options;
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const common = { method: body === undefined ? "GET" : "POST", headers, signal, timeout: silenceMs };
    let answer: IncomingMessage | undefined;
    const take = (response: IncomingMessage) => {
      answer = response;
      resolve(response);
    };
    const request =
      url.protocol === "https:"
        ? requestSecurely(url, { ...common, ...(ca !== undefined && { ca }) }, take)
        : requestPlainly(url, common, take);
    request.on("timeout", () => {
      // What lies here unread has come: it is the reader who takes its time.
      if ((answer?.readableLength ?? 0) > 0) request.socket?.setTimeout(silenceMs);
      else request.destroy(new Error(`${url.origin} sent nothing for ${silenceMs} ms`));
    });
    request.once("error", (error) => {
      if (signal.aborted) reject(signal.reason as Error);
      else reject(new ArtifactFetchError(`${url.href} could not be fetched: ${error.message}`, { cause: error }));
    });
    request.end(body);
  });
}

/** For messages and short answers. */
export async function beginningOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response as AsyncIterable<Buffer>) {
    text += chunk.toString("utf8");
    if (text.length > kibibytes(1)) break;
  }
  return text.slice(0, 300);
}
