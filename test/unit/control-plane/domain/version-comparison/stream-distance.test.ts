import fc from "fast-check";
import { expect, test } from "vitest";
import { populationStabilityIndex } from "../../../../../control-plane/domain/drift/population-stability-index.ts";
import { streamDistances } from "../../../../../control-plane/domain/version-comparison/stream-distance.ts";
import type { StreamReference } from "../../../../../proto/manifest.ts";
import { addValue, emptyHistogram } from "../../../../../proto/sketch/histogram.ts";

function numeric(edges: readonly number[], counts: readonly number[], missing = 0): StreamReference {
  return { kind: "numeric", name: "output.value", edges, counts, missing };
}

function classes(counts: Readonly<Record<string, number>>, missing = 0): StreamReference {
  return {
    kind: "categorical",
    name: "output.class",
    categories: Object.keys(counts),
    counts: Object.values(counts),
    missing,
  };
}

function distance(a: StreamReference, b: StreamReference) {
  const [only, ...others] = streamDistances([a], [b]);
  if (only === undefined || others.length > 0) throw new Error("not one stream");
  return only;
}

test("the same bins are compared as they are, rows without a value as one more", () => {
  const found = distance(numeric([0, 1], [10, 20, 30], 5), numeric([0, 1], [30, 20, 10], 0));
  expect(found.distance?.psi).toBe(populationStabilityIndex([10, 20, 30, 5], [30, 20, 10, 0]));
  expect(found.distance?.bins).toBe(4);
  expect(found).toMatchObject({ note: undefined, a: { rows: 65, missing: 5 }, b: { rows: 60, missing: 0 } });
});

test("bins that were cut elsewhere are compared over the edges that both have", () => {
  const found = distance(numeric([0, 1, 2], [1, 2, 3, 4]), numeric([0, 2, 3], [4, 5, 6, 7]));
  expect(found.distance?.psi).toBe(populationStabilityIndex([1, 5, 4, 0], [4, 5, 13, 0]));
  expect(found.note).toBe("over the 2 of 3 edges that both have");
});

test("without a common edge there are medians, and the advice to run both", () => {
  const found = distance(numeric([0, 2], [0, 10, 0]), numeric([1, 3], [0, 10, 0]));
  expect(found).toMatchObject({ distance: undefined, a: { median: 1 }, b: { median: 2 } });
  expect(found.note).toContain("--inputs");
});

test("classes are compared by their names, and the one that moved most is named", () => {
  const found = distance(classes({ cat: 50, dog: 50 }), classes({ dog: 20, cat: 70, fox: 10 }));
  expect(found.distance?.psi).toBe(populationStabilityIndex([50, 50, 0, 0], [70, 20, 10, 0]));
  expect(found.moved).toEqual({ category: "dog", a: 0.5, b: 0.2 });
  expect(found.note).toBe("only one of them knows fox");
});

test("a stream that one of them lacks, or counts otherwise, has the reason in place of a distance", () => {
  const [brightness] = streamDistances([], [{ ...numeric([0], [1, 1]), name: "input.brightness" }]);
  expect(brightness).toMatchObject({ a: undefined, distance: undefined, note: "only B has it" });
  const [mixed] = streamDistances([numeric([0], [1, 1])], [{ ...classes({ cat: 1 }), name: "output.value" }]);
  expect(mixed).toMatchObject({ distance: undefined, note: "numeric in A and categorical in B" });
});

const edges = fc.uniqueArray(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 6 });
const values = fc.array(fc.integer({ min: -2, max: 14 }), { minLength: 1, maxLength: 60 });

/** A profile as a packer makes it. */
function counted(unsorted: readonly number[], of: readonly number[]): Extract<StreamReference, { kind: "numeric" }> {
  const sorted = unsorted.toSorted((a, b) => a - b);
  const histogram = emptyHistogram(sorted.length + 1);
  for (const value of of) addValue(histogram, sorted, value);
  return { kind: "numeric", name: "output.value", edges: sorted, counts: [...histogram.counts], missing: 0 };
}

test("bins of two cuts tell what bins of the common cut would have told", () => {
  fc.assert(
    fc.property(edges, edges, values, values, (cutA, cutB, ofA, ofB) => {
      const found = distance(counted(cutA, ofA), counted(cutB, ofB)).distance;
      const common = cutA.filter((edge) => cutB.includes(edge));
      const direct = distance(counted(common, ofA), counted(common, ofB)).distance;
      expect(found).toEqual(common.length === 0 ? undefined : direct);
    }),
  );
});

test("a distance does not depend on which of the two comes first, and a profile is at none from itself", () => {
  fc.assert(
    fc.property(edges, edges, values, values, (cutA, cutB, ofA, ofB) => {
      const [a, b] = [counted(cutA, ofA), counted(cutB, ofB)];
      const [forth, back] = [distance(a, b), distance(b, a)];
      expect(forth.distance === undefined).toBe(back.distance === undefined);
      expect(forth.distance?.psi ?? 0).toBeCloseTo(back.distance?.psi ?? 0, 9);
      expect(forth.a).toEqual(back.b);
      expect(distance(a, a)).toMatchObject({ distance: { psi: 0, excess: 0 }, note: undefined });
    }),
  );
});
