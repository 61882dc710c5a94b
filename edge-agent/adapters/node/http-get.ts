import type { IncomingMessage } from "node:http";
import { get } from "node:http";
import { get as getSecurely } from "node:https";
import type { DeviceId } from "../../../proto/ids.ts";
import { kibibytes } from "../../../proto/units.ts";

export class ArtifactFetchError extends Error {
  override readonly name = "ArtifactFetchError";
}

/** How a device reaches its control plane over HTTP. */
export interface ServerAccess {
  /** The control plane's address, such as `http://hub.local:8080`. */
  readonly server: string;
  readonly device: DeviceId;
  readonly secret: string;
}

export function serverAccess({ server, device, secret }: ServerAccess) {
  return {
    base: server.endsWith("/") ? server : `${server}/`,
    authorization: `Basic ${Buffer.from(`${device}:${secret}`).toString("base64")}`,
  };
}

/** The answer's head; the caller destroys the answer. Rejects with ArtifactFetchError, or with the signal's reason. */
export function httpGet(
  url: URL,
  headers: Readonly<Record<string, string>>,
  silenceMs: number,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const start = url.protocol === "https:" ? getSecurely : get;
    let answer: IncomingMessage | undefined;
    const request = start(url, { headers, signal, timeout: silenceMs }, (response) => {
      answer = response;
      resolve(response);
    });
    request.on("timeout", () => {
      // What lies here unread has come: it is the reader who takes its time.
      if ((answer?.readableLength ?? 0) > 0) request.socket?.setTimeout(silenceMs);
      else request.destroy(new Error(`${url.origin} sent nothing for ${silenceMs} ms`));
    });
    request.once("error", (error) => {
      if (signal.aborted) reject(signal.reason as Error);
      else reject(new ArtifactFetchError(`${url.href} could not be fetched: ${error.message}`, { cause: error }));
    });
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
