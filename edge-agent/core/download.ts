import type { ChunkedFile } from "../../proto/manifest.ts";
import type { DownloadHistory } from "./download-plan.ts";
import { afterBreak, afterWrongChunk, nextRound, noHistory, planDownload } from "./download-plan.ts";
import type { DownloadPace } from "./download-pace.ts";
import type { IncomingFile, IncomingPorts } from "./incoming-file.ts";
import { WrongChunkError } from "./incoming-file.ts";
import { openIncoming } from "./open-incoming.ts";
import type { ArtifactSource, Clock, FileStore } from "./ports.ts";
import { DigestMismatchError, NoSpaceError } from "./ports.ts";

export interface DownloadPorts extends IncomingPorts {
  readonly files: FileStore;
  readonly sources: readonly ArtifactSource[];
  readonly clock: Clock;
  /** Shared by all downloads. */
  readonly pace: Pick<DownloadPace, "pay">;
}

/** No source gave the file in any of the rounds; it can be tried again later, and goes on where it was. */
export class DownloadError extends Error {
  override readonly name = "DownloadError";
}

/** The same part of a file comes wrong, whoever sends it: to try again later does not help. */
export class DamagedFileError extends Error {
  override readonly name = "DamagedFileError";
}

/** Every chunk of a file is what its hash says, and all together are not what the file's digest says. */
export class ContradictoryHashesError extends Error {
  override readonly name = "ContradictoryHashesError";
}

/**
 * Brings a file onto the device under its digest; download-plan.ts says from where. Between two rounds it waits for the next of `delays`.
 * Rejects with NoSpaceError when the device has no room, with DownloadError when no source helped, and where the manifest names hashes
 * of chunks with DamagedFileError or ContradictoryHashesError when none ever will.
 */
export async function download(
  file: ChunkedFile,
  ports: DownloadPorts,
  delays: Iterator<number>,
  signal: AbortSignal,
): Promise<void> {
  if (await ports.files.has(file.digest)) return;
  const fetching: Fetching = { file, ports, delays, history: noHistory, failures: new Set(), lastSource: undefined };
  for (;;) {
    await using incoming = await openIncoming(file, ports);
    await fill(incoming, fetching, signal);
    try {
      await incoming.commit();
      return;
    } catch (error) {
      if (!(error instanceof DigestMismatchError)) throw error;
      if (incoming.isProven)
        throw new ContradictoryHashesError(
          `the manifest's hashes of chunks are not those of ${file.digest}: ${error.message}`,
          { cause: error },
        );
      noteFailure(fetching, fetching.lastSource, error);
    }
  }
}

interface Fetching {
  readonly file: ChunkedFile;
  readonly ports: DownloadPorts;
  readonly delays: Iterator<number>;
  readonly failures: Set<string>;
  history: DownloadHistory;
  /** Undefined while everything was there already. */
  lastSource: number | undefined;
}

/** Resolves when nothing is missing. */
async function fill(incoming: IncomingFile, fetching: Fetching, signal: AbortSignal): Promise<void> {
  const { file, ports, delays, failures } = fetching;
  for (;;) {
    const missing = incoming.missing();
    if (missing === undefined) return;
    const plan = planDownload(missing, fetching.history, ports.sources.length);
    switch (plan.kind) {
      case "fetch":
        await fetchFrom(plan.source, missing.from, plan.to, incoming, fetching, signal);
        break;
      case "pause":
        await ports.clock.sleep(Number(delays.next().value), signal);
        fetching.history = nextRound(fetching.history);
        break;
      case "give-up":
        throw new DownloadError(
          `${file.digest} could not be fetched: ${[...failures].join("; ") || "there is no source"}`,
        );
      case "damaged":
        throw new DamagedFileError(damageText(plan.chunk, fetching));
    }
  }
}

async function fetchFrom(
  index: number,
  from: number,
  to: number,
  incoming: IncomingFile,
  fetching: Fetching,
  signal: AbortSignal,
): Promise<void> {
  const { file, ports } = fetching;
  const source = ports.sources[index] as ArtifactSource;
  fetching.lastSource = index;
  try {
    signal.throwIfAborted();
    let left = to - from;
    for await (const piece of source.fetch(file.digest, from, signal, to)) {
      const bytes = piece.subarray(0, left);
      left -= bytes.length;
      await incoming.take(bytes);
      signal.throwIfAborted();
      await ports.pace.pay(bytes.length, signal);
      if (left === 0) return;
    }
    throw new Error(`it ended ${left} bytes too early`);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof NoSpaceError) throw error;
    noteFailure(fetching, index, error);
  }
}

function noteFailure(fetching: Fetching, source: number | undefined, error: unknown): void {
  const { file, ports, failures } = fetching;
  const failure = error instanceof Error ? error.message : String(error);
  const name = source === undefined ? "this device" : ports.sources[source]?.name;
  const isWrong = error instanceof DigestMismatchError || error instanceof WrongChunkError;
  ports.log.warn(
    { file: file.digest, source: name, failure },
    isWrong ? "a source sent wrong bytes" : "a source broke off",
  );
  if (source === undefined) return;
  failures.add(failure);
  if (!(error instanceof WrongChunkError)) fetching.history = afterBreak(fetching.history, source);
  else if (error.isOfOneSender) fetching.history = afterWrongChunk(fetching.history, { chunk: error.chunk, source });
}

/** Example: "chunk 3 of sha256:… came wrong 4 times: 2 from http://hub, 2 from blocks over MQTT". */
function damageText(chunk: number, { file, ports, history }: Fetching): string {
  const times = new Map<string, number>();
  const senders = history.wrong.filter((one) => one.chunk === chunk);
  for (const { source } of senders) {
    const name = ports.sources[source]?.name ?? "";
    times.set(name, 1 + (times.get(name) ?? 0));
  }
  const from = [...times].map(([name, count]) => `${count} from ${name}`).join(", ");
  return `chunk ${chunk} of ${file.digest} came wrong ${senders.length} times: ${from}`;
}
