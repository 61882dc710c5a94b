import { createHash } from "node:crypto";
import type { FileStore, PartialFile } from "../../core/ports.ts";
import { DigestMismatchError, FileMissingError, NoSpaceError } from "../../core/ports.ts";
import type { Digest } from "../../../proto/ids.ts";
import type { MemoryDisk } from "./memory-disk.ts";
import { refuseWhenFull } from "./memory-disk.ts";

/** The file store of a device that lives in memory. */
export function memoryFileStore(disk: MemoryDisk): FileStore {
  const freeBytes = () => {
    if (disk.isFull) return 0;
    let used = 0;
    for (const bytes of [...disk.files.values(), ...disk.partials.values()]) used += bytes.length;
    return Math.max(0, disk.capacityBytes - used);
  };
  const read = async (digest: Digest) => {
    const bytes = disk.files.get(digest);
    if (bytes === undefined) throw new FileMissingError(`there is no file ${digest}`);
    const found = sha256(bytes);
    if (found !== digest) throw new DigestMismatchError(`the file ${digest} is damaged: it is ${found}`);
    return bytes;
  };
  return {
    has: async (digest) => disk.files.has(digest),
    read,
    verify: async (digest) => void (await read(digest)),
    async open(digest) {
      const bytes = disk.files.get(digest);
      if (bytes === undefined) throw new FileMissingError(`there is no file ${digest}`);
      return {
        size: bytes.length,
        read: async (offset, length) => bytes.subarray(offset, offset + length),
        async [Symbol.asyncDispose]() {},
      };
    },
    locate: (digest) => digest,
    async receive(digest, size) {
      const present = disk.partials.get(digest) ?? new Uint8Array();
      const resumeAt = present.length <= size ? present.length : 0;
      if (size - resumeAt > freeBytes())
        throw new NoSpaceError(`${digest} needs ${size - resumeAt} more bytes and only ${freeBytes()} are free`);
      disk.partials.set(digest, present.subarray(0, resumeAt));
      return partialFile(disk, digest, size, resumeAt);
    },
    freeBytes: async () => freeBytes(),
    bytesOf: async (digest) => (disk.files.get(digest) ?? disk.partials.get(digest))?.length ?? 0,
    list: async () => [...new Set([...disk.files.keys(), ...disk.partials.keys()])].toSorted(),
    async remove(digest) {
      disk.files.delete(digest);
      disk.partials.delete(digest);
    },
  };
}

function partialFile(disk: MemoryDisk, digest: Digest, size: number, resumeAt: number): PartialFile {
  const content = () => disk.partials.get(digest) ?? new Uint8Array();
  const drop = (mistake: string): never => {
    disk.partials.delete(digest);
    throw new DigestMismatchError(mistake);
  };
  return {
    resumeAt,
    read: async (offset, length) => content().slice(offset, offset + length),
    async overwrite(offset, bytes) {
      const changed = content().slice();
      changed.set(bytes, offset);
      disk.partials.set(digest, changed);
    },
    async append(bytes) {
      refuseWhenFull(disk);
      if (content().length + bytes.length > size) drop(`more than the ${size} bytes of ${digest} arrived`);
      disk.partials.set(digest, new Uint8Array(Buffer.concat([content(), bytes])));
    },
    async commit() {
      refuseWhenFull(disk);
      const bytes = content();
      if (bytes.length !== size) drop(`${digest} has ${size} bytes, and ${bytes.length} arrived`);
      const found = sha256(bytes);
      if (found !== digest) drop(`what arrived for ${digest} is ${found}`);
      disk.files.set(digest, bytes);
      disk.partials.delete(digest);
    },
    async [Symbol.asyncDispose]() {},
  };
}

function sha256(bytes: Uint8Array): Digest {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}` as Digest;
}
