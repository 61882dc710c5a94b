import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { addValue, binCount, emptyHistogram } from "../../../../proto/sketch/histogram.ts";
import { latencyEdges, quantileOfCounts } from "../../../../proto/sketch/latency.ts";

describe("latency bins", () => {
  it("reach from 0.01 ms to over a minute, four to the octave", () => {
    expect(latencyEdges[0]).toBe(0.01);
    expect(latencyEdges.at(-1)).toBeGreaterThan(60_000);
    expect((latencyEdges[4] as number) / (latencyEdges[0] as number)).toBeCloseTo(2, 12);
  });
});

describe("a quantile of counts", () => {
  it("is that of the example", () => {
    expect(quantileOfCounts([0, 2, 2, 0], [1, 2, 4], 0.5)).toBe(2);
    expect(quantileOfCounts([0, 2, 2, 0], [1, 2, 4], 0.75)).toBe(3);
  });

  it("is undefined where nothing was counted", () => {
    expect(quantileOfCounts([0, 0], [1], 0.5)).toBeUndefined();
  });

  it("lies within one bin of the true quantile", () => {
    const latencies = fc.array(fc.double({ min: 0.011, max: 60_000, noNaN: true }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(latencies, fc.constantFrom(0.5, 0.95, 0.99), (values, q) => {
        const histogram = emptyHistogram(binCount(latencyEdges));
        for (const value of values) addValue(histogram, latencyEdges, value);
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.ceil(q * sorted.length) - 1] as number;
        const read = quantileOfCounts(histogram.counts, latencyEdges, q) as number;
        expect(read / exact).toBeGreaterThanOrEqual(2 ** -0.2501);
        expect(read / exact).toBeLessThanOrEqual(2 ** 0.2501);
      }),
    );
  });
});
