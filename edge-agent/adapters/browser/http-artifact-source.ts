import { base64OfBytes, bytesOfText } from "../../../proto/bytes.ts";
import type { DeviceId } from "../../../proto/ids.ts";
import { seconds } from "../../../proto/units.ts";
import { linkedAbort } from "../../core/linked-abort.ts";
import type { ArtifactSource } from "../../core/ports.ts";
import { ArtifactFetchError, bytesToSkip } from "../portable/artifact-range.ts";
import { streamChunks } from "./stream-chunks.ts";

export interface HttpArtifactSourceOptions {
  readonly server: string;
  readonly device: DeviceId;
  readonly secret: string;
}

/** A server that sends nothing for this long is given up. */
const silenceMs = seconds(30);

/**
 * `GET <server>/artifacts/<digest>` from a byte on. It only carries bytes: what they are worth is the file store's question. Where
 * the browser lets the page not read from that server, it fails at once, and the agent asks for blocks over MQTT.
 */
export function httpArtifactSource(options: HttpArtifactSourceOptions): ArtifactSource {
  const { base, authorization } = serverAccess(options);
  return {
    name: base,
    async *fetch(digest, offset, signal, end) {
      using scope = linkedAbort(signal);
      const url = new URL(`artifacts/${digest}`, base);
      const silence = () => scope.abort(new ArtifactFetchError(`${url.origin} sent nothing for ${silenceMs} ms`));
      let timer = setTimeout(silence, silenceMs);
      try {
        const response = await fetch(url, {
          headers: { authorization, ...(offset > 0 && { range: `bytes=${offset}-${end - 1}` }) },
          // The file store keeps it: a copy in the browser's cache would halve the room.
          cache: "no-store",
          credentials: "omit",
          signal: scope.signal,
        });
        const contentRange = response.headers.get("content-range") ?? "";
        let skip = bytesToSkip({ status: response.status, contentRange }, digest, offset);
        if (skip === "nothing") return;
        if (skip === undefined) {
          const reason = (await response.text()).slice(0, 300).trim();
          throw new ArtifactFetchError(`the server refused ${digest} with status ${response.status}: ${reason}`);
        }
        for await (const chunk of response.body === null ? [] : streamChunks(response.body)) {
          clearTimeout(timer);
          timer = setTimeout(silence, silenceMs);
          const bytes = chunk.subarray(skip);
          skip -= chunk.length - bytes.length;
          if (bytes.length > 0) yield bytes;
        }
      } catch (error) {
        signal.throwIfAborted();
        throw error instanceof ArtifactFetchError
          ? error
          : new ArtifactFetchError(`${url.href} could not be fetched: ${String(error)}`, { cause: error });
      } finally {
        clearTimeout(timer);
        scope.abort(new ArtifactFetchError("the rest is no longer needed"));
      }
    },
  };
}

export function serverAccess({ server, device, secret }: HttpArtifactSourceOptions) {
  return {
    base: server.endsWith("/") ? server : `${server}/`,
    authorization: `Basic ${base64OfBytes(bytesOfText(`${device}:${secret}`))}`,
  };
}
