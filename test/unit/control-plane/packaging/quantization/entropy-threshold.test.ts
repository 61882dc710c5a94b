import { describe, expect, it } from "vitest";
import { HistogramBuilder } from "../../../../../control-plane/packaging/quantization/activation-histogram.ts";
import type { ActivationHistogram } from "../../../../../control-plane/packaging/quantization/activation-histogram.ts";
import { entropyThreshold } from "../../../../../control-plane/packaging/quantization/entropy-threshold.ts";

/** Equally likely values of a distribution whose quantile function this is. */
function histogramOf(quantile: (share: number) => number, count = 200_000): ActivationHistogram {
  const builder = new HistogramBuilder();
  builder.add(Float32Array.from({ length: count }, (_, i) => quantile((i + 0.5) / count)));
  return builder.histogram() as ActivationHistogram;
}

const evenly = (share: number) => 2 * share - 1;
/** Laplace's distribution: p(x) = e^-|x| / 2. */
const laplace = (share: number) => (share < 0.5 ? Math.log(2 * share) : -Math.log(2 - 2 * share));

describe("the entropy threshold", () => {
  it("keeps values that are spread evenly, all of them", () => {
    expect(entropyThreshold(histogramOf(evenly))).toBeCloseTo(1, 2);
  });

  it("cuts the thin tail of a distribution", () => {
    const histogram = histogramOf(laplace);
    const threshold = entropyThreshold(histogram);
    expect(histogram.max).toBeGreaterThan(12);
    expect(threshold).toBeGreaterThan(4);
    expect(threshold).toBeLessThan(0.95 * histogram.max);
  });

  it("cuts off a single value far away, as in the example", () => {
    const builder = new HistogramBuilder();
    builder.add(Float32Array.from({ length: 200_000 }, (_, i) => laplace((i + 0.5) / 200_000)));
    builder.add(Float32Array.of(400));
    expect(entropyThreshold(builder.histogram() as ActivationHistogram)).toBe(32);
  });

  it("is not moved by zeros, which every range tells exactly", () => {
    const positive = (share: number) => Math.max(0, laplace(share));
    const withMoreZeros = (share: number) => (share < 0.5 ? 0 : positive(2 * share - 1));
    const [few, many] = [histogramOf(positive), histogramOf(withMoreZeros, 400_000)].map(entropyThreshold);
    expect(few).toBe(many);
  });

  it("knows nothing of the size of values: twice the values, twice the threshold", () => {
    const twice = entropyThreshold(histogramOf((share) => 2 * laplace(share)));
    expect(twice).toBe(2 * entropyThreshold(histogramOf(laplace)));
  });
});
