import { base64OfBytes, bytesOfText } from "../../../proto/bytes.ts";
import type { DeviceId } from "../../../proto/ids.ts";
import { seconds } from "../../../proto/units.ts";
import { linkedAbort } from "../../core/linked-abort.ts";
import type { ArtifactSource } from "../../core/ports.ts";

export class ArtifactFetchError extends Error {
  override readonly name = "ArtifactFetchError";
}

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
export function httpArtifactSource({ server, device, secret }: HttpArtifactSourceOptions): ArtifactSource {
  const base = server.endsWith("/") ? server : `${server}/`;
  const authorization = `Basic ${base64OfBytes(bytesOfText(`${device}:${secret}`))}`;
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
        // Nothing is behind the offset: the whole file was there already.
        if (response.status === 416 && offset > 0) return;
        let skip = await bytesToSkip(response, digest, offset);
        for await (const chunk of response.body ?? []) {
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

/** How many bytes come before the offset: a server may ignore the range and send the whole file. */
async function bytesToSkip(response: Response, digest: string, offset: number): Promise<number> {
  if (response.status === 200) return offset;
  if (response.status === 206) {
    const given = response.headers.get("content-range") ?? "";
    const range = /^bytes (\d+)-/.exec(given);
    if (range !== null && Number(range[1]) <= offset) return offset - Number(range[1]);
    throw new ArtifactFetchError(
      `the server sent "${given}" of ${digest} where bytes from ${offset} on were asked for`,
    );
  }
  const reason = (await response.text()).slice(0, 300).trim();
  throw new ArtifactFetchError(`the server refused ${digest} with status ${response.status}: ${reason}`);
}
