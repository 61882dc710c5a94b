import { join } from "node:path";
import type { Logger, StateStore } from "../../core/ports.ts";
import type { StateSlot } from "../portable/two-slots.ts";
import { openTwoSlots } from "../portable/two-slots.ts";
import { makeDirectory, noSpaceOr, writeAllAt } from "./durable-files.ts";
import { errorCode } from "./error-code.ts";
import type { FileOperations } from "./file-operations.ts";
import { nodeFileOperations } from "./file-operations.ts";
import { decodeStateSlot, encodeStateSlot } from "./state-slot.ts";

/** Two files. It needs no database, so it works when a native module does not load. */
export async function openStateStore(options: {
  readonly directory: string;
  readonly log: Logger;
  readonly disk?: FileOperations;
}): Promise<StateStore> {
  const { directory, log, disk = nodeFileOperations } = options;
  await makeDirectory(directory, disk);
  return await openTwoSlots(
    {
      read: (name) => readSlot(disk, join(directory, name), log),
      async write(name, slot) {
        await writeSlot(disk, join(directory, name), encodeStateSlot(slot));
        await disk.syncDirectory(directory);
      },
    },
    log,
  );
}

/** In place: a rename would make the slot that is about to be overwritten the only one for a moment. */
async function writeSlot(disk: FileOperations, path: string, bytes: Uint8Array): Promise<void> {
  try {
    const file = await disk.open(path, "in-place");
    try {
      await writeAllAt(file, bytes, 0);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw noSpaceOr(error, `the agent's state could not be saved to ${path}`);
  }
}

async function readSlot(disk: FileOperations, path: string, log: Logger): Promise<StateSlot | undefined> {
  let bytes: Buffer;
  try {
    bytes = await disk.readFile(path);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") log.warn({ path, error: String(error) }, "a state slot cannot be read");
    return undefined;
  }
  const slot = decodeStateSlot(bytes);
  if (slot === undefined) log.warn({ path, bytes: bytes.length }, "a state slot is torn or damaged and is left out");
  return slot;
}
