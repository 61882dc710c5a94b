import { describe, expect, test } from "vitest";
import {
  comparedBins,
  expectedPsi,
  populationStabilityIndex,
  psiExcess,
  psiNullQuantile,
} from "../../../../../control-plane/domain/drift/population-stability-index.ts";

describe("the index", () => {
  test("the worked example: [50, 50] against [30, 70]", () => {
    expect(populationStabilityIndex([50, 50], [30, 70])).toBeCloseTo(0.1659, 4);
  });

  test("with many samples it is the textbook sum: (p − q) · ln(p / q)", () => {
    const textbook =
      (0.2 - 0.1) * Math.log(0.2 / 0.1) + (0.5 - 0.3) * Math.log(0.5 / 0.3) + (0.3 - 0.6) * Math.log(0.3 / 0.6);
    expect(populationStabilityIndex([2e9, 5e9, 3e9], [1e9, 3e9, 6e9])).toBeCloseTo(textbook, 8);
  });

  test("an empty bin on one side counts as half a sample", () => {
    // Shares [10.5, 0.5] / 11 against [5.5, 5.5] / 11.
    expect(populationStabilityIndex([10, 0], [5, 5])).toBeCloseTo(
      (5 / 11) * Math.log(10.5 / 5.5) + (-5 / 11) * Math.log(0.5 / 5.5),
      12,
    );
  });

  test("a bin that is empty on both sides changes nothing", () => {
    expect(populationStabilityIndex([10, 0, 5, 0], [5, 0, 5, 0])).toBe(populationStabilityIndex([10, 5], [5, 5]));
    expect(comparedBins([10, 0, 5, 0], [5, 0, 0, 1])).toBe(3);
  });

  test("without samples on one side nothing is known to differ", () => {
    expect(populationStabilityIndex([0, 0], [3, 4])).toBe(0);
    expect(populationStabilityIndex([3, 4], [0, 0])).toBe(0);
    expect(populationStabilityIndex([], [])).toBe(0);
  });

  test("counts over different bins cannot be compared", () => {
    expect(() => populationStabilityIndex([1, 2], [1, 2, 3])).toThrow("cannot compare 2 bins with 3 bins");
  });
});

describe("what chance explains", () => {
  test("the expectation is (B − 1)(1/n + 1/m)", () => {
    expect(expectedPsi(10, 100, 1000)).toBeCloseTo(0.099, 12);
    expect(expectedPsi(30, 100, 1e12)).toBeCloseTo(0.29, 8);
  });

  test("the excess is what is left of the PSI, never below 0", () => {
    expect(psiExcess(0.35, 10, 100, 1000)).toBeCloseTo(0.251, 12);
    expect(psiExcess(0.05, 10, 100, 1000)).toBe(0);
  });

  test("the 99.9 % quantile of 10 bins, n = 100, m = 1000 is 27.877 · 0.011, or a little above", () => {
    expect(psiNullQuantile(10, 100, 1000)).toBeGreaterThan(0.30665);
    expect(psiNullQuantile(10, 100, 1000)).toBeLessThan(0.3089);
  });

  test("one bin, or no samples, leave nothing to chance", () => {
    for (const [bins, n, m] of [
      [1, 100, 100],
      [0, 100, 100],
      [10, 0, 100],
      [10, 100, 0],
    ] as const) {
      expect(expectedPsi(bins, n, m)).toBe(0);
      expect(psiNullQuantile(bins, n, m)).toBe(0);
    }
  });
});
