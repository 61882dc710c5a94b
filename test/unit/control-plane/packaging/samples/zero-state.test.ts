import { describe, expect, it } from "vitest";
import type { StateSpec } from "../../../../../control-plane/packaging/samples/zero-state.ts";
import {
  inputsOfSamples,
  withZeros,
  withZeroState,
} from "../../../../../control-plane/packaging/samples/zero-state.ts";
import { tensorOf } from "../../../../../control-plane/packaging/tensor-of.ts";
import type { TensorSpec } from "../../../../../proto/manifest.ts";

const inputs: readonly TensorSpec[] = [
  { name: "audio", dataType: "float32", shape: ["batch", "sequence"] },
  { name: "memory", dataType: "float32", shape: [2, "batch", 3] },
];
const spec: StateSpec = { state: [{ input: "memory", output: "memoryNext" }], dimensions: [] };
const audio = tensorOf("audio", "float32", [2, 1], [0.5, 0.25]);

describe("state that a sample does not bring", () => {
  it("is zeros, as large as the other inputs say", () => {
    expect(withZeros([audio], inputs, spec)).toEqual([
      audio,
      tensorOf("memory", "float32", [2, 2, 3], Array<number>(12).fill(0)),
    ]);
  });

  it("is as large as it mostly is where the inputs do not say, and else 1", () => {
    const memory: TensorSpec = { name: "memory", dataType: "int64", shape: ["layers", "width"] };
    const dimensions = [{ name: "layers", min: 1, max: 4, typical: 2 }];
    expect(withZeros([], [memory], { ...spec, dimensions })).toEqual([tensorOf("memory", "int64", [2, 1], [0, 0])]);
  });

  it("is left alone when the sample has it, and nothing else is made up", () => {
    const memory = tensorOf("memory", "float32", [2, 1, 3], [1, 2, 3, 4, 5, 6]);
    expect(withZeros([memory, audio], inputs, spec)).toEqual([audio, memory]);
    expect(withZeros([], inputs, { ...spec, state: [] })).toEqual([]);
  });

  it("need not be in the files that samples are read from", async () => {
    expect(inputsOfSamples(inputs, spec)).toEqual([inputs[0]]);
    const sample = { name: "row 0", inputs: [audio], outputs: undefined, label: 3 };
    const samples = withZeroState({ count: 1, read: async () => sample }, inputs, spec);
    expect(await samples.read(0)).toMatchObject({ name: "row 0", label: 3, inputs: [audio, { name: "memory" }] });
  });
});
