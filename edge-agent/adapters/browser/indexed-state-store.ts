import type { AgentState } from "../../core/agent-state.ts";
import { inTurn } from "../../core/in-turn.ts";
import type { Crypto, Logger, StateStore } from "../../core/ports.ts";
import { decodeAgentState, encodeAgentState } from "../portable/agent-state-json.ts";
import type { DeviceDatabase } from "./device-database.ts";
import { valueAt } from "./device-database.ts";

const slotNames = ["state.a", "state.b"] as const;
type SlotName = (typeof slotNames)[number];

interface ReadSlot {
  readonly name: SlotName;
  readonly sequence: number;
  /** Undefined when the slot is whole, but of a version that this one cannot read. */
  readonly state: AgentState | undefined;
}

export interface IndexedStateStoreOptions {
  readonly database: DeviceDatabase;
  readonly crypto: Pick<Crypto, "digest">;
  readonly log: Logger;
}

/** Two slots in turn, each with the digest of its content: a slot that has rotted costs only the change that was saved last. */
export async function openIndexedStateStore({ database, crypto, log }: IndexedStateStoreOptions): Promise<StateStore> {
  const readSlot = async (name: SlotName): Promise<ReadSlot | undefined> => {
    const found = await database.read(["values"], (transaction) => valueAt(transaction, "values", name));
    if (found === undefined) return undefined;
    const { sequence, content, digest } = found as Readonly<Record<string, unknown>>;
    if (typeof sequence !== "number" || !(content instanceof Uint8Array) || (await crypto.digest(content)) !== digest) {
      log.warn({ name }, "a state slot is damaged and is left out");
      return undefined;
    }
    const state = decodeAgentState(content);
    if (state.ok) return { name, sequence, state: state.value };
    log.warn({ name, problems: state.problems }, "a state slot was not written by this version and is left out");
    return { name, sequence, state: undefined };
  };

  const slots = (await Promise.all(slotNames.map(readSlot))).filter((slot) => slot !== undefined);
  // A slot of another version still counts in the sequence: going back to that version must not bring back its old state.
  let sequence = Math.max(0, ...slots.map((slot) => slot.sequence));
  let newest = slots.filter(({ state }) => state !== undefined).toSorted((a, b) => b.sequence - a.sequence)[0];
  const alone = inTurn();

  return {
    load: async () => newest?.state,
    save: (state) =>
      alone(async () => {
        const name = newest?.name === "state.a" ? "state.b" : "state.a";
        const content = encodeAgentState(state);
        const slot = { sequence: sequence + 1, content, digest: await crypto.digest(content) };
        await database.write(["values"], async (transaction) => {
          transaction.objectStore("values").put(slot, name);
        });
        sequence = slot.sequence;
        newest = { name, state, sequence };
      }),
  };
}
