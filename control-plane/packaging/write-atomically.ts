import { randomBytes } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

/** Writes a file that is there whole or not at all, also when the program is ended in the middle. Replaces what stood there. */
export async function writeFileAtomically(
  path: string,
  chunks: Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const temporary = besides(path);
  try {
    const handle = await open(temporary, "wx");
    try {
      for await (const chunk of chunks instanceof Uint8Array ? [chunks] : chunks) {
        signal.throwIfAborted();
        await handle.appendFile(chunk);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
    signal.throwIfAborted();
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Fills a directory under another name and gives it its name when it is whole. Rejects when `path` is there already. */
export async function writeDirectoryAtomically(
  path: string,
  fill: (directory: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const temporary = besides(path);
  await mkdir(dirname(resolve(path)), { recursive: true });
  await mkdir(temporary);
  try {
    await fill(temporary);
    signal.throwIfAborted();
    // A directory is never renamed over one that has files in it.
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

function besides(path: string): string {
  const whole = resolve(path);
  return join(dirname(whole), `.${basename(whole)}.${randomBytes(6).toString("hex")}.partial`);
}
