import { dirname } from "node:path";
import type { Digest } from "../../../proto/ids.ts";
import type { PartialFile } from "../../core/ports.ts";
import { DigestMismatchError } from "../../core/ports.ts";
import { makeDirectory, noSpaceOr, readUpTo, writeAllAt } from "./durable-files.ts";
import type { FileOperations } from "./file-operations.ts";
import { RunningHash } from "./running-hash.ts";

export interface PartialOptions {
  readonly disk: FileOperations;
  readonly digest: Digest;
  readonly size: number;
  readonly path: string;
  /** Where the file gets its name. */
  readonly target: string;
  readonly resumeAt: number;
  readonly release: () => void;
}

export async function openPartial(options: PartialOptions): Promise<PartialFile> {
  const { disk, digest, size, path, target, resumeAt, release } = options;
  const file = await disk.open(path, "in-place");
  const hash = new RunningHash();
  let length = resumeAt;
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
  /** At its own position: what a failed write left behind is overwritten by the next attempt. */
  const write = async (offset: number, bytes: Uint8Array) => {
    try {
      await writeAllAt(file, bytes, offset);
    } catch (error) {
      throw noSpaceOr(error, `${bytes.length} bytes of ${digest} could not be stored after the first ${offset}`);
    }
  };

  try {
    if (length === 0 && (await file.size()) > 0) await file.truncate(0);
  } catch (error) {
    await close();
    throw error;
  }

  return {
    resumeAt,
    async read(offset, wanted) {
      const bytes = await readUpTo(file, offset, Math.min(wanted, length - offset));
      hash.pass(offset, bytes);
      return bytes;
    },
    async overwrite(offset, bytes) {
      if (offset + bytes.length > length)
        throw new RangeError(`only ${length} bytes of ${digest} are there, not ${offset + bytes.length}`);
      hash.rewind(offset);
      await write(offset, bytes);
    },
    async append(bytes) {
      if (length + bytes.length > size) await drop(`more than the ${size} bytes of ${digest} arrived`);
      await hash.catchUp(file, length);
      await write(length, bytes);
      hash.pass(length, bytes);
      length += bytes.length;
    },
    async commit() {
      if (length !== size) await drop(`${digest} has ${size} bytes, and ${length} arrived`);
      await hash.catchUp(file, length);
      if (hash.digest() !== digest) await drop(`what arrived for ${digest} is ${hash.digest()}`);
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
