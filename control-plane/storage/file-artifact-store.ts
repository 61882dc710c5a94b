import { createHash, randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Digest } from "../../proto/ids.ts";
import type { ArtifactStore } from "../application/ports.ts";
import { ArtifactMismatchError, StorageFullError } from "../application/storage-errors.ts";

export interface FileArtifactStore extends ArtifactStore {
  /** Where the file lies, whether it is there or not. Nobody but the store writes there. */
  locate(digest: Digest): string;
}

/**
 * Files under `<folder>/sha256/ab/<hex>`. A file gets its name only when its bytes are on the disk and were hashed on the way, so a
 * name that exists means complete and correct content, also after a power cut. What a process left half-written lies in
 * `<folder>/incoming` and is swept away at the next start.
 */
export async function openFileArtifactStore(folder: string): Promise<FileArtifactStore> {
  const incoming = join(folder, "incoming");
  await mkdir(incoming, { recursive: true });
  for (const left of await readdir(incoming)) await rm(join(incoming, left), { force: true, recursive: true });

  const pathOf = (digest: Digest): string => {
    const hex = digest.slice("sha256:".length);
    return join(folder, "sha256", hex.slice(0, 2), hex);
  };

  async function size(digest: Digest): Promise<number | undefined> {
    return (await stat(pathOf(digest)).catch(undefinedWhenMissing))?.size;
  }

  return {
    locate: pathOf,
    has: async (digest) => (await size(digest)) !== undefined,
    size,
    async put(digest, bytes) {
      const temporary = join(incoming, randomUUID());
      try {
        const actual = await writeHashed(temporary, bytes);
        if (actual !== digest) throw new ArtifactMismatchError(digest, actual);
        const path = pathOf(digest);
        await mkdir(dirname(path), { recursive: true });
        await rename(temporary, path);
        // The names lead to the file only when they are on the disk too, the folder's own in its parent included.
        await syncFolder(dirname(path));
        await syncFolder(join(folder, "sha256"));
      } catch (error) {
        throw isFull(error) ? new StorageFullError(folder, error) : error;
      } finally {
        await rm(temporary, { force: true });
      }
    },
    async readRange(digest, offset, length) {
      const file = await open(pathOf(digest), "r").catch(undefinedWhenMissing);
      if (file === undefined) return undefined;
      try {
        return await readFully(file, offset, length);
      } finally {
        await file.close();
      }
    },
    stream: (digest, from, to) => readStream(pathOf(digest), from, to),
  };
}

async function writeHashed(path: string, bytes: AsyncIterable<Uint8Array>): Promise<Digest> {
  const hash = createHash("sha256");
  const file = await open(path, "wx", 0o640);
  try {
    for await (const chunk of bytes) {
      hash.update(chunk);
      await file.appendFile(chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return `sha256:${hash.digest("hex")}` as Digest;
}

/** Fewer bytes than `length` only at the end of the file. */
async function readFully(file: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const available = Math.max(0, Math.min(length, (await file.stat()).size - offset));
  const bytes = new Uint8Array(available);
  let filled = 0;
  while (filled < available) {
    const { bytesRead } = await file.read(bytes, filled, available - filled, offset + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

async function* readStream(path: string, from: number, to: number): AsyncIterable<Uint8Array> {
  if (to <= from) return;
  yield* createReadStream(path, { start: from, end: to - 1 }) as AsyncIterable<Uint8Array>;
}

async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders; its rename is durable by itself.
  if (process.platform === "win32") return;
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isFull(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOSPC" || code === "EDQUOT";
}

function undefinedWhenMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}
