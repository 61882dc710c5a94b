import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Histogram } from "../../../../proto/sketch/histogram.ts";
import {
  addCategory,
  addValue,
  binCount,
  binOf,
  emptyHistogram,
  HistogramShapeError,
  mergeHistograms,
  total,
} from "../../../../proto/sketch/histogram.ts";

const someEdges = fc
  .uniqueArray(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 20 })
  .map((edges) => edges.toSorted((a, b) => a - b))
  // -0 and 0 are one edge.
  .filter((edges) => edges.every((edge, i) => i === 0 || edge > (edges[i - 1] as number)));

function histogramOf(edges: readonly number[], values: readonly number[]): Histogram {
  const histogram = emptyHistogram(binCount(edges));
  for (const value of values) addValue(histogram, edges, value);
  return histogram;
}

describe("a histogram", () => {
  it("counts the example of its description", () => {
    expect(histogramOf([0, 1, 2], [-1, 0, 0.5, 2, Number.NaN])).toEqual({
      counts: Uint32Array.of(1, 2, 0, 1),
      missing: 1,
    });
  });

  it("puts a value between the edges around it", () => {
    fc.assert(
      fc.property(someEdges, fc.double({ noNaN: true }), (edges, value) => {
        const bin = binOf(edges, value);
        if (bin > 0) expect(edges[bin - 1]).toBeLessThanOrEqual(value);
        if (bin < edges.length) expect(edges[bin]).toBeGreaterThan(value);
      }),
    );
  });

  it("of merged parts is the histogram of the whole, in any order", () => {
    fc.assert(
      fc.property(someEdges, fc.array(fc.double()), fc.array(fc.double()), fc.array(fc.double()), (edges, a, b, c) => {
        const [ha, hb, hc] = [histogramOf(edges, a), histogramOf(edges, b), histogramOf(edges, c)];
        const whole = histogramOf(edges, [...a, ...b, ...c]);
        expect(mergeHistograms(mergeHistograms(ha, hb), hc)).toEqual(whole);
        expect(mergeHistograms(hc, mergeHistograms(hb, ha))).toEqual(whole);
        expect(total(whole) + whole.missing).toBe(a.length + b.length + c.length);
      }),
    );
  });

  it("cannot be merged with one of other bins", () => {
    expect(() => mergeHistograms(emptyHistogram(3), emptyHistogram(4))).toThrow(HistogramShapeError);
  });

  it("counts a category that it does not know as missing", () => {
    const histogram = emptyHistogram(2);
    for (const category of [0, 1, 1, 2, -1, 0.5, undefined]) addCategory(histogram, category);
    expect(histogram).toEqual({ counts: Uint32Array.of(1, 2), missing: 4 });
  });
});
