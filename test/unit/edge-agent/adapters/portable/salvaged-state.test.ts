import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeAgentState, encodeAgentState } from "../../../../../edge-agent/adapters/portable/agent-state-json.ts";
import { salvageAgentState } from "../../../../../edge-agent/adapters/portable/salvaged-state.ts";
import type { AgentState } from "../../../../../edge-agent/core/agent-state.ts";
import { aState } from "../../../../contract/ports/state-store-contract.ts";

type Json = Record<string, unknown>;

/** What a newer agent saved instead: `change` is given the JSON of a state of today. */
function fromTheFuture(change: (state: Json & { models: Json[] }) => void): Uint8Array {
  const json = JSON.parse(new TextDecoder().decode(encodeAgentState(aState(7)))) as Json & { models: Json[] };
  change(json);
  return new TextEncoder().encode(JSON.stringify(json));
}

const [model] = aState(7).models as readonly [AgentState["models"][number]];

describe("a state from the future", () => {
  it.each([
    ["another schema", (state: Json) => (state["schema"] = 2)],
    [
      "a stage that has no name here",
      ({ models }: { models: Json[] }) => ((models[0] as Json)["candidate"] = { stage: { kind: "rehearsal" } }),
    ],
    [
      "an assignment that cannot be read",
      (state: Json) => ((state["assignment"] as Json)["models"] = "in another file"),
    ],
    [
      "a cause of quarantine that has no name here",
      ({ models }: { models: Json[] }) => ((models[0] as Json)["quarantined"] = [{ cause: "moon" }]),
    ],
  ])("has the models that were active and before, whatever else it says: %s", (_, change) => {
    const bytes = fromTheFuture(change);
    expect(decodeAgentState(bytes).ok).toBe(false);
    expect(salvageAgentState(bytes)?.models).toMatchObject([
      { model: model.model, active: model.active, previous: model.previous, candidate: undefined },
    ]);
  });

  it("keeps what it understands: assignment, quarantined variants, and events that nobody has been told", () => {
    const salvaged = salvageAgentState(
      fromTheFuture((state) => {
        state["schema"] = 2;
        (state["outbox"] as Json[]).push({ kind: "song", name: "none of today's" });
      }),
    );
    expect(salvaged?.assignment).toEqual(aState(7).assignment);
    expect(salvaged?.models[0]?.quarantined).toEqual(model.quarantined);
    expect(salvaged?.outbox).toEqual(aState(7).outbox);
  });

  it("lets nothing older in where its assignment cannot be read, and that one again", () => {
    const salvaged = salvageAgentState(fromTheFuture((state) => ((state["assignment"] as Json)["models"] = 7)));
    expect(salvaged?.assignment).toMatchObject({ generation: 6, models: [], keepsModels: true });
  });

  it("loses one model that is not understood, and no other", () => {
    const salvaged = salvageAgentState(
      fromTheFuture((state) => {
        state["schema"] = 2;
        state.models.push({ ...(state.models[0] as Json), model: "faces" }, { model: "cars", active: "elsewhere" });
      }),
    );
    expect(salvaged?.models.map((one) => one.model)).toEqual([model.model, "faces"]);
  });

  it("is nothing where nothing of it is understood, and never an exception", () => {
    for (const text of ["", "null", "[]", "7", '{"schema":2,"models":[]}', '{"models":[{"model":"a"}]}'])
      expect(salvageAgentState(new TextEncoder().encode(text))).toBeUndefined();
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (models, assignment) => {
        const bytes = new TextEncoder().encode(JSON.stringify({ models, assignment }));
        expect(salvageAgentState(bytes)?.models ?? []).toBeInstanceOf(Array);
      }),
    );
  });
});
