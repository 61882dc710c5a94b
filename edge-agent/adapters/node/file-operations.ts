import { constants } from "node:fs";
import { chmod, mkdir, open, readdir, readFile, rename, rm, stat, statfs } from "node:fs/promises";
import { errorCode } from "./error-code.ts";

/**
 * Every operation on a disk that what must survive a power cut is made of. The adapters take no other way to the disk, so the same
 * code runs over a disk that loses what was not made durable.
 */
export interface FileOperations {
  open(path: string, access: FileAccess, mode?: number): Promise<OpenFile>;
  /** Rejects with ENOENT. */
  readFile(path: string): Promise<Buffer>;
  /** Undefined when nothing has this name. */
  entry(path: string): Promise<{ readonly isFile: boolean; readonly size: number } | undefined>;
  /** What a directory holds; with `deep` also what the directories below it hold. */
  list(path: string, deep?: boolean): Promise<readonly { readonly name: string; readonly isFile: boolean }[]>;
  /** Creates a directory and those above it; answers the uppermost that was missing. */
  makeDirectory(path: string): Promise<string | undefined>;
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, or a directory with everything in it; content to find nothing. */
  remove(path: string): Promise<void>;
  makeReadOnly(path: string): Promise<void>;
  /** fsync(2) of a directory: its names are durable afterwards. */
  syncDirectory(path: string): Promise<void>;
  /** Bytes that an ordinary user may still write where `path` lies. */
  freeBytes(path: string): Promise<number>;
}

/** `in-place` keeps what is there, `emptied` does not; both create what is missing. */
export type FileAccess = "read" | "in-place" | "emptied";

export interface OpenFile {
  /** read(2) and write(2): either may do less than it was asked to. */
  read(bytes: Uint8Array, start: number, length: number, position: number): Promise<{ readonly bytesRead: number }>;
  write(bytes: Uint8Array, start: number, length: number, position: number): Promise<{ readonly bytesWritten: number }>;
  truncate(size: number): Promise<void>;
  size(): Promise<number>;
  /** fsync(2): content and size are durable afterwards, the name is not. */
  sync(): Promise<void>;
  /** fdatasync(2): as `sync`, without the times. */
  datasync(): Promise<void>;
  close(): Promise<void>;
}

const flags: Readonly<Record<FileAccess, number>> = {
  read: constants.O_RDONLY,
  "in-place": constants.O_RDWR | constants.O_CREAT,
  emptied: constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC,
};

export const nodeFileOperations: FileOperations = {
  async open(path, access, mode = 0o600) {
    const file = await open(path, flags[access], mode);
    return {
      read: (bytes, start, length, position) => file.read(bytes, start, length, position),
      write: (bytes, start, length, position) => file.write(bytes, start, length, position),
      truncate: (size) => file.truncate(size),
      size: async () => (await file.stat()).size,
      sync: () => file.sync(),
      datasync: () => file.datasync(),
      close: () => file.close(),
    };
  },
  readFile: (path) => readFile(path),
  async entry(path) {
    try {
      const found = await stat(path);
      return { isFile: found.isFile(), size: found.size };
    } catch (error) {
      if (errorCode(error) === "ENOENT") return undefined;
      throw error;
    }
  },
  async list(path, deep = false) {
    const entries = await readdir(path, { recursive: deep, withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, isFile: entry.isFile() }));
  },
  makeDirectory: (path) => mkdir(path, { recursive: true, mode: 0o700 }),
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  makeReadOnly: (path) => chmod(path, 0o444),
  async syncDirectory(path) {
    const directory = await open(path, "r");
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  },
  async freeBytes(path) {
    const disk = await statfs(path);
    return disk.bavail * disk.bsize;
  },
};
