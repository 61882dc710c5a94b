import { describe, expect, it } from "vitest";
import type { AgentState, Slot } from "../../../../edge-agent/core/agent-state.ts";
import { noState } from "../../../../edge-agent/core/agent-state.ts";
import { garbageIn } from "../../../../edge-agent/core/slots.ts";
import { aManifest } from "../../../support/manifests.ts";
import { aModel, aVersion, digestOf } from "../../../support/messages.ts";

const slot = (n: number): Slot => ({
  version: aVersion,
  package: digestOf(n),
  variant: "fp32",
  file: digestOf(0x10 + n),
});
const packages = new Map(
  [1, 2, 3].map((n) => [
    digestOf(n),
    { manifest: aManifest({ golden: { digest: digestOf(0x20 + n), size: 1 } }), manifestFile: digestOf(0x30 + n) },
  ]),
);
const filesOf = (n: number) => [digestOf(n), digestOf(0x10 + n), digestOf(0x20 + n), digestOf(0x30 + n)];
const state: AgentState = {
  ...noState,
  models: [
    {
      model: aModel,
      active: slot(1),
      previous: slot(2),
      candidate: {
        version: aVersion,
        package: digestOf(3),
        packageSize: 1,
        stage: { kind: "trial", slot: slot(3), attempt: 1 },
      },
      failure: undefined,
      quarantined: [],
    },
  ],
};

describe("the files of a device", () => {
  it("stay as long as a slot needs them: signature, manifest, model and golden set", () => {
    const files = [...filesOf(1), ...filesOf(2), ...filesOf(3), ...filesOf(4)];
    expect(garbageIn(state, packages, files)).toEqual(filesOf(4));
  });

  it("all stay while a slot's package is unknown or a candidate is being fetched", () => {
    expect(garbageIn(state, new Map([...packages].slice(1)), filesOf(4))).toEqual([]);
    const [model] = state.models;
    if (model?.candidate === undefined) throw new Error("the state has no candidate");
    const fetching = { ...model, candidate: { ...model.candidate, stage: { kind: "fetching" } as const } };
    expect(garbageIn({ ...state, models: [fetching] }, packages, filesOf(4))).toEqual([]);
  });

  it("all go when there is no model", () => {
    expect(garbageIn(noState, packages, filesOf(1))).toEqual(filesOf(1));
  });
});
