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
/** The logistic distribution, as high at zero as the bell curve, with somewhat longer tails. */
const bell = (share: number) => Math.log(share / (1 - share)) / (2 * Math.sqrt(2 / Math.PI));

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

  it.each([
    ["half of a bell", (share: number) => Math.max(0, bell(share)), 3.4],
    ["the upper end of a bell", (share: number) => Math.max(0, bell(share) - 1.5), 2],
    ["half of a bell, cubed", (share: number) => Math.max(0, bell(share)) ** 3, 20],
    ["what Relu6 cuts off at 6", (share: number) => Math.min(6, Math.max(0, 4 * bell(share))), 5.9],
  ])("after a Relu, of %s, clips hardly anything", (_what, quantile, atLeast) => {
    const histogram = histogramOf(quantile);
    const threshold = entropyThreshold(histogram);
    expect(threshold).toBeGreaterThan(atLeast);
    const clipped = Array.from({ length: 10_000 }, (_, i) => quantile((i + 0.5) / 10_000)).filter(
      (value) => value > threshold,
    );
    expect(clipped.length).toBeLessThan(50);
  });

  it.each([
    ["that are one", () => 1],
    ["that are nothing or one", (share: number) => (share < 0.8 ? 0 : 1)],
    ["all far from zero", (share: number) => 0.5 + share / 2],
    ["far from zero on both sides", (share: number) => (share < 0.5 ? -1 + share / 2 : 0.5 + share / 2)],
    ["of three sizes", (share: number) => [0, 0.25, 1][Math.floor(3 * share)] as number],
  ])("keeps values %s", (_what, quantile) => {
    expect(entropyThreshold(histogramOf(quantile))).toBeGreaterThan(0.9);
  });

  it.each([1, 2, 3, 10, 50])("hardly clips any of %i values: there is no telling which are rare", (count) => {
    const histogram = histogramOf((share) => 2 ** (-10 * share), count);
    expect(entropyThreshold(histogram)).toBeGreaterThan(0.9 * histogram.max);
  });

  it("keeps the large outputs of a hard swish, though most of them lie close together below zero", () => {
    const hardSwish = (x: number) => (x * Math.min(6, Math.max(0, x + 3))) / 6;
    // Most values are far below zero, where the hard swish gives hardly anything.
    const outputs = (share: number) =>
      share < 0.9 ? hardSwish(bell(share / 0.9) - 1.5) : 3 + bell(10 * share - 9) / 4;
    const threshold = entropyThreshold(histogramOf(outputs));
    expect(threshold).toBeGreaterThan(3.5);
  });

  it("is 0 of nothing but zeros", () => {
    expect(entropyThreshold(histogramOf(() => 0))).toBe(0);
  });

  it("knows nothing of the size of values: twice the values, twice the threshold", () => {
    const twice = entropyThreshold(histogramOf((share) => 2 * laplace(share)));
    expect(twice).toBe(2 * entropyThreshold(histogramOf(laplace)));
  });
});
