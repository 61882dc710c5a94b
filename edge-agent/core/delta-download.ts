import { applyDelta, readDeltaHeader } from "../../proto/delta/apply-delta.ts";
import { DeltaError } from "../../proto/delta/delta-error.ts";
import type { Digest } from "../../proto/ids.ts";
import type { ChunkedFile, FileReference } from "../../proto/manifest.ts";
import type { DeltaAnswer } from "../../proto/messages.ts";
import { minutes } from "../../proto/units.ts";
import type { ModelState } from "./agent-state.ts";
import type { DownloadPorts } from "./download.ts";
import { download } from "./download.ts";
import type { IncomingFile } from "./incoming-file.ts";
import { WrongChunkError } from "./incoming-file.ts";
import { openIncoming } from "./open-incoming.ts";
import type { DeltaPorts, DeltaSource } from "./ports.ts";
import { DigestMismatchError } from "./ports.ts";

export interface DeltaDownloadPorts extends DownloadPorts {
  readonly deltas: DeltaPorts | undefined;
  /** Rejects where there is no room for the delta beside the file that is made of it. */
  readonly claim: (delta: FileReference) => Promise<void>;
}

/** How long a device waits for a delta that is being made before it fetches the whole file. */
const longestWaitMs = minutes(5);

/** The model file on the device that a new version is most likely to resemble. */
export function deltaBaseOf(model: ModelState | undefined): Digest | undefined {
  return (model?.active ?? model?.previous)?.file;
}

/**
 * Tries to bring a file onto the device as what it differs in from `base`. Whatever goes wrong, the file is then simply not there and is
 * fetched whole: so this rejects for nothing but the signal. The file has its name only once its digest was found right; the delta is
 * removed, unless the agent is stopping: then it goes on with it later.
 */
export async function downloadAsDelta(
  file: ChunkedFile,
  base: Digest | undefined,
  ports: DeltaDownloadPorts,
  delays: Iterator<number>,
  signal: AbortSignal,
): Promise<void> {
  const { deltas, files, log } = ports;
  if (deltas === undefined || base === undefined || base === file.digest) return;
  try {
    if ((await files.has(file.digest)) || !(await files.has(base))) return;
    const delta = await askFor(base, file.digest, deltas, ports, signal);
    if (delta === undefined) return;
    const missing = await bytesMissing(file, ports);
    if (missing <= delta.size) return;
    await ports.claim(delta);
    await using _removed = removedAtTheEnd(delta.digest, ports, signal);
    await download(delta, ports, delays, signal);
    await makeFile({ delta, base, file, deltas }, missing < file.size, ports, signal);
    log.info({ file: file.digest, base, bytes: file.size, sent: delta.size }, "a file came as a delta");
  } catch (error) {
    signal.throwIfAborted();
    log.warn({ file: file.digest, base, failure: String(error) }, "no delta helps; the whole file is fetched");
  }
}

async function askFor(
  base: Digest,
  target: Digest,
  { sources }: DeltaPorts,
  ports: DeltaDownloadPorts,
  signal: AbortSignal,
): Promise<FileReference | undefined> {
  const { clock } = ports;
  const until = clock.monotonic() + longestWaitMs;
  for (;;) {
    const answer = await firstAnswer(sources, base, target, ports, signal);
    switch (answer.kind) {
      case "ready":
        return answer.file;
      case "none":
        return undefined;
      case "being-made":
        if (clock.monotonic() + answer.retryAfterMs > until) return undefined;
        await clock.sleep(answer.retryAfterMs, signal);
    }
  }
}

/** Rejects with the last failure when none of them answers. */
async function firstAnswer(
  sources: readonly DeltaSource[],
  base: Digest,
  target: Digest,
  { log }: DeltaDownloadPorts,
  signal: AbortSignal,
): Promise<DeltaAnswer> {
  let failure: unknown = new Error("there is nobody to ask for a delta");
  for (const source of sources)
    try {
      return await source.find(base, target, signal);
    } catch (error) {
      signal.throwIfAborted();
      log.debug({ file: target, failure: String(error) }, "a source cannot say whether there is a delta");
      failure = error;
    }
  throw failure;
}

/** An earlier attempt, with or without a delta, may have brought in nearly all of it. */
async function bytesMissing({ digest, size }: FileReference, { files }: DeltaDownloadPorts): Promise<number> {
  return Math.max(0, size - (await files.bytesOf(digest)));
}

function removedAtTheEnd(delta: Digest, { files }: DeltaDownloadPorts, signal: AbortSignal): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      if (!signal.aborted) await files.remove(delta);
    },
  };
}

interface Making {
  readonly delta: FileReference;
  readonly base: Digest;
  readonly file: ChunkedFile;
  readonly deltas: DeltaPorts;
}

async function makeFile(
  making: Making,
  hasBegun: boolean,
  ports: DeltaDownloadPorts,
  signal: AbortSignal,
): Promise<void> {
  try {
    await apply(making, ports, signal).catch(async (error: unknown) => {
      // What was there before may have been spoilt by a power cut. The wrong part is gone now, without hashes of chunks all of it, so one
      // more attempt makes it anew.
      if (!(error instanceof DigestMismatchError || error instanceof WrongChunkError) || !hasBegun) throw error;
      await apply(making, ports, signal);
    });
  } catch (error) {
    // A damaged delta may have begun with wrong bytes: the whole file must not go on behind them. Chunks are known to be right.
    if (error instanceof DeltaError && making.file.chunks === undefined) await ports.files.remove(making.file.digest);
    throw error;
  }
}

async function apply(
  { delta, base, file, deltas }: Making,
  ports: DeltaDownloadPorts,
  signal: AbortSignal,
): Promise<void> {
  await using patch = await ports.files.open(delta.digest);
  const header = await readDeltaHeader(patch);
  if (header.base.digest !== base || header.target.digest !== file.digest || header.target.size !== file.size)
    throw new DeltaError(`${delta.digest} makes ${header.target.digest} out of ${header.base.digest}`);
  await using from = await ports.files.open(base);
  await using incoming = await openIncoming(file, ports);
  let made = 0;
  for await (const bytes of applyDelta(patch, from, deltas.decompress, signal)) {
    await takeMissing(bytes, made, incoming);
    made += bytes.length;
  }
  await incoming.commit();
}

/** What an earlier attempt wrote is made again, because the coder learns from it, but not written again. */
async function takeMissing(bytes: Uint8Array, start: number, incoming: IncomingFile): Promise<void> {
  for (;;) {
    const missing = incoming.missing();
    if (missing === undefined || missing.from >= start + bytes.length) return;
    await incoming.take(bytes.subarray(missing.from - start, missing.to - start));
  }
}
