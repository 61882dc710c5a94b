import type { IncomingMessage } from "node:http";
import type { ArtifactSource } from "../../core/ports.ts";
import type { Digest } from "../../../proto/ids.ts";
import { seconds } from "../../../proto/units.ts";
import { ArtifactFetchError, bytesToSkip } from "../portable/artifact-range.ts";
import type { ServerAccess } from "./http-request.ts";
import { beginningOf, serverAccess } from "./http-request.ts";

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
        const { statusCode: status = 0, headers: answered } = response;
        let skip = bytesToSkip({ status, contentRange: answered["content-range"] ?? "" }, digest, offset);
        if (skip === "nothing") return;
        if (skip === undefined) throw await refusal(response, digest);
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

async function refusal(response: IncomingMessage, digest: Digest): Promise<ArtifactFetchError> {
  const reason = (await beginningOf(response)).trim();
  return new ArtifactFetchError(`the server refused ${digest} with status ${response.statusCode ?? 0}: ${reason}`);
}
