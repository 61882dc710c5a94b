import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quantileEdges, referenceProfile } from "../../../../control-plane/packaging/reference-profile.ts";
import { binOf } from "../../../../proto/sketch/histogram.ts";
import type { StreamDefinition } from "../../../../proto/streams.ts";
import { confidenceEdges } from "../../../../proto/streams.ts";

const brightness: StreamDefinition = { kind: "numeric", name: "input.brightness", fixedEdges: undefined };
const confidence: StreamDefinition = { kind: "numeric", name: "output.confidence", fixedEdges: confidenceEdges };
const animal: StreamDefinition = { kind: "categorical", name: "output.class", categories: ["cat", "dog"] };

/** Values with many ties, as sensors give them, among others that differ. */
const sensorValues = fc.array(
  fc.oneof(fc.constantFrom(0, 1, -3.5), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constant(Number.NaN)),
  { maxLength: 300 },
);

describe("quantileEdges", () => {
  it("cuts where equal shares meet", () => {
    expect(quantileEdges([8, 7, 6, 5, 4, 3, 2, 1], 4)).toEqual([3, 5, 7]);
  });

  it("gives a value that many rows share a bin of its own", () => {
    const edges = quantileEdges([0, 0, 0, 0, 1, 2, 3, 4], 4);
    expect(edges).toEqual([0, 0.5, 1, 3]);
    expect(binOf(edges, 0)).not.toBe(binOf(edges, 0.6));
    expect(binOf(edges, 0)).not.toBe(binOf(edges, -0.1));
  });

  it("tells a constant from everything beside it", () => {
    const edges = quantileEdges([5, 5, 5, 5], 4);
    expect([4.99, 5, 5.01].map((value) => binOf(edges, value))).toEqual([0, 1, 2]);
  });

  it("has no edges without values", () => {
    expect(quantileEdges([undefined, Number.NaN], 16)).toEqual([]);
  });

  it("always ascends, with finite edges", () => {
    fc.assert(
      fc.property(sensorValues, fc.integer({ min: 2, max: 32 }), (values, bins) => {
        const edges = quantileEdges(values, bins);
        edges.forEach((edge, i) => expect(edge).toBeGreaterThan(edges[i - 1] ?? Number.NEGATIVE_INFINITY));
        expect(edges.every(Number.isFinite)).toBe(true);
      }),
    );
  });

  it("fills the bins of distinct values evenly, to within one row", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer(), { minLength: 64, maxLength: 300 }), (values) => {
        const profile = referenceProfile(
          [brightness],
          values.map((value) => [value]),
          16,
        );
        const counts = profile.streams[0]?.counts ?? [];
        expect(counts).toHaveLength(16);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("referenceProfile", () => {
  it("counts every stream in its own bins", () => {
    const rows = [
      [1, 0, 0.95],
      [2, 1, 0.5],
      [3, 1, undefined],
      [Number.NaN, undefined, 0.5],
    ];
    const profile = referenceProfile([brightness, animal, confidence], rows, 2);
    expect(profile.rows).toBe(4);
    expect(profile.streams).toMatchObject([
      { name: "input.brightness", edges: [2], counts: [1, 2], missing: 1 },
      { name: "output.class", categories: ["cat", "dog"], counts: [1, 2], missing: 1 },
      { name: "output.confidence", edges: confidenceEdges, missing: 1 },
    ]);
  });

  it("counts each row exactly once in every stream", () => {
    fc.assert(
      fc.property(sensorValues, fc.integer({ min: 2, max: 32 }), (values, bins) => {
        const rows = values.map((value, i) => [value, i % 3, value]);
        for (const { counts, missing } of referenceProfile([brightness, animal, confidence], rows, bins).streams)
          expect(counts.reduce((sum, count) => sum + count, missing)).toBe(values.length);
      }),
    );
  });
});
