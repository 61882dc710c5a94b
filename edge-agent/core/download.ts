import type { FileReference } from "../../proto/manifest.ts";
import type { DownloadPace } from "./download-pace.ts";
import type { ArtifactSource, Clock, FileStore, Logger } from "./ports.ts";
import { DigestMismatchError, NoSpaceError } from "./ports.ts";

export interface DownloadPorts {
  readonly files: FileStore;
  readonly sources: readonly ArtifactSource[];
  readonly clock: Clock;
  readonly log: Logger;
  /** Shared by all downloads. */
  readonly pace: Pick<DownloadPace, "pay">;
}

/** No source gave the file in any of the rounds; it can be tried again later, and goes on where it was. */
export class DownloadError extends Error {
  override readonly name = "DownloadError";
}

const rounds = 3;

/**
 * Brings a file onto the device under its digest. The sources are tried in their order; one that breaks off is followed by the
 * next, which goes on at the same byte, and one whose bytes are wrong by the next from the start. Between two rounds it waits
 * for the next of `delays`. Rejects with NoSpaceError when the device has no room, with DownloadError when no source helped.
 */
export async function download(
  file: FileReference,
  ports: DownloadPorts,
  delays: Iterator<number>,
  signal: AbortSignal,
): Promise<void> {
  if (await ports.files.has(file.digest)) return;
  const failures = new Set<string>();
  for (let round = 0; round < rounds; round++) {
    if (round > 0) await ports.clock.sleep(Number(delays.next().value), signal);
    for (const source of ports.sources) {
      signal.throwIfAborted();
      try {
        await downloadFrom(source, file, ports, signal);
        return;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof NoSpaceError) throw error;
        const failure = error instanceof Error ? error.message : String(error);
        const isWrong = error instanceof DigestMismatchError;
        ports.log.warn({ file: file.digest, failure }, isWrong ? "a source sent wrong bytes" : "a source broke off");
        failures.add(failure);
      }
    }
  }
  throw new DownloadError(`${file.digest} could not be fetched: ${[...failures].join("; ") || "there is no source"}`);
}

async function downloadFrom(
  source: ArtifactSource,
  { digest, size }: FileReference,
  { files, pace }: DownloadPorts,
  signal: AbortSignal,
): Promise<void> {
  await using partial = await files.receive(digest, size);
  if (partial.resumeAt < size)
    for await (const bytes of source.fetch(digest, partial.resumeAt, signal)) {
      await partial.append(bytes);
      await pace.pay(bytes.length, signal);
    }
  await partial.commit();
}
