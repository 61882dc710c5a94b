import { describe, expect, it } from "vitest";
import type { AgentState } from "../../../edge-agent/core/agent-state.ts";
import { noState } from "../../../edge-agent/core/agent-state.ts";
import type { StateStore } from "../../../edge-agent/core/ports.ts";
import { emptyModel } from "../../../edge-agent/core/slots.ts";
import { parseRolloutId } from "../../../proto/ids.ts";
import { aModel, anAssignment, aVersion, digestOf } from "../../support/messages.ts";
import { aQuarantine } from "../../support/quarantines.ts";

export interface StateStorePlace extends AsyncDisposable {
  /** Opens the store in this place, as a restart of the agent does. */
  open(): Promise<StateStore>;
}

const slot = { version: aVersion, package: digestOf(1), variant: "fp32", file: digestOf(2) };

/** A state in which every field is used; `generation` tells one from another. */
export function aState(generation: number): AgentState {
  return {
    assignment: anAssignment({ generation }),
    models: [
      {
        model: aModel,
        active: slot,
        candidate: {
          version: aVersion,
          package: digestOf(3),
          packageSize: 70,
          stage: { kind: "trial", slot, attempt: 2 },
        },
        previous: { ...slot, variant: "int8" },
        failure: { package: digestOf(4), kind: "failed", reason: "" },
        quarantined: [aQuarantine(), aQuarantine({ cause: "not-loadable", rollout: parseRolloutId("r-1") })],
      },
      emptyModel(aModel),
    ],
    outbox: [
      { kind: "event", name: "trial-started", model: aModel, version: aVersion, package: digestOf(3), reason: "" },
      { kind: "event", name: "spool-reset", model: undefined, version: undefined, package: undefined, reason: "torn" },
    ],
  };
}

/** What every StateStore promises; `make` gives a place where nothing has been saved. */
export function describeStateStore(name: string, make: () => Promise<StateStorePlace>): void {
  describe(`${name} as a StateStore`, () => {
    it("has nothing at first", async () => {
      await using place = await make();
      expect(await (await place.open()).load()).toBeUndefined();
    });

    it("gives back the last state, before and after a restart", async () => {
      await using place = await make();
      const store = await place.open();
      for (const generation of [1, 2, 3]) await store.save(aState(generation));
      expect(await store.load()).toEqual(aState(3));
      expect(await (await place.open()).load()).toEqual(aState(3));
    });

    it("keeps every stage of a candidate", async () => {
      await using place = await make();
      const store = await place.open();
      for (const stage of [
        { kind: "fetching" },
        { kind: "verified", slot },
        { kind: "preflight", slot, attempt: 1 },
        { kind: "shadow", slot, attempt: 0 },
      ] as const) {
        const candidate = { version: aVersion, package: digestOf(3), packageSize: 70, stage };
        const model = { ...emptyModel(aModel), candidate };
        await store.save({ ...noState, models: [model] });
        expect(await (await place.open()).load()).toEqual({ ...noState, models: [model] });
      }
    });

    it("ends with the state that was saved last when several are saved at once", async () => {
      await using place = await make();
      const store = await place.open();
      await Promise.all([1, 2, 3, 4].map((generation) => store.save(aState(generation))));
      expect(await (await place.open()).load()).toEqual(aState(4));
    });
  });
}
