import { describe, expect, it } from "vitest";
import { decodeAgentState, encodeAgentState } from "../../../../edge-agent/adapters/portable/agent-state-json.ts";
import type { AgentState } from "../../../../edge-agent/core/agent-state.ts";
import { StateKeeper } from "../../../../edge-agent/core/state-keeper.ts";
import { silentLog } from "../../../support/agent-world.ts";
import { aModel, aVersion, digestOf } from "../../../support/messages.ts";

describe("a reason that is longer than any text of the contract", () => {
  it("never makes a state that cannot be read back: the device would have lost its models at the next start", async () => {
    const saved: AgentState[] = [];
    const store = { load: async () => undefined, save: async (state: AgentState) => void saved.push(state) };
    const keeper = new StateKeeper({ store, log: silentLog, tell: async () => undefined, onChange: () => undefined });
    await keeper.apply(aModel, {
      kind: "assigned",
      target: { version: aVersion, package: digestOf(1), packageSize: 70 },
    });
    const mistakes = Array.from({ length: 500 }, (_, i) => `reference.streams[${i}].edges: must be a list`);
    await keeper.apply(aModel, { kind: "rejected", reason: `the manifest cannot be read: ${mistakes.join("; ")}` });

    expect(saved.map((state) => decodeAgentState(encodeAgentState(state)))).toEqual(
      saved.map((value) => ({ ok: true, value })),
    );
    expect(keeper.state.models[0]?.failure?.reason).toMatch(/^the manifest cannot be read: reference/);
  });
});

it("keeps only the newest events while the spool refuses them: with all of them the state could not be read back", async () => {
  let last: AgentState | undefined;
  const store = { load: async () => undefined, save: async (state: AgentState) => void (last = state) };
  const tell = async () => {
    throw new Error("the disk is full");
  };
  const keeper = new StateKeeper({ store, log: silentLog, tell, onChange: () => undefined });
  for (let i = 0; i < 600; i++) {
    await keeper.apply(aModel, {
      kind: "assigned",
      target: { version: aVersion, package: digestOf(i % 250), packageSize: 70 },
    });
    await keeper.apply(aModel, { kind: "rejected", reason: `refusal ${i}` });
  }
  expect(last?.outbox).toHaveLength(1_000);
  expect(last?.outbox.at(-1)?.reason).toBe("refusal 599");
  expect(decodeAgentState(encodeAgentState(last as AgentState))).toEqual({ ok: true, value: last });
});
