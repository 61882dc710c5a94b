import { describe, expect, it } from "vitest";
import {
  HistogramBuilder,
  histogramBins,
} from "../../../../../control-plane/packaging/quantization/activation-histogram.ts";

function histogramOf(...batches: readonly (readonly number[])[]) {
  const builder = new HistogramBuilder();
  for (const batch of batches) builder.add(Float32Array.from(batch));
  return builder.histogram();
}

/** The bins that hold something, as [lower edge, count]. */
function filled(histogram: ReturnType<typeof histogramOf>): readonly (readonly [number, number])[] {
  if (histogram === undefined) return [];
  const { reach, counts } = histogram;
  return [...counts.entries()]
    .filter(([, count]) => count > 0)
    .map(([bin, count]) => [((2 * bin) / histogramBins - 1) * reach, count]);
}

describe("an activation's histogram", () => {
  it("reaches to the power of two above all values", () => {
    expect(histogramOf([0.3, -0.7])).toMatchObject({ min: Math.fround(-0.7), max: Math.fround(0.3), reach: 1 });
    expect(histogramOf([1])).toMatchObject({ reach: 2 });
    expect(histogramOf([5, 0])).toMatchObject({ min: 0, max: 5, reach: 8 });
  });

  it("counts each value in its bin: the lower edge belongs to it", () => {
    const width = 8 / 2_048;
    expect(filled(histogramOf([0, 5, 5, -2, -width / 2]))).toEqual([
      [-2, 1],
      [-width, 1],
      [0, 1],
      [5, 2],
    ]);
  });

  it("moves what it has counted when larger values come", () => {
    expect(filled(histogramOf([0.5, -0.5], [100], [-300, 0.5]))).toEqual([
      [-300, 1],
      [-0.5, 1],
      [0.5, 2],
      [100, 1],
    ]);
  });

  it("of zeros reaches nowhere, and grows when the first other value comes", () => {
    expect(histogramOf([0, 0])).toMatchObject({ min: 0, max: 0, reach: 2 ** -149 });
    expect(filled(histogramOf([0, 0], [3e38]))).toEqual([
      [0, 2],
      [expect.closeTo(3e38, -36), 1],
    ]);
  });

  it("is none without values", () => {
    expect(histogramOf()).toBeUndefined();
    expect(histogramOf([])).toBeUndefined();
  });

  it.each([Number.NaN, Infinity, -Infinity])("refuses %d and stays as it was", (value) => {
    const builder = new HistogramBuilder();
    builder.add(Float32Array.of(1, 2));
    const before = structuredClone(builder.histogram());
    expect(builder.add(Float32Array.of(7, value))).toBe(false);
    expect(builder.histogram()).toEqual(before);
  });
});
