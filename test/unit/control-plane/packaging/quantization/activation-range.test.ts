import { describe, expect, it } from "vitest";
import { HistogramBuilder } from "../../../../../control-plane/packaging/quantization/activation-histogram.ts";
import type { ActivationHistogram } from "../../../../../control-plane/packaging/quantization/activation-histogram.ts";
import { activationRange } from "../../../../../control-plane/packaging/quantization/activation-range.ts";
import { roundedOutward } from "../../../../../control-plane/packaging/quantization/rounded-outward.ts";

function seen(values: Iterable<number>): ActivationHistogram {
  const builder = new HistogramBuilder();
  builder.add(Float32Array.from(values));
  return builder.histogram() as ActivationHistogram;
}

function times(count: number, value: number): readonly number[] {
  return Array.from({ length: count }, () => value);
}

describe("minmax", () => {
  it("covers everything, and zero", () => {
    expect(activationRange(seen([-3, 0.5, 2]), "minmax", 100)).toEqual({ min: -3, max: 2 });
    expect(activationRange(seen([5, 6]), "minmax", 100)).toEqual({ min: 0, max: 6 });
    expect(activationRange(seen([-5, -6]), "minmax", 100)).toEqual({ min: -6, max: 0 });
    expect(activationRange(seen([0, 0]), "minmax", 100)).toEqual({ min: 0, max: 0 });
  });

  it("gives the same range where the last bits of a processor differ", () => {
    expect(activationRange(seen([1.000_2]), "minmax", 100)).toEqual(activationRange(seen([1.000_3]), "minmax", 100));
  });
});

describe("percentile", () => {
  it("leaves out what is rare at either end", () => {
    const values = [...times(9_900, 0.5), ...times(100, -3)];
    expect(activationRange(seen(values), "percentile", 98).min).toBe(0);
    expect(activationRange(seen(values), "percentile", 98.1).min).toBe(-3);
    expect(activationRange(seen(values), "percentile", 98).max).toBeCloseTo(0.5, 2);
  });

  it("99.99 lets one value of 10,000 be clipped at each end of 20,000, and not more", () => {
    const values = [...times(19_998, 0.5), 7, -7];
    expect(activationRange(seen(values), "percentile", 99.99).max).toBeCloseTo(0.5, 2);
    expect(activationRange(seen([...values, 7]), "percentile", 99.99).max).toBe(7);
  });

  it("100 is everything", () => {
    expect(activationRange(seen([...times(100_000, 0.1), 9, -4]), "percentile", 100)).toEqual({ min: -4, max: 9 });
  });
});

describe("entropy", () => {
  it("clips at the same distance on both sides, and never covers more than was seen", () => {
    const falling = Array.from({ length: 100_000 }, (_, i) => Math.log((i + 0.5) / 100_000));
    const { min, max } = activationRange(seen([...falling, 0.5, -400]), "entropy", 100);
    expect(min).toBeGreaterThan(-60);
    expect(min).toBeLessThan(-12);
    expect(max).toBe(0.5);
  });

  it("of zeros is nothing", () => {
    expect(activationRange(seen([0]), "entropy", 100)).toEqual({ min: 0, max: 0 });
  });
});

describe("roundedOutward", () => {
  it.each([
    [0, 0],
    [1, 1],
    [-3, -3],
    [1.0001, 513 / 512],
    [-1.0001, -513 / 512],
    [1_023.5, 1_024],
    [2 ** -149, 2 ** -149],
  ])("%d becomes %d", (value, rounded) => expect(roundedOutward(value)).toBe(rounded));
});
