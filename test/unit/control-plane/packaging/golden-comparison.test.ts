import { describe, expect, it } from "vitest";
import { compareWithGolden, toleranceOf } from "../../../../control-plane/packaging/golden-comparison.ts";
import { tensorOf } from "../../../../control-plane/packaging/tensor-of.ts";
import type { Tensor } from "../../../../proto/tensors.ts";

function logits(...values: readonly number[]): readonly Tensor[] {
  return [tensorOf("logits", "float32", [1, values.length], values)];
}

describe("compareWithGolden", () => {
  it("measures the largest difference, and who chooses another class", () => {
    const comparison = compareWithGolden([logits(1, 4), logits(2, 1)], [logits(1.5, 4), logits(1, 1.25)], "logits");
    expect(comparison).toEqual({ maxDifference: 1, largestValue: 4, otherTop: [1], unusable: [] });
  });

  it("names golden inputs whose outputs cannot be compared", () => {
    const golden = [logits(1, 2), logits(1, 2), logits(1, 2), logits(Number.NaN, 2)];
    const actual = [logits(1, Number.NaN), logits(1, 2, 3), [], logits(Number.NaN, 2)];
    expect(compareWithGolden(golden, actual, "logits").unusable).toEqual([0, 1, 2, 3]);
  });
});

describe("toleranceOf", () => {
  it("widens what was measured by half", () => {
    const measured = { maxDifference: 0.2, largestValue: 10, otherTop: [], unusable: [] };
    expect(toleranceOf(measured, true)).toEqual({ maxDifference: expect.closeTo(0.3), sameTop: true });
  });

  it("leaves room for the rounding of another processor where nothing differed", () => {
    const measured = { maxDifference: 0, largestValue: 10, otherTop: [], unusable: [] };
    expect(toleranceOf(measured, false)).toEqual({ maxDifference: expect.closeTo(0.001), sameTop: false });
  });
});
