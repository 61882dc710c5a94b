import { join } from "node:path";
import type { Clock, Logger, Random, Spool } from "../../core/ports.ts";
import type { Lane } from "../../../proto/messages.ts";
import { lanes } from "../../../proto/messages.ts";
import { kibibytes, seconds } from "../../../proto/units.ts";
import { makeDirectory, writeFileDurably } from "./durable-files.ts";
import { errorCode } from "./error-code.ts";
import type { FileOperations } from "./file-operations.ts";
import { nodeFileOperations } from "./file-operations.ts";
import type { SpoolLane } from "./spool-lane.ts";
import { createLane, openLane, SpoolDamagedError } from "./spool-lane.ts";
import { systemClock } from "./system-clock.ts";

export interface FileSpoolOptions {
  /** Holds `epoch` and `<lane>/<epoch>-<first sequence number>.seg`. */
  readonly directory: string;
  readonly random: Random;
  readonly log: Logger;
  readonly disk?: FileOperations;
  readonly clock?: Clock;
  /** 256 KiB unless told. */
  readonly segmentBytes?: number;
}

type OpenOptions = Required<FileSpoolOptions>;

/** How long a record may wait for its fsync, for each lane; 0: durable before `append` returns. */
const syncDelayMs: Readonly<Record<Lane, number>> = { lifecycle: 0, windows: seconds(1), samples: seconds(5) };

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
  if (opened !== undefined && found !== undefined) return spoolOver(found, false, opened);

  const hadRecords = await holdsSegments(directory, disk);
  const counter = 1 + Number(found === undefined ? 0 : found.split("-")[0]);
  const epoch = `${counter}-${options.random.hex(8)}`;
  const fresh = await createLanes(options, epoch);
  // Last: an epoch without its segments would count as damage at the next start.
  await writeFileDurably(join(directory, "epoch"), Buffer.from(`${epoch}\n`), 0o600, disk);
  return spoolOver(epoch, hadRecords, fresh);
}

type Lanes = Readonly<Record<Lane, SpoolLane>>;

function spoolOver(epoch: string, wasReset: boolean, opened: Lanes): Spool & AsyncDisposable {
  return {
    epoch,
    wasReset,
    append: (lane, record) => opened[lane].append(record),
    read: (lane, fromSeq, maxBytes, maxRecords) => opened[lane].read(fromSeq, maxBytes, maxRecords),
    trim: (lane, seq) => opened[lane].trim(seq),
    extent: (lane) => opened[lane].extent(),
    replaceOldest: (lane, through, record) => opened[lane].replaceOldest(through, record),
    async [Symbol.asyncDispose]() {
      await Promise.all(lanes.map((lane) => opened[lane][Symbol.asyncDispose]()));
    },
  };
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
  const opened: SpoolLane[] = [];
  try {
    const open = async (lane: Lane) => {
      const one = (await isOfBefore(lane, options))
        ? await createLane({ ...laneOptions(options, lane), epoch })
        : await openLane({ ...laneOptions(options, lane), epoch });
      opened.push(one);
      return one;
    };
    return { lifecycle: await open("lifecycle"), windows: await open("windows"), samples: await open("samples") };
  } catch (error) {
    for (const lane of opened) await lane[Symbol.asyncDispose]();
    if (!(error instanceof SpoolDamagedError)) throw error;
    options.log.warn(
      { directory: options.directory, epoch, error: error.message },
      "the spool is damaged and begins anew",
    );
    return undefined;
  }
}

async function createLanes(options: OpenOptions, epoch: string): Promise<Lanes> {
  const create = async (lane: Lane) => {
    // What cannot be read back must not fill the disk either.
    await options.disk.remove(join(options.directory, lane));
    return await createLane({ ...laneOptions(options, lane), epoch });
  };
  return { lifecycle: await create("lifecycle"), windows: await create("windows"), samples: await create("samples") };
}

/** A spool that an older agent made has no samples: their lane begins, and the others are kept. */
async function isOfBefore(lane: Lane, { directory, disk }: OpenOptions): Promise<boolean> {
  if (lane !== "samples") return false;
  const path = join(directory, lane);
  return (await disk.entry(path)) === undefined || (await disk.list(path)).length === 0;
}

function laneOptions({ directory, disk, clock, segmentBytes, log }: OpenOptions, lane: Lane) {
  return { directory: join(directory, lane), syncDelayMs: syncDelayMs[lane], segmentBytes, disk, clock, log };
}

async function holdsSegments(directory: string, disk: FileOperations): Promise<boolean> {
  const entries = await disk.list(directory, true);
  return entries.some((entry) => entry.isFile && entry.name.endsWith(".seg"));
}
