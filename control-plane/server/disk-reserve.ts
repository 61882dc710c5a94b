import { randomBytes } from "node:crypto";
import { open, rename, rm, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { mebibytes } from "../../proto/units.ts";
import type { Logger } from "../application/ports.ts";
import { StorageFullError } from "../application/storage-errors.ts";
import type { SqliteDatabase } from "../storage/database.ts";
import { openDatabase } from "../storage/database.ts";

/**
 * Room that is kept for the day when the disk is full. A database cannot even be opened for reading then, because SQLite needs a few pages for
 * that, nor can anything be deleted from it to make room. So a file that means nothing lies beside it, and gives way when the control plane
 * cannot start without its room.
 */
export interface DiskReserve {
  /** Gives the room back. False where there was none. */
  release(): Promise<boolean>;
  /** Takes the room again where there is plenty; never rejects. */
  keep(): Promise<void>;
}

const reserveBytes = mebibytes(8);
/** Less than this much room is not taken from a disk by a file that means nothing. */
const plentyBytes = 4 * reserveBytes;

export function diskReserve(file: string, log: Pick<Logger, "info" | "warn">): DiskReserve {
  const temporary = `${file}.new`;
  return {
    async release() {
      const { size } = await stat(file).catch(() => ({ size: 0 }));
      // A process that was killed while it wrote left the other one.
      for (const one of [file, temporary]) await rm(one, { force: true });
      if (size > 0) log.warn({ file, bytes: size }, "the disk is full: the room that was kept for this is used now");
      return size > 0;
    },
    async keep() {
      try {
        const { size } = await stat(file).catch(() => ({ size: 0 }));
        const { bavail, bsize } = await statfs(dirname(file));
        if (size >= reserveBytes || bavail * bsize < plentyBytes) return;
        // A half written one would be taken for the whole.
        await write(temporary);
        await rename(temporary, file);
      } catch (error) {
        // What was written of it would take room that nobody gives back.
        await rm(temporary, { force: true }).catch(() => undefined);
        log.info({ err: error, file }, "no room could be kept for a full disk");
      }
    },
  };
}

/** Zeros would take no room on a file system that compresses. */
async function write(file: string): Promise<void> {
  await using handle = await open(file, "w", 0o600);
  for (let written = 0; written < reserveBytes; written += mebibytes(1)) await handle.write(randomBytes(mebibytes(1)));
  await handle.sync();
}

/**
 * Opens the database and forgets who was connected when it was closed, with the room of the reserve where there is no other.
 *
 * @throws the errors of openDatabase
 */
export async function openDatabaseWithReserve(
  file: string,
  reserve: Pick<DiskReserve, "release">,
): Promise<SqliteDatabase> {
  try {
    return await openAndForget(file);
  } catch (error) {
    if (!(error instanceof StorageFullError) || !(await reserve.release())) throw error;
    return await openAndForget(file);
  }
}

async function openAndForget(file: string): Promise<SqliteDatabase> {
  const database = await openDatabase(file);
  try {
    await database.devices.forgetPresence();
    return database;
  } catch (error) {
    await database[Symbol.asyncDispose]();
    throw error;
  }
}
