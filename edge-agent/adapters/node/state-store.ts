import { join } from "node:path";
import type { AgentState } from "../../core/agent-state.ts";
import type { Logger, StateStore } from "../../core/ports.ts";
import { decodeAgentState, encodeAgentState } from "../portable/agent-state-json.ts";
import { makeDirectory, noSpaceOr, writeAllAt } from "./durable-files.ts";
import { errorCode } from "./error-code.ts";
import type { FileOperations } from "./file-operations.ts";
import { nodeFileOperations } from "./file-operations.ts";
import { inTurn } from "../../core/in-turn.ts";
import { decodeStateSlot, encodeStateSlot } from "./state-slot.ts";

const slotNames = ["state.a", "state.b"] as const;
type SlotName = (typeof slotNames)[number];

interface ReadSlot {
  readonly name: SlotName;
  readonly sequence: number;
  /** Undefined when the slot is whole, but of a version that this one cannot read. */
  readonly state: AgentState | undefined;
}

/**
 * Two slots in turn: a new state overwrites the older one, so the newer one is whole at every moment and a torn write costs
 * only the state that was being saved. It needs no database, so it works when a native module does not load.
 */
export async function openStateStore(options: {
  readonly directory: string;
  readonly log: Logger;
  readonly disk?: FileOperations;
}): Promise<StateStore> {
  const { directory, log, disk = nodeFileOperations } = options;
  await makeDirectory(directory, disk);
  const slots: ReadSlot[] = [];
  for (const name of slotNames) {
    const slot = await readSlot(disk, directory, name, log);
    if (slot !== undefined) slots.push(slot);
  }
  // A slot of another version still counts in the sequence: going back to that version must not bring back its old state.
  let sequence = Math.max(0, ...slots.map((slot) => slot.sequence));
  let newest = slots.filter((slot) => slot.state !== undefined).toSorted((a, b) => b.sequence - a.sequence)[0];
  const alone = inTurn();

  return {
    load: async () => newest?.state,
    save: (state) =>
      alone(async () => {
        const name = newest?.name === "state.a" ? "state.b" : "state.a";
        const slot = { sequence: sequence + 1, content: encodeAgentState(state) };
        await writeSlot(disk, join(directory, name), encodeStateSlot(slot));
        await disk.syncDirectory(directory);
        sequence = slot.sequence;
        newest = { name, state, sequence };
      }),
  };
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

async function readSlot(
  disk: FileOperations,
  directory: string,
  name: SlotName,
  log: Logger,
): Promise<ReadSlot | undefined> {
  const path = join(directory, name);
  let bytes: Buffer;
  try {
    bytes = await disk.readFile(path);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") log.warn({ path, error: String(error) }, "a state slot cannot be read");
    return undefined;
  }
  const slot = decodeStateSlot(bytes);
  if (slot === undefined) {
    log.warn({ path, bytes: bytes.length }, "a state slot is torn or damaged and is left out");
    return undefined;
  }
  const state = decodeAgentState(slot.content);
  if (state.ok) return { name, state: state.value, sequence: slot.sequence };
  log.warn({ path, problems: state.problems }, "a state slot was not written by this version and is left out");
  return { name, sequence: slot.sequence, state: undefined };
}
