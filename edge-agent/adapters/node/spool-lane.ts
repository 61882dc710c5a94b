import type { SpooledRecord } from "../../core/ports.ts";
import { makeDirectory, writeFileDurably } from "./durable-files.ts";
import { GrowingSegment } from "./growing-segment.ts";
import { inTurn } from "../../core/in-turn.ts";
import type { LaneFiles, LaneOptions, Segment } from "./lane-segments.ts";
import {
  bytesFrom,
  createSegment,
  endOf,
  heldPath,
  nextOf,
  readLaneFiles,
  readSegment,
  removeInOrder,
  segmentPath,
} from "./lane-segments.ts";
import { encodeSpoolRecord } from "./spool-segment.ts";

/** One lane of the spool: see Spool in ports.ts for what each function promises. */
export interface SpoolLane extends AsyncDisposable {
  append(record: Uint8Array): Promise<number>;
  read(fromSeq: number, maxBytes: number, maxRecords: number): Promise<readonly SpooledRecord[]>;
  trim(seq: number): Promise<void>;
  extent(): { readonly first: number; readonly next: number; readonly bytes: number };
  replaceOldest(through: number, record: Uint8Array): Promise<void>;
  hold(record: Uint8Array): Promise<void>;
  held(): Promise<readonly Uint8Array[]>;
  heldCount(): number;
  replaceHeld(records: readonly Uint8Array[]): Promise<void>;
  release(): Promise<void>;
}

export async function createLane(options: LaneOptions): Promise<SpoolLane> {
  await makeDirectory(options.directory, options.disk);
  const segment = await createSegment(options, segmentPath(options, 1), 1);
  return await laneOver(options, { segments: [segment], held: undefined });
}

/** Rejects with SpoolDamagedError when records that were durable cannot be read back. */
export async function openLane(options: LaneOptions): Promise<SpoolLane> {
  return await laneOver(options, await readLaneFiles(options));
}

/**
 * Records lie in segments with consecutive numbers. What is held lies in a file of its own behind them, under the numbers that it
 * will have: to release it is to rename that file, to replace it is to write another in its place, and each is done or not done
 * whenever the power goes. Nothing is appended before what is held has its numbers.
 */
