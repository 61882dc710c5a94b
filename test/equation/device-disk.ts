import type { FileOperations, OpenFile } from "../../edge-agent/adapters/node/file-operations.ts";
import { DiskError } from "../crash/lossy-files.ts";

/** A disk of a device whose power can go before any operation, and that can be full. */
export interface DeviceDisk extends FileOperations {
  /** The power goes before the operation with this number, counted from now. */
  dieAfter(operations: number): void;
  die(): void;
  isFull: boolean;
}

/** A new one each time: whoever waits for a promise is kept in memory as long as that one is. */
const never = () => new Promise<never>(() => undefined);

/** `onDeath` is called once; from then on no operation happens, and none settles. */
export function deviceDisk(disk: FileOperations, onDeath: () => void): DeviceDisk {
  let left = Number.POSITIVE_INFINITY;
  let isDead = false;
  /** Looks and acts in one moment: nothing happens on a disk after the moment at which it was looked at. */
  async function alive<T>(act: () => Promise<T>): Promise<T> {
    if (left-- <= 0) device.die();
    return isDead ? await never() : await act();
  }
  const guarded = (path: string, file: OpenFile): OpenFile => ({
    ...file,
    write: (bytes, start, length, position) =>
      alive(async () => {
        if (!device.isFull) return await file.write(bytes, start, length, position);
        if (length > 1) await file.write(bytes, start, length >> 1, position);
        throw new DiskError("ENOSPC", path);
      }),
    truncate: (size) => alive(() => file.truncate(size)),
    sync: () => alive(() => file.sync()),
    datasync: () => alive(() => file.datasync()),
  });
  const device: DeviceDisk = {
    isFull: false,
    die() {
      if (isDead) return;
      isDead = true;
      onDeath();
    },
    dieAfter: (operations) => {
      left = operations;
    },
    open: (path, access, mode) =>
      alive(async () => {
        if (device.isFull && access !== "read" && (await disk.entry(path)) === undefined)
          throw new DiskError("ENOSPC", path);
        return guarded(path, await disk.open(path, access, mode));
      }),
    readFile: (path) => alive(() => disk.readFile(path)),
    entry: (path) => alive(() => disk.entry(path)),
    list: (path, deep) => alive(() => disk.list(path, deep)),
    makeDirectory: (path) => alive(() => disk.makeDirectory(path)),
    rename: (from, to) => alive(() => disk.rename(from, to)),
    remove: (path) => alive(() => disk.remove(path)),
    makeReadOnly: (path) => alive(() => disk.makeReadOnly(path)),
    syncDirectory: (path) => alive(() => disk.syncDirectory(path)),
    freeBytes: (path) => disk.freeBytes(path),
  };
  return device;
}
