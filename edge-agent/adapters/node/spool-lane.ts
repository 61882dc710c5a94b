import { join } from "node:path";
import type { Clock, Logger, SpooledRecord } from "../../core/ports.ts";
import { makeDirectory, noSpaceOr, readUpTo, writeAllAt, writeFileDurably } from "./durable-files.ts";
import type { FileOperations, OpenFile } from "./file-operations.ts";
import { inTurn } from "../../core/in-turn.ts";
import { encodeSpoolRecord, recordAt, scanSegment } from "./spool-segment.ts";

/** One lane of the spool: see Spool in ports.ts for what each function promises. */
export interface SpoolLane extends AsyncDisposable {
  append(record: Uint8Array): Promise<number>;
  read(fromSeq: number, maxBytes: number, maxRecords: number): Promise<readonly SpooledRecord[]>;
  trim(seq: number): Promise<void>;
  extent(): { readonly first: number; readonly next: number; readonly bytes: number };
  replaceOldest(through: number, record: Uint8Array): Promise<void>;
}

export interface LaneOptions {
  readonly directory: string;
  readonly epoch: string;
  readonly syncDelayMs: number;
  /** A segment takes no further record beyond this; what is dropped from the spool frees whole segments. */
  readonly segmentBytes: number;
  readonly disk: FileOperations;
  readonly clock: Clock;
  readonly log: Logger;
}

export class SpoolDamagedError extends Error {
  override readonly name = "SpoolDamagedError";
}

/** Records `first`, `first + 1`, …; record `first + i` ends at `ends[i]`. The last segment of a lane is the one that grows. */
interface Segment {
  readonly path: string;
  readonly first: number;
  readonly ends: number[];
}

export async function createLane(options: LaneOptions): Promise<SpoolLane> {
  await makeDirectory(options.directory, options.disk);
  const segment = await createSegment(options, 1);
  return await laneOver(options, [segment]);
}

/** Rejects with SpoolDamagedError when records that were durable cannot be read back. */
export async function openLane(options: LaneOptions): Promise<SpoolLane> {
  const segments = await readSegments(options);
  if (segments.length === 0)
    throw new SpoolDamagedError(`${options.directory} holds no segment of epoch ${options.epoch}`);
  return await laneOver(options, segments);
}

