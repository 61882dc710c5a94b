import { expect, it } from "vitest";
import { encodeAgentState } from "../../../../../edge-agent/adapters/portable/agent-state-json.ts";
import type { SlotMedium, SlotName, StateSlot } from "../../../../../edge-agent/adapters/portable/two-slots.ts";
import { openTwoSlots } from "../../../../../edge-agent/adapters/portable/two-slots.ts";
import type { AgentState } from "../../../../../edge-agent/core/agent-state.ts";
import { aState } from "../../../../contract/ports/state-store-contract.ts";
import { silentLog } from "../../../../support/agent-world.ts";

const [digits] = aState(7).models as readonly [AgentState["models"][number]];

/** What a newer agent saved: this one understands the models in it, and not all of the rest. */
const newer: StateSlot = {
  sequence: 70,
  content: new TextEncoder().encode(
    new TextDecoder().decode(encodeAgentState(aState(7))).replace('"schema":1', '"schema":2'),
  ),
};

/** A disk after a downgrade. `fails` is asked before each write; one that fails leaves its slot torn, or as it was. */
function aDisk(fails: (write: number, name: SlotName) => "torn" | "refused" | undefined) {
  const slots = new Map<SlotName, StateSlot>([
    ["state.a", { ...newer, sequence: 69 }],
    ["state.b", newer],
  ]);
  let writes = 0;
  const medium: SlotMedium = {
    read: async (name) => slots.get(name),
    async write(name, slot) {
      const how = fails(writes++, name);
      if (how === "torn") slots.delete(name);
      if (how !== undefined) throw new Error("the write failed");
      slots.set(name, slot);
    },
  };
  return { slots, medium };
}

const isThere = (slots: ReadonlyMap<SlotName, StateSlot>) =>
  [...slots.values()].some(({ content }) => content === newer.content);

it.each([0, 1, 2, 3, 4, 5])(
  "the state of a newer agent and the models in it outlive a power cut in write %i after a downgrade",
  async (cut) => {
    const { slots, medium } = aDisk((write) => (write === cut ? "torn" : write > cut ? "refused" : undefined));
    const beforeCut = await openTwoSlots(medium, silentLog);
    for (const generation of [8, 9, 10, 11, 12]) await beforeCut.save(aState(generation)).catch(() => undefined);
    expect(isThere(slots)).toBe(true);
    const afterCut = await (await openTwoSlots(medium, silentLog)).load();
    expect(afterCut?.models[0]).toMatchObject({
      model: digits.model,
      active: digits.active,
      previous: digits.previous,
    });
  },
);

it("the state of a newer agent is set aside later where there is no room for it at first", async () => {
  let isFull = true;
  const { slots, medium } = aDisk((_, name) => (isFull && name === "state.newer" ? "refused" : undefined));
  const store = await openTwoSlots(medium, silentLog);
  await store.save(aState(8));
  expect(slots.has("state.newer")).toBe(false);
  expect(isThere(slots)).toBe(true);
  isFull = false;
  await store.save(aState(9));
  expect(slots.get("state.newer")).toEqual(newer);
  expect(await (await openTwoSlots(medium, silentLog)).load()).toEqual(aState(9));
});
