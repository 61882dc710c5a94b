import type { Hash } from "node:crypto";
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { FileStore, PartialFile } from "../../core/ports.ts";
import { DigestMismatchError, FileMissingError, NoSpaceError } from "../../core/ports.ts";
import type { Digest } from "../../../proto/ids.ts";
import { isDigest } from "../../../proto/ids.ts";
import { mebibytes } from "../../../proto/units.ts";
import { makeDirectory, noSpaceOr, readUpTo, writeAllAt } from "./durable-files.ts";
import { errorCode } from "./error-code.ts";
import type { FileOperations, OpenFile } from "./file-operations.ts";
import { nodeFileOperations } from "./file-operations.ts";

export interface FileStoreOptions {
  /** Holds `blobs/sha256/<2 digits>/<64 digits>` and `partial/<64 digits>.part`. */
  readonly directory: string;
  /** Never given to files: the agent's state and spool must have room on a disk that models have filled. */
  readonly reservedBytes?: number;
  /** All files together take no more than this, however large the disk is. */
  readonly mostBytes?: number;
  readonly disk?: FileOperations;
}

const readBytes = mebibytes(1);

/**
 * Files under the hash of their content. A name appears only by rename, after the content was hashed and made durable; the file
 * is read-only from then on.
 */
export async function openFileStore(options: FileStoreOptions): Promise<FileStore> {
  const blobs = join(options.directory, "blobs", "sha256");
  const partials = join(options.directory, "partial");
  const reservedBytes = options.reservedBytes ?? mebibytes(16);
  const disk = options.disk ?? nodeFileOperations;
  await makeDirectory(blobs, disk);
  await makeDirectory(partials, disk);
  const receiving = new Set<Digest>();

  const pathOf = (digest: Digest) => join(blobs, digest.slice(7, 9), digest.slice(7));
  const partialOf = (digest: Digest) => join(partials, `${digest.slice(7)}.part`);
  const bytesOf = async (digest: Digest) =>
    ((await disk.entry(pathOf(digest))) ?? (await disk.entry(partialOf(digest))))?.size ?? 0;
  const list = async () => {
    const names = new Set<Digest>();
    for (const directory of [blobs, partials])
      for (const entry of await disk.list(directory, true)) {
        const name = `sha256:${entry.name.replace(/\.part$/, "")}`;
        if (entry.isFile && isDigest(name)) names.add(name);
      }
    return [...names].toSorted();
  };
  const usedBytes = async () => {
    let used = 0;
    for (const digest of await list()) used += await bytesOf(digest);
    return used;
  };
  const freeBytes = async () => {
    const onDisk = (await disk.freeBytes(options.directory)) - reservedBytes;
    const { mostBytes } = options;
    return Math.max(0, mostBytes === undefined ? onDisk : Math.min(onDisk, mostBytes - (await usedBytes())));
  };

  return {
    freeBytes,
    bytesOf,
    list,
    locate: pathOf,
    has: async (digest) => (await disk.entry(pathOf(digest)))?.isFile ?? false,
    async read(digest) {
      const bytes = await disk.readFile(pathOf(digest)).catch((error: unknown) => missing(digest, error));
      const found = digestOf(createHash("sha256").update(bytes));
      if (found !== digest)
        throw new DigestMismatchError(`the file ${digest} on this device is damaged: it is ${found}`);
      return bytes;
    },
    async open(digest) {
      const file = await disk.open(pathOf(digest), "read").catch((error: unknown) => missing(digest, error));
      const size = await file.size();
      return {
        size,
        read: (offset, length) => readUpTo(file, offset, length),
        [Symbol.asyncDispose]: () => file.close(),
      };
    },
    async receive(digest, size) {
      if (receiving.has(digest)) throw new Error(`${digest} is being received already`);
      receiving.add(digest);
      try {
        const path = partialOf(digest);
        const present = (await disk.entry(path))?.size ?? 0;
        const resumeAt = present <= size ? present : 0;
        const free = await freeBytes();
        if (size - resumeAt > free)
          throw new NoSpaceError(
            `${digest} needs ${size - resumeAt} more bytes and only ${free} may be used: remove something from the disk`,
          );
        return await openPartial({
          disk,
          digest,
          size,
          path,
          target: pathOf(digest),
          resumeAt,
          release: () => receiving.delete(digest),
        });
      } catch (error) {
        receiving.delete(digest);
        throw error;
      }
    },
    async remove(digest) {
      await disk.remove(pathOf(digest));
      await disk.remove(partialOf(digest));
    },
  };
}

interface PartialOptions {
  readonly disk: FileOperations;
  readonly digest: Digest;
  readonly size: number;
  readonly path: string;
  readonly target: string;
  readonly resumeAt: number;
  readonly release: () => void;
}

async function openPartial(options: PartialOptions): Promise<PartialFile> {
  const { disk, digest, size, path, target, resumeAt, release } = options;
  const file = await disk.open(path, "in-place");
  const hash = createHash("sha256");
  let length = 0;
  let isOpen = true;

  const close = async () => {
    if (!isOpen) return;
    isOpen = false;
    release();
    await file.close();
  };
  const drop = async (mistake: string): Promise<never> => {
    await close();
    await disk.remove(path);
    throw new DigestMismatchError(mistake);
  };

  try {
    // What an earlier run left is hashed again: its length is known, not its content.
    length = await hashFrom(file, hash, resumeAt);
    if (length === 0 && (await file.size()) > 0) await file.truncate(0);
  } catch (error) {
    await close();
    throw error;
  }

  return {
    resumeAt: length,
    async append(bytes) {
      if (length + bytes.length > size) await drop(`more than the ${size} bytes of ${digest} arrived`);
      try {
        // At its own position: what a failed write left behind is overwritten by the next attempt.
        await writeAllAt(file, bytes, length);
      } catch (error) {
        throw noSpaceOr(error, `${bytes.length} bytes of ${digest} could not be stored after the first ${length}`);
      }
      hash.update(bytes);
      length += bytes.length;
    },
    async commit() {
      if (length !== size) await drop(`${digest} has ${size} bytes, and ${length} arrived`);
      const found = digestOf(hash.copy());
      if (found !== digest) await drop(`what arrived for ${digest} is ${found}`);
      try {
        await file.sync();
        await makeDirectory(dirname(target), disk);
        await disk.rename(path, target);
        await disk.syncDirectory(dirname(target));
        // Not before the name is durable: a partial file that a power cut left read-only could never be received again.
        await disk.makeReadOnly(target);
      } catch (error) {
        throw noSpaceOr(error, `${digest} could not be stored`);
      }
      await close();
    },
    [Symbol.asyncDispose]: close,
  };
}

function missing(digest: Digest, error: unknown): never {
  if (errorCode(error) !== "ENOENT") throw error;
  throw new FileMissingError(`there is no file ${digest} on this device`, { cause: error });
}

async function hashFrom(file: OpenFile, hash: Hash, length: number): Promise<number> {
  let position = 0;
  while (position < length) {
    const bytes = await readUpTo(file, position, Math.min(readBytes, length - position));
    if (bytes.length === 0) break;
    hash.update(bytes);
    position += bytes.length;
  }
  return position;
}

function digestOf(hash: Hash): Digest {
  return `sha256:${hash.digest("hex")}` as Digest;
}
