import { describe, expect, it } from "vitest";
import { observationGroups } from "../../../../../control-plane/packaging/quantization/observation-groups.ts";

const values = ["a", "b", "c", "d"];
const sizes = new Map(values.map((value, i) => [value, { bytes: [400, 300, 300, 100][i] as number, inputBytes: 10 }]));

describe("values that are observed in one run of the model", () => {
  it("fit the budget together, in their order", () => {
    expect(observationGroups(values, sizes, 10, 700)).toEqual([
      ["a", "b"],
      ["c", "d"],
    ]);
    expect(observationGroups(values, sizes, 10, 10_000)).toEqual([values]);
  });

  it("are fewer when the inputs are larger than those the sizes come from", () => {
    expect(observationGroups(values, sizes, 20, 700)).toEqual([["a"], ["b"], ["c"], ["d"]]);
  });

  it("stand alone when one of them is more than the budget", () => {
    expect(observationGroups(values, sizes, 10, 350)).toEqual([["a"], ["b"], ["c"], ["d"]]);
  });

  it("are sixteen as long as nothing is known of them", () => {
    const many = Array.from({ length: 40 }, (_, i) => `v${i}`);
    expect(observationGroups(many, new Map(), 10, 1_600).map(({ length }) => length)).toEqual([16, 16, 8]);
  });
});
