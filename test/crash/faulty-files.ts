import type { FileOperations, OpenFile } from "../../edge-agent/adapters/node/file-operations.ts";
import { DiskError } from "./lossy-files.ts";

/** Which operations fail, counted from 1 over everything that changes or syncs the disk, and how. */
export interface Faults {
  readonly code: "ENOSPC" | "EIO";
  readonly from: number;
  /** The first that succeeds again. */
  readonly until: number;
}

export interface FaultyFiles {
  readonly disk: FileOperations;
  /** Operations so far that could have failed. */
  readonly count: () => number;
}

/** A disk that refuses some operations before anything of them has happened, and half of each write: as a full or a dying one does. */
export function faultyFiles(disk: FileOperations, { code, from, until }: Faults): FaultyFiles {
  let count = 0;
  const refuses = () => {
    count++;
    return count >= from && count < until;
  };
  const guarded = (path: string) => {
    if (refuses()) throw new DiskError(code, path);
  };
  const guardedFile = (path: string, file: OpenFile): OpenFile => ({
    ...file,
    async write(bytes, start, length, position) {
      if (!refuses()) return await file.write(bytes, start, length, position);
      const half = Math.floor(length / 2);
      if (half > 0) await file.write(bytes, start, half, position);
      throw new DiskError(code, path);
    },
    async truncate(size) {
      if (code === "EIO") guarded(path);
      await file.truncate(size);
    },
    async sync() {
      guarded(path);
      await file.sync();
    },
    async datasync() {
      guarded(path);
      await file.datasync();
    },
  });
  const faulty: FileOperations = {
    async open(path, access, mode) {
      if (access !== "read") guarded(path);
      return guardedFile(path, await disk.open(path, access, mode));
    },
    readFile: (path) => disk.readFile(path),
    entry: (path) => disk.entry(path),
    list: (path, deep) => disk.list(path, deep),
    async makeDirectory(path) {
      guarded(path);
      return await disk.makeDirectory(path);
    },
    async rename(source, target) {
      guarded(source);
      await disk.rename(source, target);
    },
    async remove(path) {
      // A full disk gives room back.
      if (code === "EIO") guarded(path);
      await disk.remove(path);
    },
    async makeReadOnly(path) {
      guarded(path);
      await disk.makeReadOnly(path);
    },
    async syncDirectory(path) {
      guarded(path);
      await disk.syncDirectory(path);
    },
    freeBytes: (path) => disk.freeBytes(path),
  };
  return { disk: faulty, count: () => count };
}
