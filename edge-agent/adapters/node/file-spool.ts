import { join } from "node:path";
import type { Clock, Logger, Random, Spool } from "../../core/ports.ts";
import { laneRules } from "../../core/spool-rules.ts";
import type { Lane } from "../../../proto/telemetry-messages.ts";
import { lanes } from "../../../proto/telemetry-messages.ts";
import { kibibytes } from "../../../proto/units.ts";
import { makeDirectory, writeFileDurably } from "./durable-files.ts";
import { errorCode } from "./error-code.ts";
import type { FileOperations } from "./file-operations.ts";
import { nodeFileOperations } from "./file-operations.ts";
import { SpoolDamagedError } from "./lane-segments.ts";
import type { SpoolLane } from "./spool-lane.ts";
import { createLane, openLane } from "./spool-lane.ts";
import { systemClock } from "./system-clock.ts";

export interface FileSpoolOptions {
  /** Holds `epoch` and `<lane>/<epoch>-<first sequence number>.seg`, or `.held` for what has no final number yet. */
  readonly directory: string;
  readonly random: Random;
  readonly log: Logger;
  readonly disk?: FileOperations;
  readonly clock?: Clock;
  /** 256 KiB unless told. */
  readonly segmentBytes?: number;
}

type OpenOptions = Required<FileSpoolOptions>;

const epochGrammar = /^([1-9][0-9]{0,9})-[0-9a-f]{16}\n$/;

/**
 * A spool in append-only files. It begins anew, under a new epoch, when it cannot be read back: the control plane then knows that
 * sequence numbers start again, and the agent reports the loss. Only the torn end of the last write is cut off silently: such a
 * record has never been handed out by `read`, which makes durable what it gives.
 */
export async function openFileSpool(given: FileSpoolOptions): Promise<Spool & AsyncDisposable> {
  const options = { disk: nodeFileOperations, clock: systemClock, segmentBytes: kibibytes(256), ...given };
  const { directory, disk } = options;
  await makeDirectory(directory, disk);
  const found = await readEpoch(directory, disk);
  const opened = found === undefined ? undefined : await openLanes(options, found);
  if (opened !== undefined && found !== undefined) return spoolOver(options, found, false, opened);

  const wasReset = found !== undefined || (await holdsRecords(directory, disk));
  const epoch = epochAfter(found, options.random);
  // What cannot be read back must not fill the disk either.
  for (const lane of lanes) await disk.remove(join(directory, lane));
  const fresh = await createLanes(options, epoch);
  // Last: an epoch without its segments would count as damage at the next start.
  await writeEpoch(options, epoch);
  return spoolOver(options, epoch, wasReset, fresh);
}

type Lanes = Readonly<Record<Lane, SpoolLane>>;

function spoolOver(
  options: OpenOptions,
  firstEpoch: string,
  wasReset: boolean,
  firstLanes: Lanes,
): Spool & AsyncDisposable {
  let epoch = firstEpoch;
  let opened = firstLanes;
  return {
    get epoch() {
      return epoch;
    },
    wasReset,
    append: (lane, record) => opened[lane].append(record),
    read: (lane, fromSeq, maxBytes, maxRecords) => opened[lane].read(fromSeq, maxBytes, maxRecords),
    trim: (lane, seq) => opened[lane].trim(seq),
    extent: (lane) => opened[lane].extent(),
    replaceOldest: (lane, through, record) => opened[lane].replaceOldest(through, record),
    hold: (lane, record) => opened[lane].hold(record),
    held: (lane) => opened[lane].held(),
    heldCount: (lane) => opened[lane].heldCount(),
    replaceHeld: (lane, records) => opened[lane].replaceHeld(records),
    release: (lane) => opened[lane].release(),
    async renew(record) {
      const next = epochAfter(epoch, options.random);
      // The file of the epoch is what switches: the segments of the other epoch are strays, before it and after it.
      const fresh = await createLanes(options, next);
      await fresh.lifecycle.append(record);
      await writeEpoch(options, next);
      const before = opened;
      epoch = next;
      opened = fresh;
      await closeAll(before);
      await removeStrays(options, next);
    },
    [Symbol.asyncDispose]: () => closeAll(opened),
  };
}

function epochAfter(epoch: string | undefined, random: Random): string {
  return `${1 + Number(epoch?.split("-")[0] ?? 0)}-${random.hex(8)}`;
}

function writeEpoch({ directory, disk }: OpenOptions, epoch: string): Promise<void> {
  return writeFileDurably(join(directory, "epoch"), Buffer.from(`${epoch}\n`), 0o600, disk);
}

async function closeAll(opened: Lanes): Promise<void> {
  await Promise.all(lanes.map((lane) => opened[lane][Symbol.asyncDispose]()));
}

async function removeStrays({ directory, disk }: OpenOptions, epoch: string): Promise<void> {
  for (const lane of lanes)
    for (const { name } of await disk.list(join(directory, lane)))
      if (!name.startsWith(`${epoch}-`)) await disk.remove(join(directory, lane, name));
}

async function readEpoch(directory: string, disk: FileOperations): Promise<string | undefined> {
  try {
    const text = (await disk.readFile(join(directory, "epoch"))).toString("latin1");
    return epochGrammar.test(text) ? text.trimEnd() : undefined;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function openLanes(options: OpenOptions, epoch: string): Promise<Lanes | undefined> {
  const opened = new Map<Lane, SpoolLane>();
  try {
    for (const lane of lanes)
      opened.set(
        lane,
        (await isOfBefore(lane, options))
          ? await createLane({ ...laneOptions(options, lane), epoch })
          : await openLane({ ...laneOptions(options, lane), epoch }),
      );
    return Object.fromEntries(opened) as Lanes;
  } catch (error) {
    for (const lane of opened.values()) await lane[Symbol.asyncDispose]();
    if (!(error instanceof SpoolDamagedError)) throw error;
    options.log.warn(
      { directory: options.directory, epoch, error: error.message },
      "the spool is damaged and begins anew",
    );
    return undefined;
  }
}

async function createLanes(options: OpenOptions, epoch: string): Promise<Lanes> {
  const created = new Map<Lane, SpoolLane>();
  for (const lane of lanes) created.set(lane, await createLane({ ...laneOptions(options, lane), epoch }));
  return Object.fromEntries(created) as Lanes;
}

/** The lanes that every agent has had. */
const firstLanes: ReadonlySet<Lane> = new Set(["lifecycle", "windows"]);

/** A spool that an older agent made lacks a lane of today: that one begins, and the others are kept. */
async function isOfBefore(lane: Lane, { directory, disk }: OpenOptions): Promise<boolean> {
  if (firstLanes.has(lane)) return false;
  const path = join(directory, lane);
  return (await disk.entry(path)) === undefined || (await disk.list(path)).length === 0;
}

function laneOptions({ directory, disk, clock, segmentBytes, log }: OpenOptions, lane: Lane) {
  return { directory: join(directory, lane), syncDelayMs: laneRules[lane].syncDelayMs, segmentBytes, disk, clock, log };
}

/** Empty segments are what a first start leaves that was cut off. */
async function holdsRecords(directory: string, disk: FileOperations): Promise<boolean> {
  for (const { name, isFile } of await disk.list(directory)) {
    if (isFile) continue;
    for (const segment of await disk.list(join(directory, name)))
      if (
        /\.(seg|held)$/.test(segment.name) &&
        ((await disk.entry(join(directory, name, segment.name)))?.size ?? 0) > 0
      )
        return true;
  }
  return false;
}
