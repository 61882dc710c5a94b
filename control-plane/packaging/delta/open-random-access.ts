import { open } from "node:fs/promises";
import type { RandomAccess } from "../../../proto/delta/apply-delta.ts";

/** A file on the disk for reading at any place. */
export async function openRandomAccess(path: string): Promise<RandomAccess & AsyncDisposable> {
  const handle = await open(path, "r");
  const { size } = await handle.stat();
  return {
    size,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      let done = 0;
      while (done < length) {
        const { bytesRead } = await handle.read(bytes, done, length - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      return bytes.subarray(0, done);
    },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
