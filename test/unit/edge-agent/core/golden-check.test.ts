import { describe, expect, it } from "vitest";
import { checkGolden } from "../../../../edge-agent/core/golden-check.ts";
import type { InferenceWorker } from "../../../../edge-agent/core/ports.ts";
import type { Tensor } from "../../../../proto/tensors.ts";
import { anImage } from "../../../support/agent-control.ts";
import { aManifest } from "../../../support/manifests.ts";

const logits = (values: readonly number[]): Tensor => ({
  name: "logits",
  dataType: "float32",
  dims: [1, values.length],
  rawData: new Uint8Array(Float32Array.from(values).buffer),
});

/** What is wrong with a model that answers `found` where the golden output is [0.5, 0.25]. */
async function mismatches(found: readonly Tensor[], tolerance = { maxDifference: 0.5, sameTop: true }) {
  const worker: InferenceWorker = {
    infer: async () => found,
    stopped: new Promise(() => undefined),
    memoryBytes: async () => 0,
    [Symbol.asyncDispose]: async () => {},
  };
  const golden = { cases: [{ inputs: [anImage(0)], outputs: [logits([0.5, 0.25])] }] };
  const signal = new AbortController().signal;
  return (await checkGolden(worker, golden, aManifest(), { tolerance }, signal)).mismatches;
}

describe("golden outputs", () => {
  it("are repeated within the tolerance", async () => {
    expect(await mismatches([logits([0.75, 0.5])])).toEqual([]);
    expect(await mismatches([logits([1, 0.25])])).toEqual([]);
  });

  it("are not repeated by values that lie too far off", async () => {
    expect(await mismatches([logits([1.25, 0.25])])).toEqual([
      'golden case 1, output "logits" is off by 0.75, more than 0.5',
    ]);
  });

  it("are not repeated by what is no number, has another length, or is missing", async () => {
    expect(await mismatches([logits([Number.NaN, 0.25])])).toHaveLength(1);
    expect(await mismatches([logits([0.5, 0.25, 0])])).toHaveLength(1);
    expect(await mismatches([])).toEqual(['golden case 1, output "logits" is missing']);
  });

  it("must have their largest value in the same place, where the tolerance says so", async () => {
    const swapped = [logits([0.25, 0.5])];
    expect(await mismatches(swapped)).toEqual(['golden case 1, output "logits" has its largest value at 1, not at 0']);
    expect(await mismatches(swapped, { maxDifference: 0.5, sameTop: false })).toEqual([]);
  });
});
