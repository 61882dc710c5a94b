import { describe, expect, it } from "vitest";
import { comparisonOf, spreadOf } from "../../../../edge-agent/core/agreement.ts";
import type { Interpretation, StreamReference } from "../../../../proto/manifest.ts";
import type { Tensor } from "../../../../proto/tensors.ts";
import { aManifest } from "../../../support/manifests.ts";

const tensor = (name: string, rows: readonly (readonly number[])[]): Tensor => ({
  name,
  dataType: "float32",
  dims: [rows.length, rows[0]?.length ?? 0],
  rawData: new Uint8Array(Float32Array.from(rows.flat()).buffer),
});
const images = (count: number): Tensor => ({
  name: "image",
  dataType: "float32",
  dims: [count, 1, 2, 2],
  rawData: new Uint8Array(16 * count),
});
const classes = (labels: readonly string[], scores: "logits" | "probabilities" = "probabilities"): Interpretation => ({
  kind: "classification",
  output: "y",
  scores,
  labels,
});
const regression: Interpretation = { kind: "regression", output: "y" };
const reading: Interpretation = { kind: "sequence", output: "y", scores: "probabilities", blank: 0 };
/** Half of its outputs lie between 10 and 15. */
const values: StreamReference = {
  kind: "numeric",
  name: "output.value",
  edges: [5, 10, 15, 20],
  counts: [0, 25, 50, 25, 0],
  missing: 0,
};
const aModel = (interpretation: Interpretation) =>
  aManifest({ interpretation, reference: { rows: 100, streams: [values] } });

/** Of one-row requests unless there are more. */
function compared(
  interpretation: Interpretation,
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
  other = interpretation,
) {
  const compare = comparisonOf(aModel(interpretation), aModel(other));
  return compare([images(a.length)], [tensor("y", a)], [tensor("y", b)]).map(({ distance, disagrees }) => [
    Number(distance.toFixed(6)),
    disagrees,
  ]);
}

describe("two versions of a classifier", () => {
  it("disagree about another class; the distance is half of what the probabilities differ by", () => {
    const labels = ["cat", "dog"];
    expect(compared(classes(labels), [[0.7, 0.3]], [[0.6, 0.4]])).toEqual([[0.1, false]]);
    expect(compared(classes(labels), [[0.7, 0.3]], [[0.2, 0.8]])).toEqual([[0.5, true]]);
  });

  it("are compared by probabilities, also where one of them gives logits", () => {
    const given = compared(classes(["a", "b"], "logits"), [[2, 2]], [[0.5, 0.5]], classes(["a", "b"]));
    expect(given).toEqual([[0, false]]);
  });

  it("are compared by the names of the classes, in whatever order and however many there are", () => {
    const given = compared(classes(["a", "b"]), [[0.9, 0.1]], [[0.1, 0.2, 0.7]], classes(["b", "c", "a"]));
    expect(given).toEqual([[0.2, false]]);
    expect(compared(classes(["a", "b"]), [[0.9, 0.1]], [[0, 1, 0]], classes(["b", "c", "a"]))).toEqual([[1, true]]);
  });

  it("are compared row by row", () => {
    const a = [
      [1, 0],
      [0, 1],
      [1, 0],
    ];
    const b = [
      [1, 0],
      [1, 0],
      [0.75, 0.25],
    ];
    expect(compared(classes(["a", "b"]), a, b)).toEqual([
      [0, false],
      [1, true],
      [0.25, false],
    ]);
  });
});

describe("two versions of a regression", () => {
  it("disagree above a fifth of the middle half of the reference outputs", () => {
    expect(spreadOf(aModel(regression))).toBe(5);
    expect(compared(regression, [[12]], [[12.5]])).toEqual([[0.1, false]]);
    expect(compared(regression, [[12]], [[14]])).toEqual([[0.4, true]]);
  });

  it("are told apart by any difference where the reference shows no spread", () => {
    const flat = aManifest({ interpretation: regression, reference: { rows: 0, streams: [] } });
    const compare = comparisonOf(flat, flat);
    const ask = (a: number, b: number) => compare([images(1)], [tensor("y", [[a]])], [tensor("y", [[b]])]);
    expect(ask(3, 3)).toEqual([{ distance: 0, disagrees: false }]);
    expect(ask(3, 4)).toEqual([{ distance: Number.POSITIVE_INFINITY, disagrees: true }]);
  });
});

describe("two versions of a reader", () => {
  const steps = (...symbols: readonly number[]): Tensor => ({
    name: "y",
    dataType: "float32",
    dims: [1, symbols.length, 4],
    rawData: new Uint8Array(
      Float32Array.from(symbols.flatMap((symbol) => [0, 1, 2, 3].map((i) => (i === symbol ? 1 : 0)))).buffer,
    ),
  });

  it("disagree about another text, whatever the steps between are", () => {
    const model = aManifest({ interpretation: reading });
    const compare = (a: Tensor, b: Tensor) => comparisonOf(model, model)([images(1)], [a], [b]);
    expect(compare(steps(1, 1, 0, 2), steps(1, 0, 2, 2))).toEqual([{ distance: 0, disagrees: false }]);
    expect(compare(steps(1, 2, 3), steps(1, 3, 0))).toEqual([{ distance: 1 / 3, disagrees: true }]);
    expect(compare(steps(0, 0), steps(0, 0))).toEqual([{ distance: 0, disagrees: false }]);
  });
});

describe("answers that cannot be compared", () => {
  it.each<[string, Interpretation, readonly number[], readonly number[], Interpretation]>([
    ["a score that is not a number", classes(["a", "b"]), [0.5, 0.5], [Number.NaN, 1], classes(["a", "b"])],
    ["a value without end", regression, [1], [Number.POSITIVE_INFINITY], regression],
    ["the same value without end", regression, [Number.POSITIVE_INFINITY], [Number.POSITIVE_INFINITY], regression],
    ["other scores than classes", classes(["a", "b"]), [0.5, 0.5], [1], classes(["a", "b"])],
    ["another kind of answer", classes(["a", "b"]), [0.5, 0.5], [1], regression],
    ["another output", regression, [1], [1], { ...regression, output: "z" }],
  ])("are a disagreement without end: %s", (_case, interpretation, a, b, other) => {
    expect(compared(interpretation, [a], [b], other)).toEqual([[Number.POSITIVE_INFINITY, true]]);
  });
});
