import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeAgentState } from "../adapters/portable/agent-state-json.ts";
import { salvageAgentState } from "../adapters/portable/salvaged-state.ts";
import { errorCode } from "../adapters/node/durable-files.ts";
import { decodeStateSlot } from "../adapters/node/state-slot.ts";
import type { AgentState } from "../core/agent-state.ts";

/** The agent's state as it lies on the disk, read without changing anything: also while the agent runs, and when it cannot. */
export interface StoredState {
  readonly slots: readonly StoredSlot[];
  /** The newer of the slots that can be read, if only in part; undefined when none can. */
  readonly state: AgentState | undefined;
}

export interface StoredSlot {
  readonly name: string;
  readonly condition: "whole" | "missing" | "damaged" | "of another version" | "unreadable";
  readonly problem: string;
  readonly sequence: number;
}

export async function readStoredState(data: string): Promise<StoredState> {
  const read = await Promise.all(["state.a", "state.b"].map((name) => readSlot(data, name)));
  const whole = read.filter(({ state }) => state !== undefined).toSorted((a, b) => b.slot.sequence - a.slot.sequence);
  return { slots: read.map(({ slot }) => slot), state: whole[0]?.state };
}

interface ReadSlot {
  readonly slot: StoredSlot;
  readonly state: AgentState | undefined;
}

async function readSlot(data: string, name: string): Promise<ReadSlot> {
  const bad = (condition: StoredSlot["condition"], problem: string, sequence = 0): ReadSlot => ({
    slot: { name, condition, problem, sequence },
    state: undefined,
  });
  let bytes: Buffer;
  try {
    bytes = await readFile(join(data, name));
  } catch (error) {
    return errorCode(error) === "ENOENT" ? bad("missing", "there is no such file") : bad("unreadable", String(error));
  }
  const slot = decodeStateSlot(bytes);
  if (slot === undefined) return bad("damaged", `its ${bytes.length} bytes are torn or damaged`);
  const state = decodeAgentState(slot.content);
  // The agent goes on with what it understands of it.
  if (!state.ok)
    return {
      ...bad("of another version", state.problems.join("; "), slot.sequence),
      state: salvageAgentState(slot.content),
    };
  return { slot: { name, condition: "whole", problem: "", sequence: slot.sequence }, state: state.value };
}