async function laneOver(options: LaneOptions, segments: Segment[]): Promise<SpoolLane> {
  const { disk, clock, log } = options;
  const alone = inTurn();
  let current = lastOf(segments);
  let file = await disk.open(current.path, "in-place");
  let first = firstOf(segments);
  let unsynced = false;
  let failedWriteRemains = false;
  let waiting: AbortController | undefined;

  const next = () => current.first + current.ends.length;

  const sync = async () => {
    waiting?.abort();
    waiting = undefined;
    if (failedWriteRemains) {
      // Behind the last record of a segment that no longer grows, it would look like damage.
      await file.truncate(endOf(current));
      failedWriteRemains = false;
      unsynced = true;
    }
    if (!unsynced) return;
    await file.datasync();
    unsynced = false;
  };
  const syncLater = () => {
    if (waiting !== undefined) return;
    const wait = new AbortController();
    waiting = wait;
    const due = clock.sleep(options.syncDelayMs, wait.signal).then(() => alone(sync));
    due.catch((error: unknown) => {
      // Aborted: something else has made the records durable meanwhile, or nothing is left to be made durable.
      if (error !== wait.signal.reason)
        log.error({ path: current.path, error: String(error) }, "the spool could not be made durable");
    });
  };
  /** `opened` is the segment's file: what cannot be opened must not become the one that grows. */
  const changeTo = async (segment: Segment, opened: OpenFile) => {
    const before = file;
    file = opened;
    current = segment;
    await before.close();
  };
  const roll = async () => {
    await sync();
    const segment = await createSegment(options, next());
    const opened = await disk.open(segment.path, "in-place");
    segments.push(segment);
    await changeTo(segment, opened);
  };
  /** The number of the next record lies in the name of the last segment, so that one always stays. */
  const removeSegmentsBefore = async (seq: number) => {
    const count = segments.findLastIndex((segment) => segment.first <= seq);
    await removeInOrder(options, segments.splice(0, Math.max(0, count)));
  };

  return {
    append: (record) =>
      alone(async () => {
        const bytes = encodeSpoolRecord(next(), record);
        if (current.ends.length > 0 && endOf(current) + bytes.length > options.segmentBytes) await roll();
        const seq = next();
        try {
          await writeAllAt(file, bytes, endOf(current));
          if (options.syncDelayMs === 0) await file.datasync();
          else unsynced = true;
        } catch (error) {
          failedWriteRemains = true;
          throw noSpaceOr(error, `record ${seq} could not be appended to ${current.path}`);
        }
        current.ends.push(endOf(current) + bytes.length);
        if (unsynced) syncLater();
        return seq;
      }),

    read: (fromSeq, maxBytes, maxRecords) =>
      alone(async () => {
        // Only what a power cut cannot take back may leave the device: its sequence number would be given away twice.
        await sync();
        const records: SpooledRecord[] = [];
        let bytes = 0;
        let seq = Math.max(fromSeq, first);
        for (const segment of segments) {
          if (seq >= segment.first + segment.ends.length) continue;
          const content = await readSegment(segment, seq, options);
          while (seq < segment.first + segment.ends.length) {
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
        if (first === next() && current.ends.length > 0) await roll();
        await removeSegmentsBefore(first);
      }),

    extent: () => ({ first, next: next(), bytes: bytesFrom(segments, first) }),

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
        const opened = cut === current ? await disk.open(replacement.path, "in-place") : undefined;
        const removed = segments.splice(0, index + 1, replacement);
        if (opened !== undefined) await changeTo(replacement, opened);
        first = through;
        await removeInOrder(
          options,
          removed.filter(({ path }) => path !== replacement.path),
        );
      }),

    async [Symbol.asyncDispose]() {
      await alone(async () => {
        try {
          await sync();
        } finally {
          await file.close();
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

function endOf(segment: Segment): number {
  return segment.ends.at(-1) ?? 0;
}

/** Bytes of the records from `first` on. */
function bytesFrom(segments: readonly Segment[], first: number): number {
  let bytes = 0;
  for (const segment of segments) bytes += endOf(segment) - (segment.ends[first - segment.first - 1] ?? 0);
  return bytes;
}

/**
 * A function that gives the content of the segment's records from `seq` on. It is empty where the disk no longer gives what was
 * written: nobody takes that for a record, and the others can go on.
 */
async function readSegment(
  segment: Segment,
  seq: number,
  { disk, log }: LaneOptions,
): Promise<(seq: number) => Buffer> {
  const start = segment.ends[seq - segment.first - 1] ?? 0;
  const file = await disk.open(segment.path, "read");
  try {
    const bytes = await readUpTo(file, start, endOf(segment) - start);
    return (wanted) => {
      const record = recordAt(bytes, (segment.ends[wanted - segment.first - 1] ?? 0) - start);
      if (record?.seq === wanted) return record.content;
      log.warn({ path: segment.path, seq: wanted }, "a record of the spool cannot be read back");
      return Buffer.alloc(0);
    };
  } finally {
    await file.close();
  }
}

function segmentPath(options: LaneOptions, first: number): string {
  return join(options.directory, `${options.epoch}-${first}.seg`);
}

async function createSegment(options: LaneOptions, first: number): Promise<Segment> {
  const path = segmentPath(options, first);
  const file = await options.disk.open(path, "emptied");
  await file.close();
  await options.disk.syncDirectory(options.directory);
  return { path, first, ends: [] };
}

/**
 * The oldest first, each removal durable before the next: of two that are not, a power cut may undo the first alone, and the hole
 * between it and the rest would look like damage.
 */
async function removeInOrder({ directory, disk }: LaneOptions, segments: readonly Segment[]): Promise<void> {
  for (const { path } of segments) {
    await disk.remove(path);
    await disk.syncDirectory(directory);
  }
}

/** More than a few segments hold: a disk that has lost so much is not the one that was written. */
const mostUnreadable = 10_000;

async function readSegments(options: LaneOptions): Promise<Segment[]> {
  const { directory, disk, log } = options;
  await makeDirectory(directory, disk);
  const found: { readonly first: number; readonly isEmpty: boolean }[] = [];
  for (const { name } of await disk.list(directory)) {
    const first = name.startsWith(`${options.epoch}-`)
      ? /^([1-9][0-9]*)\.seg$/.exec(name.slice(options.epoch.length + 1))
      : null;
    const path = join(directory, name);
    if (first === null) await disk.remove(path);
    else found.push({ first: Number(first[1]), isEmpty: (await disk.entry(path))?.size === 0 });
  }
  let segments: Segment[] = [];
  for (const { first, isEmpty } of found.toSorted((a, b) => a.first - b.first)) {
    const segment = await readBack(options, first);
    const last = segments.at(-1);
    const expected = last === undefined ? first : last.first + last.ends.length;
    if (first < expected && isEmpty) {
      // It was begun, and the directory could not be made durable: the one before went on growing.
      await disk.remove(segment.path);
      continue;
    }
    if (first < expected) {
      // A replacement that was cut off after it had taken its name: what it replaced goes now.
      await removeInOrder(options, segments);
      segments = [];
    }
    if (first - expected > mostUnreadable)
      throw new SpoolDamagedError(`records ${expected} to ${first - 1} are missing in ${directory}`);
    if (last !== undefined && first > expected) {
      log.warn(
        { path: last.path, from: expected, to: first - 1 },
        "records at the end of a segment cannot be read back",
      );
      // They keep their numbers: whoever reads them gets nothing, and accounts for it.
      while (last.first + last.ends.length < first) last.ends.push(endOf(last));
    }
    segments.push(segment);
  }
  const growing = segments.at(-1);
  if (growing !== undefined) await cutTornEnd(options, growing);
  return segments;
}

async function readBack(options: LaneOptions, first: number): Promise<Segment> {
  const path = segmentPath(options, first);
  const { ends, unreadable } = scanSegment(await options.disk.readFile(path), first);
  if (unreadable > 0) options.log.warn({ path, unreadable }, "records in the middle of a segment cannot be read back");
  return { path, first, ends };
}

/** The next record is written behind the last one; what a power cut left there would lie between them. */
async function cutTornEnd({ disk, log }: LaneOptions, segment: Segment): Promise<void> {
  const file = await disk.open(segment.path, "in-place");
  try {
    const torn = (await file.size()) - endOf(segment);
    if (torn <= 0) return;
    await file.truncate(endOf(segment));
    await file.sync();
    log.info({ path: segment.path, bytes: torn }, "the torn end of the spool was cut off");
  } finally {
    await file.close();
  }
}
