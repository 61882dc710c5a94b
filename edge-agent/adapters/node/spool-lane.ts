import type { FileHandle } from "node:fs/promises";
import { open, readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Logger, SpooledRecord } from "../../core/ports.ts";
import { kibibytes } from "../../../proto/units.ts";
import {
  makeDirectory,
  noSpaceOr,
  openInPlace,
  readUpTo,
  syncDirectory,
  writeAllAt,
  writeFileDurably,
} from "./durable-files.ts";
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
  readonly log: Logger;
}

export class SpoolDamagedError extends Error {
  override readonly name = "SpoolDamagedError";
}

const segmentBytes = kibibytes(256);

/** Records `first`, `first + 1`, …; record `first + i` ends at `ends[i]`. The last segment of a lane is the one that grows. */
interface Segment {
  readonly path: string;
  readonly first: number;
  readonly ends: number[];
}

export async function createLane(options: LaneOptions): Promise<SpoolLane> {
  await makeDirectory(options.directory);
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
  const alone = inTurn();
  let current = lastOf(segments);
  let file = await openInPlace(current.path);
  let first = firstOf(segments);
  let unsynced = false;
  let failedWriteRemains = false;
  let timer: NodeJS.Timeout | undefined;

  const next = () => current.first + current.ends.length;

  const sync = async () => {
    clearTimeout(timer);
    timer = undefined;
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
    timer ??= setTimeout(() => {
      alone(sync).catch((error: unknown) => {
        options.log.error({ path: current.path, error: String(error) }, "the spool could not be made durable");
      });
    }, options.syncDelayMs);
  };
  /** `opened` is the segment's file: what cannot be opened must not become the one that grows. */
  const changeTo = async (segment: Segment, opened: FileHandle) => {
    const before = file;
    file = opened;
    current = segment;
    await before.close();
  };
  const roll = async () => {
    await sync();
    const segment = await createSegment(options, next());
    const opened = await openInPlace(segment.path);
    segments.push(segment);
    await changeTo(segment, opened);
  };
  /** The number of the next record lies in the name of the last segment, so that one always stays. */
  const removeSegmentsBefore = async (seq: number) => {
    while (segments.length > 1 && (segments[1] as Segment).first <= seq) {
      await rm((segments.shift() as Segment).path, { force: true });
    }
  };

  return {
    append: (record) =>
      alone(async () => {
        const bytes = encodeSpoolRecord(next(), record);
        if (current.ends.length > 0 && endOf(current) + bytes.length > segmentBytes) await roll();
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
          const content = await readSegment(segment, seq, options.log);
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
        const rest = await readFile(cut.path).then((bytes) =>
          bytes.subarray(cut.ends[through - cut.first] as number, endOf(cut)),
        );
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
        await writeFileDurably(replacement.path, Buffer.concat([head, rest]));
        const opened = cut === current ? await openInPlace(replacement.path) : undefined;
        const removed = segments.splice(0, index + 1, replacement);
        if (opened !== undefined) await changeTo(replacement, opened);
        first = through;
        for (const segment of removed) if (segment.path !== replacement.path) await rm(segment.path, { force: true });
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
async function readSegment(segment: Segment, seq: number, log: Logger): Promise<(seq: number) => Buffer> {
  const start = segment.ends[seq - segment.first - 1] ?? 0;
  const file = await open(segment.path, "r");
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
  const file = await open(path, "w", 0o600);
  await file.close();
  await syncDirectory(options.directory);
  return { path, first, ends: [] };
}

async function readSegments(options: LaneOptions): Promise<Segment[]> {
  await makeDirectory(options.directory);
  const found: { readonly first: number; readonly isEmpty: boolean }[] = [];
  for (const name of await readdir(options.directory)) {
    const first = name.startsWith(`${options.epoch}-`)
      ? /^([1-9][0-9]*)\.seg$/.exec(name.slice(options.epoch.length + 1))
      : null;
    if (first === null) await rm(join(options.directory, name), { recursive: true, force: true });
    else found.push({ first: Number(first[1]), isEmpty: (await stat(join(options.directory, name))).size === 0 });
  }
  const ascending = found.toSorted((a, b) => a.first - b.first);
  const growing = ascending.findLast(({ isEmpty }) => !isEmpty)?.first;
  let segments: Segment[] = [];
  for (const { first, isEmpty } of ascending) {
    const segment = await readBack(options, first, first === growing);
    const expected = segments.length === 0 ? first : lastOf(segments).first + lastOf(segments).ends.length;
    if (first > expected)
      throw new SpoolDamagedError(`records ${expected} to ${first - 1} are missing in ${options.directory}`);
    if (first < expected && isEmpty) {
      // It was begun, and the directory could not be made durable: the one before went on growing.
      await rm(segment.path, { force: true });
      continue;
    }
    if (first < expected) {
      // A replacement that was cut off after it had taken its name: what it replaced goes now.
      for (const old of segments) await rm(old.path, { force: true });
      segments = [];
    }
    segments.push(segment);
  }
  return segments;
}

async function readBack(options: LaneOptions, first: number, isLast: boolean): Promise<Segment> {
  const path = segmentPath(options, first);
  const bytes = await readFile(path);
  const { ends, tail } = scanSegment(bytes, first);
  const segment: Segment = { path, first, ends };
  if (tail === "damaged" || (tail === "torn" && !isLast))
    throw new SpoolDamagedError(`${path} is damaged at byte ${endOf(segment)}`);
  if (tail === "torn") {
    const file = await openInPlace(path);
    try {
      await file.truncate(endOf(segment));
      await file.sync();
    } finally {
      await file.close();
    }
    options.log.info({ path, bytes: bytes.length - endOf(segment) }, "the torn end of the spool was cut off");
  }
  return segment;
}
