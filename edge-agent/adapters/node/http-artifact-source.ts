import type { IncomingMessage } from "node:http";
import type { ArtifactSource } from "../../core/ports.ts";
import type { Digest } from "../../../proto/ids.ts";
import { seconds } from "../../../proto/units.ts";
import type { ServerAccess } from "./http-request.ts";
import { ArtifactFetchError, beginningOf, serverAccess } from "./http-request.ts";

export interface HttpArtifactSourceOptions extends ServerAccess {
  /** A server that sends nothing for this long is given up. */
  readonly silenceMs?: number;
}

/** `GET <server>/artifacts/<digest>` from a byte on. It only carries bytes: what they are worth is the file store's question. */
export function httpArtifactSource(options: HttpArtifactSourceOptions): ArtifactSource {
  const { base, authorization, get } = serverAccess(options);
  const silenceMs = options.silenceMs ?? seconds(30);

  return {
    name: base,
    async *fetch(digest, offset, signal, end) {
      const url = new URL(`artifacts/${digest}`, base);
      const headers = { authorization, ...(offset > 0 ? { range: `bytes=${offset}-${end - 1}` } : {}) };
      const response = await get(url, headers, silenceMs, signal);
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
