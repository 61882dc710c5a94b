import { randomBytes } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { constants, mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { NoSpaceError } from "../../core/ports.ts";

/**
 * What POSIX promises about a power cut: the content of a file is there after fsync(file), its name after fsync(directory).
 * Everything that must survive goes through these functions.
 */

/** Makes the names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Creates a directory, and those above it that are missing, and makes their names durable. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  let parent = dirname(path);
  while (parent.length >= first.length) {
    await syncDirectory(parent);
    parent = dirname(parent);
  }
  await syncDirectory(parent);
}

/** The file holds either its old content or all of the new, whatever happens in between. */
export async function writeFileDurably(path: string, bytes: Uint8Array, mode = 0o600): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const file = await open(temporary, "wx", mode);
    try {
      await writeAllAt(file, bytes, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw noSpaceOr(error, `${path} could not be written`);
  }
  await syncDirectory(dirname(path));
}

/** Opens a file for reading and for writing in place, and creates it where it is missing. */
export async function openInPlace(path: string): Promise<FileHandle> {
  return await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
}

/** write(2) may write less than it was given. */
export async function writeAllAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const result = await file.write(bytes, written, bytes.length - written, position + written);
    written += result.bytesWritten;
  }
}

/** Reads up to `length` bytes; fewer at the end of the file. */
export async function readUpTo(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** A full disk and an exhausted quota under the core's name for them; every other error as it is. */
export function noSpaceOr(error: unknown, what: string): unknown {
  const code = errorCode(error);
  return code === "ENOSPC" || code === "EDQUOT"
    ? new NoSpaceError(`${what}: the disk is full`, { cause: error })
    : error;
}

export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
