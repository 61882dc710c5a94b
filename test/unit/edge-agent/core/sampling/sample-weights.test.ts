import { expect, it } from "vitest";
import type { StreamReference } from "../../../../../proto/manifest.ts";
import { sampleWeight } from "../../../../../edge-agent/core/sampling/sample-weights.ts";

const numeric = (name: string, edges: readonly number[]): StreamReference => ({
  kind: "numeric",
  name,
  edges,
  counts: [...edges, 0].map(() => 1),
  missing: 0,
});
const classes: StreamReference = {
  kind: "categorical",
  name: "output.class",
  categories: ["a", "b", "c", "d"],
  counts: [60, 30, 8, 0],
  missing: 0,
};
const inputs = ["width", "height", "depth", "age"].map((name) => numeric(`input.${name}`, [0, 1, 2]));
const reference = { rows: 98, streams: [...inputs, classes, numeric("output.confidence", [0.5])] };
/** The values of the four features, the class and the confidence. */
const weigh = (reason: Parameters<typeof sampleWeight>[0], values: readonly (number | undefined)[]) =>
  sampleWeight(reason, { reference, features: [] })?.(values);

it("weighs every inference the same for the uniform sample", () => {
  expect(weigh("uniform", [0, 0, 0, 0, 0, 1])).toBe(1);
});

it("weighs an inference by what the model doubted", () => {
  expect(weigh("low-confidence", [0, 0, 0, 0, 0, 0.75])).toBe(0.25);
  expect(weigh("low-confidence", [0, 0, 0, 0, 0, undefined])).toBe(1);
});

it("weighs an inference by the share of its features that the reference hardly knew", () => {
  expect(weigh("novelty", [0.5, 1.5, 1, 1, 0, 1])).toBe(0);
  expect(weigh("novelty", [0.5, 3, undefined, 1, 0, 1])).toBe(0.5);
  expect(weigh("novelty", [-1, 2, Number.NaN, Number.POSITIVE_INFINITY, 0, 1])).toBe(1);
});

it("takes a feature that this agent does not know for nothing new", () => {
  const unknown = { kind: "unknown", name: "width", input: "x", stated: "kind embedding-distance" } as const;
  const novelty = sampleWeight("novelty", { reference, features: [unknown] });
  expect(novelty?.([undefined, 3, 1, 1, 0, 1])).toBeCloseTo(1 / 3, 12);
});

it("weighs an answer by how seldom the reference gave it", () => {
  const ofClass = (index: number) => weigh("rare-class", [0, 0, 0, 0, index, 1]);
  expect(ofClass(0)).toBe(0);
  expect(ofClass(2)).toBeCloseTo(0.294, 3);
  expect(ofClass(3)).toBeCloseTo(0.92, 2);
  expect(ofClass(9)).toBe(0);
});

it("has no weight where the model's streams cannot tell", () => {
  const bare = { reference: { rows: 1, streams: [numeric("output.value", [0])] }, features: [] };
  for (const reason of ["low-confidence", "novelty", "rare-class"] as const)
    expect(sampleWeight(reason, bare)).toBeUndefined();
});
