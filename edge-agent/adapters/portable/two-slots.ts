import type { AgentState } from "../../core/agent-state.ts";
import { inTurn } from "../../core/in-turn.ts";
import type { Logger, StateStore } from "../../core/ports.ts";
import { decodeAgentState, encodeAgentState } from "./agent-state-json.ts";
import { salvageAgentState } from "./salvaged-state.ts";

// The agent's state lies in two slots that are written in turn: a new state overwrites the older one, so the newer one is whole at
// every moment, and a torn write costs only the state that was being saved. What differs between the hosts is how a slot lies there
// and how it shows that it is whole.
//
// After a downgrade the newest slot may be one that only a newer agent can read. What this one understands of it is the state then, and
// its bytes go to a place of their own before they are overwritten: nothing that an agent has saved is lost by starting another one.

export const slotNames = ["state.a", "state.b"] as const;
/** The last state of a newer agent, for people. */
export const setAside = "state.newer";
export type SlotName = (typeof slotNames)[number] | typeof setAside;

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
  /** Undefined when the slot is whole, but of a version of which this one understands nothing. */
  readonly state: AgentState | undefined;
  /** As it lies there, where this version cannot read all of it. */
  readonly foreign: Uint8Array | undefined;
}

export async function openTwoSlots(medium: SlotMedium, log: Logger): Promise<StateStore> {
  const slots: ReadSlot[] = [];
  for (const name of slotNames) {
    const slot = await medium.read(name);
    if (slot === undefined) continue;
    slots.push({ name, sequence: slot.sequence, ...readState(name, slot.content, log) });
  }
  // A slot of another version still counts in the sequence: going back to that version must not bring back its old state.
  let sequence = Math.max(0, ...slots.map((slot) => slot.sequence));
  let newest = slots.filter(({ state }) => state !== undefined).toSorted((a, b) => b.sequence - a.sequence)[0];
  if (newest?.foreign !== undefined)
    log.warn(
      { models: newest.state?.models.map(({ model, active }) => `${model} ${active?.version ?? "without a version"}`) },
      "the state was saved by a newer agent: the models that it names serve, and the control plane is asked for the rest",
    );
  let foreign = newestForeign(slots);
  const alone = inTurn();
  return {
    load: async () => newest?.state,
    save: (state) =>
      alone(async () => {
        const name = newest?.name === "state.a" ? "state.b" : "state.a";
        // One that could not be set aside lies where it is until its own slot is the next to be written.
        if (foreign !== undefined && ((await keep(medium, foreign.slot, log)) || foreign.name === name))
          foreign = undefined;
        const slot = { sequence: sequence + 1, content: encodeAgentState(state) };
        await medium.write(name, slot);
        sequence = slot.sequence;
        newest = { name, state, sequence, foreign: undefined };
      }),
  };
}

function readState(name: SlotName, content: Uint8Array, log: Logger): Pick<ReadSlot, "state" | "foreign"> {
  const state = decodeAgentState(content);
  if (state.ok) return { state: state.value, foreign: undefined };
  log.warn(
    { name, problems: state.problems },
    "a state slot was not written by this version, which cannot read all of it",
  );
  return { state: salvageAgentState(content), foreign: content };
}

function newestForeign(slots: readonly ReadSlot[]): { readonly name: SlotName; readonly slot: StateSlot } | undefined {
  const [newest] = slots.filter(({ foreign }) => foreign !== undefined).toSorted((a, b) => b.sequence - a.sequence);
  return newest?.foreign && { name: newest.name, slot: { sequence: newest.sequence, content: newest.foreign } };
}

/** Whether it is kept now. */
async function keep(medium: SlotMedium, slot: StateSlot, log: Logger): Promise<boolean> {
  try {
    await medium.write(setAside, slot);
    return true;
  } catch (error) {
    // A full disk, say. That the device goes on is worth more than what another agent knew.
    log.warn({ error: String(error) }, "the state of a newer agent could not be set aside");
    return false;
  }
}
