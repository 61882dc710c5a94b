import { dirname } from "node:path";
import { NoSpaceError } from "../../core/ports.ts";
import { errorCode } from "./error-code.ts";
import type { FileOperations, OpenFile } from "./file-operations.ts";
import { nodeFileOperations } from "./file-operations.ts";

export { errorCode };

/** A file is larger than anything that is read from such a file. */
export class FileTooLargeError extends Error {
  override readonly name = "FileTooLargeError";
}

/**
 * What POSIX promises about a power cut: the content of a file is there after fsync(file), its name after fsync(directory).
 * Everything that must survive goes through these functions.
 */

/** Makes the names in a directory durable. */
export async function syncDirectory(path: string, disk: FileOperations = nodeFileOperations): Promise<void> {
  await disk.syncDirectory(path);
}

/** Creates a directory, and those above it that are missing, and makes their names durable. */
export async function makeDirectory(path: string, disk: FileOperations = nodeFileOperations): Promise<void> {
  const first = await disk.makeDirectory(path);
  if (first === undefined) return;
  let parent = dirname(path);
  while (parent.length >= first.length) {
    await syncDirectory(parent, disk);
    parent = dirname(parent);
  }
  await syncDirectory(parent, disk);
}

/**
 * The file holds either its old content or all of the new, whatever happens in between. The name of the temporary file is always
 * the same, so that what a power cut left of one is overwritten by the next and never adds up.
 */
export async function writeFileDurably(
  path: string,
  bytes: Uint8Array,
  mode = 0o600,
  disk: FileOperations = nodeFileOperations,
): Promise<void> {
  const temporary = `${path}.tmp`;
  try {
    const file = await disk.open(temporary, "emptied", mode);
    try {
      await writeAllAt(file, bytes, 0);
      await file.sync();
    } finally {
      await file.close();
    }
    await disk.rename(temporary, path);
  } catch (error) {
    await disk.remove(temporary);
    throw noSpaceOr(error, `${path} could not be written`);
  }
  await syncDirectory(dirname(path), disk);
}

/** write(2) may write less than it was given. */
export async function writeAllAt(file: OpenFile, bytes: Uint8Array, position: number): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    const result = await file.write(bytes, written, bytes.length - written, position + written);
    written += result.bytesWritten;
  }
}

/** Reads up to `length` bytes; fewer at the end of the file. */
export async function readUpTo(file: OpenFile, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** A file that somebody else has put there, of whom nobody knows how large it is. Rejects with FileTooLargeError. */
export async function readWhole(
  path: string,
  mostBytes: number,
  disk: Pick<FileOperations, "open"> = nodeFileOperations,
): Promise<Buffer> {
  const file = await disk.open(path, "read");
  try {
    const size = await file.size();
    // It may have grown since it was looked at.
    const bytes = size > mostBytes ? undefined : await readUpTo(file, 0, size + 1);
    if (bytes === undefined || bytes.length > size)
      throw new FileTooLargeError(`${path} has more than ${Math.min(size, mostBytes)} bytes`);
    return bytes;
  } finally {
    await file.close();
  }
}

/** A full disk and an exhausted quota under the core's name for them; every other error as it is. */
export function noSpaceOr(error: unknown, what: string): unknown {
  const code = errorCode(error);
  return code === "ENOSPC" || code === "EDQUOT"
    ? new NoSpaceError(`${what}: the disk is full`, { cause: error })
    : error;
}