async function laneOver(options: LaneOptions, { segments, held: heldBefore }: LaneFiles): Promise<SpoolLane> {
  const { directory, disk, clock, log } = options;
  const alone = inTurn();
  let current = await GrowingSegment.open(lastOf(segments), disk);
  let held = heldBefore && (await GrowingSegment.open(heldBefore, disk));
  let first = firstOf(segments);
  let isRenamed = false;
  let waiting: AbortController | undefined;

  const next = () => nextOf(current.segment);

  const sync = async () => {
    waiting?.abort();
    waiting = undefined;
    await current.sync();
    await held?.sync();
    if (!isRenamed) return;
    await disk.syncDirectory(directory);
    isRenamed = false;
  };
  const syncLater = () => {
    if (waiting !== undefined) return;
    const wait = new AbortController();
    waiting = wait;
    const due = clock.sleep(options.syncDelayMs, wait.signal).then(() => alone(sync));
    due.catch((error: unknown) => {
      // Aborted: something else has made the records durable meanwhile, or nothing is left to be made durable.
      if (error !== wait.signal.reason)
        log.error({ path: current.segment.path, error: String(error) }, "the spool could not be made durable");
    });
  };
  const add = async (to: GrowingSegment, record: Uint8Array) => {
    const seq = await to.append(record, options.syncDelayMs === 0);
    if (to.isUnsynced) syncLater();
    return seq;
  };
  /** `opened` before: what cannot be opened must not become the one that grows. */
  const changeTo = async (opened: GrowingSegment) => {
    const before = current;
    current = opened;
    await before.close();
  };
  const roll = async () => {
    await sync();
    const segment = await createSegment(options, segmentPath(options, next()), next());
    const opened = await GrowingSegment.open(segment, disk);
    segments.push(segment);
    await changeTo(opened);
  };
  /** The number of the next record lies in the name of the last segment, so that one always stays. */
  const removeSegmentsBefore = async (seq: number) => {
    const count = segments.findLastIndex((segment) => segment.first <= seq);
    await removeInOrder(options, segments.splice(0, Math.max(0, count)));
  };
  const release = async () => {
    if (held === undefined) return;
    await held.sync();
    const path = segmentPath(options, held.segment.first);
    // Takes the place of the last segment where that is still empty.
    await disk.rename(held.segment.path, path);
    isRenamed = true;
    const released = held.renamedTo(path);
    held = undefined;
    if (current.segment.path === path) segments.pop();
    segments.push(released.segment);
    await changeTo(released);
  };

  return {
    append: (record) =>
      alone(async () => {
        await release();
        const size = encodeSpoolRecord(next(), record).length;
        if (current.segment.ends.length > 0 && endOf(current.segment) + size > options.segmentBytes) await roll();
        return await add(current, record);
      }),

    read: (fromSeq, maxBytes, maxRecords) =>
      alone(async () => {
        // Only what a power cut cannot take back may leave the device: its sequence number would be given away twice.
        await sync();
        const records: SpooledRecord[] = [];
        let bytes = 0;
        let seq = Math.max(fromSeq, first);
        for (const segment of segments) {
          if (seq >= nextOf(segment)) continue;
          const content = await readSegment(segment, seq, options);
          while (seq < nextOf(segment)) {
            const record = content(seq);
            if (records.length > 0 && (records.length >= maxRecords || bytes + record.length > maxBytes))
              return records;
            records.push({ seq, bytes: record });
            bytes += record.length;
            seq++;
          }
        }
        return records;
      }),

    trim: (seq) =>
      alone(async () => {
        first = Math.min(Math.max(first, seq + 1), next());
        if (first === next() && current.segment.ends.length > 0) await roll();
        await removeSegmentsBefore(first);
      }),

    extent: () => ({
      first,
      next: next(),
      bytes: bytesFrom(segments, first) + (held === undefined ? 0 : endOf(held.segment)),
    }),

    replaceOldest: (through, record) =>
      alone(async () => {
        if (through < first || through >= next())
          throw new RangeError(`records ${first} to ${next() - 1} can be replaced, not those up to ${through}`);
        await sync();
        const index = segments.findLastIndex((segment) => segment.first <= through);
        const cut = segments[index] as Segment;
        const rest = await disk
          .readFile(cut.path)
          .then((bytes) => bytes.subarray(cut.ends[through - cut.first] as number, endOf(cut)));
        const head = encodeSpoolRecord(through, record);
        const kept = cut.ends
          .slice(through - cut.first + 1)
          .map((end) => end - (endOf(cut) - rest.length) + head.length);
        const replacement: Segment = {
          path: segmentPath(options, through),
          first: through,
          ends: [head.length, ...kept],
        };
        // One rename switches; where the old segments survive it, opening the lane finds that this one overlaps them.
        await writeFileDurably(replacement.path, Buffer.concat([head, rest]), 0o600, disk);
        const opened = cut === current.segment ? await GrowingSegment.open(replacement, disk) : undefined;
        const removed = segments.splice(0, index + 1, replacement);
        if (opened !== undefined) await changeTo(opened);
        first = through;
        await removeInOrder(
          options,
          removed.filter(({ path }) => path !== replacement.path),
        );
      }),

    hold: (record) =>
      alone(async () => {
        if (held === undefined) {
          // What is held follows numbers that must not be given again.
          await sync();
          const path = heldPath(options, next());
          held = await GrowingSegment.open(await createSegment(options, path, next()), disk);
        }
        await add(held, record);
      }),

    held: () =>
      alone(async () => {
        if (held === undefined) return [];
        const { segment } = held;
        const content = await readSegment(segment, segment.first, options);
        return segment.ends.map((_, i) => content(segment.first + i));
      }),

    heldCount: () => held?.segment.ends.length ?? 0,

    replaceHeld: (records) =>
      alone(async () => {
        if (held === undefined) throw new RangeError("nothing is held that could be replaced");
        const { path, first: from } = held.segment;
        const encoded = records.map((record, i) => encodeSpoolRecord(from + i, record));
        let end = 0;
        const ends = encoded.map(({ length }) => (end += length));
        await writeFileDurably(path, Buffer.concat(encoded), 0o600, disk);
        const before = held;
        held = await GrowingSegment.open({ path, first: from, ends }, disk);
        await before.close();
      }),

    release: () => alone(release),

    async [Symbol.asyncDispose]() {
      await alone(async () => {
        try {
          await sync();
        } finally {
          await current.close();
          await held?.close();
        }
      });
    },
  };
}

function lastOf(segments: readonly Segment[]): Segment {
  return segments.at(-1) as Segment;
}

function firstOf(segments: readonly Segment[]): number {
  return (segments[0] as Segment).first;
}
