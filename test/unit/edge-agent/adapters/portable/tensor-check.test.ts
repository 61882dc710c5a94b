import { describe, expect, it } from "vitest";
import { mistakeInTensors } from "../../../../../edge-agent/adapters/portable/tensor-check.ts";
import type { Tensor } from "../../../../../proto/tensors.ts";

const specs = [
  { name: "a", dataType: "float32", shape: ["batch", 2] },
  { name: "b", dataType: "int64", shape: ["batch"] },
] as const;

function tensor(name: "a" | "b", dims: readonly number[]): Tensor {
  const bytes = dims.reduce((product, dimension) => product * dimension, name === "a" ? 4 : 8);
  return { name, dataType: name === "a" ? "float32" : "int64", dims, rawData: new Uint8Array(Math.max(0, bytes)) };
}

describe("inputs with a free dimension", () => {
  it("may have any size in it, the same for all", () => {
    expect(mistakeInTensors(specs, [tensor("b", [3]), tensor("a", [3, 2])])).toBeUndefined();
    expect(mistakeInTensors(specs, [tensor("a", [3, 2]), tensor("b", [4])])).toBe(
      'input "b" has 4 for "batch", and another input has 3',
    );
  });

  it("may not be empty or broken in it", () => {
    for (const size of [0, -1, 1.5, Number.NaN])
      expect(mistakeInTensors(specs, [tensor("a", [size, 2]), tensor("b", [1])])).toMatch(/dimension that is no count/);
  });
});
