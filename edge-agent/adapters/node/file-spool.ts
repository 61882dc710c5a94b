import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Logger, Random, Spool } from "../../core/ports.ts";
import type { Lane } from "../../../proto/messages.ts";
import { lanes } from "../../../proto/messages.ts";
import { seconds } from "../../../proto/units.ts";
import { errorCode, makeDirectory, writeFileDurably } from "./durable-files.ts";
import type { SpoolLane } from "./spool-lane.ts";
import { createLane, openLane, SpoolDamagedError } from "./spool-lane.ts";

export interface FileSpoolOptions {
  /** Holds `epoch` and `<lane>/<epoch>-<first sequence number>.seg`. */
  readonly directory: string;
  readonly random: Random;
  readonly log: Logger;
}

/** How long a record may wait for its fsync, for each lane; 0: durable before `append` returns. */
const syncDelayMs: Readonly<Record<Lane, number>> = { lifecycle: 0, windows: seconds(1) };

const epochGrammar = /^([1-9][0-9]{0,9})-[0-9a-f]{16}\n$/;

/**
 * A spool in append-only files. It begins anew, under a new epoch, when it cannot be read back: the control plane then knows that
 * sequence numbers start again, and the agent reports the loss. Only the torn end of the last write is cut off silently: such a
 * record has never been handed out by `read`, which makes durable what it gives.
 */
export async function openFileSpool(options: FileSpoolOptions): Promise<Spool & AsyncDisposable> {
  await makeDirectory(options.directory);
  const found = await readEpoch(options.directory);
  const opened = found === undefined ? undefined : await openLanes(options, found);
  if (opened !== undefined && found !== undefined) return spoolOver(found, false, opened);

  const hadRecords = await holdsSegments(options.directory);
  const counter = 1 + Number(found === undefined ? 0 : found.split("-")[0]);
  const epoch = `${counter}-${options.random.hex(8)}`;
  const fresh = await createLanes(options, epoch);
  // Last: an epoch without its segments would count as damage at the next start.
  await writeFileDurably(join(options.directory, "epoch"), Buffer.from(`${epoch}\n`));
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

async function readEpoch(directory: string): Promise<string | undefined> {
  try {
    const text = await readFile(join(directory, "epoch"), "latin1");
    return epochGrammar.test(text) ? text.trimEnd() : undefined;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

async function openLanes(options: FileSpoolOptions, epoch: string): Promise<Lanes | undefined> {
  const opened: SpoolLane[] = [];
  try {
    const open = async (lane: Lane) => {
      const one = await openLane({ ...laneOptions(options, lane), epoch });
      opened.push(one);
      return one;
    };
    return { lifecycle: await open("lifecycle"), windows: await open("windows") };
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

async function createLanes(options: FileSpoolOptions, epoch: string): Promise<Lanes> {
  const create = async (lane: Lane) => {
    // What cannot be read back must not fill the disk either.
    await rm(join(options.directory, lane), { recursive: true, force: true });
    return await createLane({ ...laneOptions(options, lane), epoch });
  };
  return { lifecycle: await create("lifecycle"), windows: await create("windows") };
}

function laneOptions(options: FileSpoolOptions, lane: Lane) {
  return { directory: join(options.directory, lane), syncDelayMs: syncDelayMs[lane], log: options.log };
}

async function holdsSegments(directory: string): Promise<boolean> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.some((entry) => entry.isFile() && entry.name.endsWith(".seg"));
}
