import { join } from "node:path";
import type { FileStore } from "../../core/ports.ts";
import { DigestMismatchError, FileMissingError, NoSpaceError } from "../../core/ports.ts";
import type { Digest } from "../../../proto/ids.ts";
import { isDigest } from "../../../proto/ids.ts";
import { mebibytes } from "../../../proto/units.ts";
import { makeDirectory, readUpTo } from "./durable-files.ts";
import { errorCode } from "./error-code.ts";
import type { FileOperations } from "./file-operations.ts";
import { nodeFileOperations } from "./file-operations.ts";
import { openPartial } from "./partial-file.ts";
import { RunningHash } from "./running-hash.ts";

export interface FileStoreOptions {
  /** Holds `blobs/sha256/<2 digits>/<64 digits>` and `partial/<64 digits>.part`. */
  readonly directory: string;
  /** Never given to files: the agent's state and spool must have room on a disk that models have filled. */
  readonly reservedBytes?: number;
  /** All files together take no more than this, however large the disk is. */
  readonly mostBytes?: number;
  readonly disk?: FileOperations;
}

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
      const hash = new RunningHash();
      hash.pass(0, bytes);
      compare(digest, hash.digest());
      return bytes;
    },
    async verify(digest) {
      const file = await disk.open(pathOf(digest), "read").catch((error: unknown) => missing(digest, error));
      try {
        const hash = new RunningHash();
        await hash.catchUp(file, await file.size());
        compare(digest, hash.digest());
      } finally {
        await file.close();
      }
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

function compare(digest: Digest, found: Digest): void {
  if (found !== digest) throw new DigestMismatchError(`the file ${digest} on this device is damaged: it is ${found}`);
}

function missing(digest: Digest, error: unknown): never {
  if (errorCode(error) !== "ENOENT") throw error;
  throw new FileMissingError(`there is no file ${digest} on this device`, { cause: error });
}
