import type { AgentState } from "../../core/agent-state.ts";
import { inTurn } from "../../core/in-turn.ts";
import type { Logger, StateStore } from "../../core/ports.ts";
import { decodeAgentState, encodeAgentState } from "./agent-state-json.ts";

// The agent's state lies in two slots that are written in turn: a new state overwrites the older one, so the newer one is whole at
// every moment, and a torn write costs only the state that was being saved. What differs between the hosts is how a slot lies there
// and how it shows that it is whole.

export const slotNames = ["state.a", "state.b"] as const;
export type SlotName = (typeof slotNames)[number];

export interface StateSlot {
  /** The higher of two whole slots is the newer. */
  readonly sequence: number;
  readonly content: Uint8Array;
}

export interface SlotMedium {
  /** Undefined where there is none, or none that is whole: then it has been logged. */
  read(name: SlotName): Promise<StateSlot | undefined>;
  /** Returns when a power cut can no longer undo it. */
  write(name: SlotName, slot: StateSlot): Promise<void>;
}

interface ReadSlot {
  readonly name: SlotName;
  readonly sequence: number;
  /** Undefined when the slot is whole, but of a version that this one cannot read. */
  readonly state: AgentState | undefined;
}

export async function openTwoSlots(medium: SlotMedium, log: Logger): Promise<StateStore> {
  const slots: ReadSlot[] = [];
  for (const name of slotNames) {
    const slot = await medium.read(name);
    if (slot === undefined) continue;
    const state = decodeAgentState(slot.content);
    if (!state.ok)
      log.warn({ name, problems: state.problems }, "a state slot was not written by this version and is left out");
    slots.push({ name, sequence: slot.sequence, state: state.ok ? state.value : undefined });
  }
  // A slot of another version still counts in the sequence: going back to that version must not bring back its old state.
  let sequence = Math.max(0, ...slots.map((slot) => slot.sequence));
  let newest = slots.filter(({ state }) => state !== undefined).toSorted((a, b) => b.sequence - a.sequence)[0];
  const alone = inTurn();
  return {
    load: async () => newest?.state,
    save: (state) =>
      alone(async () => {
        const name = newest?.name === "state.a" ? "state.b" : "state.a";
        const slot = { sequence: sequence + 1, content: encodeAgentState(state) };
        await medium.write(name, slot);
        sequence = slot.sequence;
        newest = { name, state, sequence };
      }),
  };
}
