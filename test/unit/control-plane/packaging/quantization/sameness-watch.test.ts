import { describe, expect, it } from "vitest";
import { SamenessWatch } from "../../../../../control-plane/packaging/quantization/sameness-watch.ts";
import { tensorOf } from "../../../../../control-plane/packaging/tensor-of.ts";

interface Given {
  readonly x: number;
  readonly label?: number | string;
}

function problemsOf(...samples: readonly Given[]): readonly string[] {
  const watch = new SamenessWatch();
  for (const [i, { x, label }] of samples.entries())
    watch.look({ name: `row ${i}`, inputs: [tensorOf("x", "float32", [1], [x])], outputs: undefined, label });
  return watch.problems();
}

describe("a calibration set that is all alike", () => {
  it("is refused when it is empty", () => {
    expect(problemsOf()).toEqual(["there is no sample"]);
  });

  it("is refused when every sample holds the same numbers", () => {
    expect(problemsOf({ x: 1 }, { x: 1 }, { x: 1 })).toEqual([
      "all 3 samples, from sample 0 (row 0) on, hold the same numbers: give different ones",
    ]);
  });

  it.each([0, "cat"])("is refused when every sample is of the class %s", (label) => {
    expect(problemsOf({ x: 1, label }, { x: 2, label })).toEqual([
      `all 2 samples, from sample 0 (row 0) on, are of the class "${label}": give samples of every class, or leave the labels away`,
    ]);
  });

  it("is not: different samples without labels, of two classes, of which one has no label, or a single one", () => {
    expect(problemsOf({ x: 1 }, { x: 2 })).toEqual([]);
    expect(problemsOf({ x: 1, label: 0 }, { x: 2, label: 0 }, { x: 3, label: 1 })).toEqual([]);
    expect(problemsOf({ x: 1, label: 0 }, { x: 2 })).toEqual([]);
    expect(problemsOf({ x: 1, label: 0 })).toEqual([]);
  });
});
