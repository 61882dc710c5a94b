import type { IncomingMessage } from "node:http";
import { get } from "node:http";
import { get as getSecurely } from "node:https";
import type { ArtifactSource } from "../../core/ports.ts";
import type { DeviceId, Digest } from "../../../proto/ids.ts";
import { kibibytes, seconds } from "../../../proto/units.ts";

export class ArtifactFetchError extends Error {
  override readonly name = "ArtifactFetchError";
}

export interface HttpArtifactSourceOptions {
  /** The control plane's address, such as `http://hub.local:8080`. */
  readonly server: string;
  readonly device: DeviceId;
  readonly secret: string;
  /** A server that sends nothing for this long is given up. */
  readonly silenceMs?: number;
}

/** `GET <server>/artifacts/<digest>` from a byte on. It only carries bytes: what they are worth is the file store's question. */
export function httpArtifactSource(options: HttpArtifactSourceOptions): ArtifactSource {
  const base = options.server.endsWith("/") ? options.server : `${options.server}/`;
  const authorization = `Basic ${Buffer.from(`${options.device}:${options.secret}`).toString("base64")}`;
  const silenceMs = options.silenceMs ?? seconds(30);

  return {
    async *fetch(digest, offset, signal) {
      const url = new URL(`artifacts/${digest}`, base);
      const headers = { authorization, ...(offset > 0 ? { range: `bytes=${offset}-` } : {}) };
      const response = await ask(url, headers, silenceMs, signal);
      try {
        // Nothing is behind the offset: the whole file was there already.
        if (response.statusCode === 416 && offset > 0) return;
        let skip = await bytesToSkip(response, digest, offset);
        for await (const chunk of response as AsyncIterable<Buffer>) {
          const bytes = chunk.subarray(skip);
          skip -= chunk.length - bytes.length;
          if (bytes.length > 0) yield bytes;
        }
      } catch (error) {
        signal.throwIfAborted();
        throw error instanceof ArtifactFetchError
          ? error
          : new ArtifactFetchError(`the connection was lost while ${digest} came from ${url.origin}`, { cause: error });
      } finally {
        response.destroy();
      }
    },
  };
}

function ask(
  url: URL,
  headers: Readonly<Record<string, string>>,
  silenceMs: number,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const start = url.protocol === "https:" ? getSecurely : get;
    const request = start(url, { headers, signal, timeout: silenceMs }, resolve);
    request.once("timeout", () => request.destroy(new Error(`${url.origin} sent nothing for ${silenceMs} ms`)));
    request.once("error", (error) => {
      if (signal.aborted) reject(signal.reason as Error);
      else reject(new ArtifactFetchError(`${url.href} could not be fetched: ${error.message}`, { cause: error }));
    });
  });
}

/** How many bytes come before the offset: a server may ignore the range and send the whole file. */
async function bytesToSkip(response: IncomingMessage, digest: Digest, offset: number): Promise<number> {
  if (response.statusCode === 200) return offset;
  if (response.statusCode === 206) {
    const range = /^bytes (\d+)-/.exec(response.headers["content-range"] ?? "");
    if (range !== null && Number(range[1]) <= offset) return offset - Number(range[1]);
    throw new ArtifactFetchError(
      `the server sent "${response.headers["content-range"] ?? ""}" of ${digest} where bytes from ${offset} on were asked for`,
    );
  }
  const reason = (await beginningOf(response)).trim();
  throw new ArtifactFetchError(`the server refused ${digest} with status ${response.statusCode ?? 0}: ${reason}`);
}

async function beginningOf(response: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of response as AsyncIterable<Buffer>) {
    text += chunk.toString("utf8");
    if (text.length > kibibytes(1)) break;
  }
  return text.slice(0, 300);
}
