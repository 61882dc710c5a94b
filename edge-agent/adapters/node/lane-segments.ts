import { join } from "node:path";
import type { Clock, Logger } from "../../core/ports.ts";
import { makeDirectory, readUpTo } from "./durable-files.ts";
import type { FileOperations } from "./file-operations.ts";
import { recordAt, scanSegment } from "./spool-segment.ts";

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
export interface Segment {
  readonly path: string;
  readonly first: number;
  readonly ends: number[];
}

/** The files of a lane: `<epoch>-<first>.seg` in the order of their numbers, and `<epoch>-<first>.held` behind the last one. */
export interface LaneFiles {
  readonly segments: Segment[];
  /** Records whose numbers may still change. */
  readonly held: Segment | undefined;
}

export function segmentPath({ directory, epoch }: LaneOptions, first: number): string {
  return join(directory, `${epoch}-${first}.seg`);
}

export function heldPath({ directory, epoch }: LaneOptions, first: number): string {
  return join(directory, `${epoch}-${first}.held`);
}

export function nextOf({ first, ends }: Segment): number {
  return first + ends.length;
}

export function endOf({ ends }: Segment): number {
  return ends.at(-1) ?? 0;
}

/** Bytes of the records from `first` on. */
export function bytesFrom(segments: readonly Segment[], first: number): number {
  let bytes = 0;
  for (const segment of segments) bytes += endOf(segment) - (segment.ends[first - segment.first - 1] ?? 0);
  return bytes;
}

/** An empty segment whose name is durable. */
export async function createSegment(options: LaneOptions, path: string, first: number): Promise<Segment> {
  const file = await options.disk.open(path, "emptied");
  await file.close();
  await options.disk.syncDirectory(options.directory);
  return { path, first, ends: [] };
}

/**
 * A function that gives the content of the segment's records from `seq` on. It is empty where the disk no longer gives what was
 * written: nobody takes that for a record, and the others can go on.
 */
export async function readSegment(
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

/**
 * The oldest first, each removal durable before the next: of two that are not, a power cut may undo the first alone, and the hole
 * between it and the rest would look like damage.
 */
export async function removeInOrder({ directory, disk }: LaneOptions, segments: readonly Segment[]): Promise<void> {
  for (const { path } of segments) {
    await disk.remove(path);
    await disk.syncDirectory(directory);
  }
}

/** More than a few segments hold: a disk that has lost so much is not the one that was written. */
const mostUnreadable = 10_000;

/** Rejects with SpoolDamagedError when records that were durable cannot be read back. */
export async function readLaneFiles(options: LaneOptions): Promise<LaneFiles> {
  const { directory, epoch } = options;
  const names = await namesIn(options);
  const segments = await readSegments(options, names.segments);
  const last = segments.at(-1);
  if (last === undefined) throw new SpoolDamagedError(`${directory} holds no segment of epoch ${epoch}`);
  return { segments, held: await readHeld(options, names.held, last) };
}

interface NamesFound {
  readonly segments: readonly { readonly first: number; readonly isEmpty: boolean }[];
  readonly held: readonly number[];
}

/** What bears another name is a stray: what a power cut left, or a file of another epoch. */
async function namesIn({ directory, epoch, disk }: LaneOptions): Promise<NamesFound> {
  await makeDirectory(directory, disk);
  const segments: { readonly first: number; readonly isEmpty: boolean }[] = [];
  const held: number[] = [];
  for (const { name } of await disk.list(directory)) {
    const path = join(directory, name);
    const parts = name.startsWith(`${epoch}-`)
      ? /^([1-9][0-9]*)\.(seg|held)$/.exec(name.slice(epoch.length + 1))
      : null;
    if (parts === null) await disk.remove(path);
    else if (parts[2] === "held") held.push(Number(parts[1]));
    else segments.push({ first: Number(parts[1]), isEmpty: (await disk.entry(path))?.size === 0 });
  }
  return { segments: segments.toSorted((a, b) => a.first - b.first), held };
}

async function readSegments(options: LaneOptions, found: NamesFound["segments"]): Promise<Segment[]> {
  let segments: Segment[] = [];
  for (const { first, isEmpty } of found) {
    const segment = await readBack(options, segmentPath(options, first), first);
    const last = segments.at(-1);
    const expected = last === undefined ? first : nextOf(last);
    if (first < expected && isEmpty) {
      // It was begun, and the directory could not be made durable: the one before went on growing.
      await options.disk.remove(segment.path);
      continue;
    }
    if (first < expected) {
      // A replacement that was cut off after it had taken its name: what it replaced goes now.
      await removeInOrder(options, segments);
      segments = [];
    }
    if (last !== undefined && first > expected) keepNumbersUpTo(options, last, first);
    segments.push(segment);
  }
  const growing = segments.at(-1);
  if (growing !== undefined) await cutTornEnd(options, growing);
  return segments;
}

/** What is held was begun when everything before it was durable, so that it follows the last segment. */
async function readHeld(options: LaneOptions, found: readonly number[], last: Segment): Promise<Segment | undefined> {
  let held: Segment | undefined;
  for (const first of found) {
    const segment = await readBack(options, heldPath(options, first), first);
    if (segment.ends.length === 0) {
      await options.disk.remove(segment.path);
      continue;
    }
    if (held !== undefined || first < nextOf(last))
      throw new SpoolDamagedError(`${segment.path} does not follow record ${nextOf(last) - 1}`);
    if (first > nextOf(last)) keepNumbersUpTo(options, last, first);
    await cutTornEnd(options, segment);
    held = segment;
  }
  return held;
}

/** Records that cannot be read back keep their numbers: whoever reads them gets nothing, and accounts for it. */
function keepNumbersUpTo({ directory, log }: LaneOptions, segment: Segment, next: number): void {
  const expected = nextOf(segment);
  if (next - expected > mostUnreadable)
    throw new SpoolDamagedError(`records ${expected} to ${next - 1} are missing in ${directory}`);
  log.warn({ path: segment.path, from: expected, to: next - 1 }, "records at the end of a segment cannot be read back");
  while (nextOf(segment) < next) segment.ends.push(endOf(segment));
}

async function readBack(options: LaneOptions, path: string, first: number): Promise<Segment> {
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
