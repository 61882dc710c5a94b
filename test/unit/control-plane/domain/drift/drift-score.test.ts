import { describe, expect, test } from "vitest";
import { scoreStream } from "../../../../../control-plane/domain/drift/drift-score.ts";
import { driftTests } from "../../../../../control-plane/domain/drift/drift-tests.ts";
import { populationStabilityIndex } from "../../../../../control-plane/domain/drift/population-stability-index.ts";
import { compareStream } from "../../../../../control-plane/domain/drift/stream-comparison.ts";
import { binCount, emptyHistogram } from "../../../../../proto/sketch/histogram.ts";
import { categoricalReference, histogramOf, numericReference } from "./stream-builders.ts";

describe("a numeric stream", () => {
  const reference = numericReference([0, 100, 100, 100, 100, 0], 8);

  test("the same shape: no effect beyond chance, in any test", () => {
    const score = scoreStream(reference, { counts: [0, 25, 25, 25, 25, 0], missing: 2 });
    expect(score).toMatchObject({
      stream: "input.brightness",
      samples: 100,
      missing: 2,
      referenceSamples: 400,
      bins: 4,
      psiExcess: 0,
      jensenShannon: 0,
      outOfRangeShare: 0,
      missingIncrease: 0,
    });
    expect(score.psi).toBeCloseTo(0, 12);
    expect(score.psiExpected).toBeCloseTo(3 * (1 / 100 + 1 / 400), 12);
    expect(score.ks?.low).toBe(0);
    expect(score.ks?.high).toBeCloseTo(0.25, 12);
    expect(score.missingShare).toBeCloseTo(2 / 102, 12);
  });

  test("another shape: PSI and Jensen–Shannon over the folded bins, KS over all of them", () => {
    const score = scoreStream(reference, { counts: [10, 0, 10, 30, 40, 10], missing: 0 });
    expect(score.psi).toBe(populationStabilityIndex([100, 100, 100, 100], [10, 10, 30, 50]));
    expect(score.psiExcess).toBeCloseTo(score.psi - score.psiExpected, 12);
    // After the second inner bin the reference has seen half, the window a fifth.
    expect(score.ks?.low).toBeCloseTo(0.3, 12);
    expect(score.outOfRangeShare).toBe(0.2);
    expect(score.outOfRangeIncrease).toBe(0.2);
  });

  test("a device's histogram is scored as it is", () => {
    const edges = [0, 1, 2, 3, 4];
    const window = histogramOf(edges, [0.5, 1.5, 2.5, 3.5, 7, undefined, Number.NaN]);
    expect(scoreStream(reference, window)).toMatchObject({ samples: 5, missing: 2, outOfRangeShare: 0.2 });
    expect(scoreStream(reference, emptyHistogram(binCount(edges)))).toMatchObject({ samples: 0, psi: 0, psiExcess: 0 });
  });

  test("a window that was counted in other bins is refused", () => {
    expect(() => scoreStream(reference, { counts: [1, 2, 3], missing: 0 })).toThrow(
      "cannot compare 6 bins with 3 bins",
    );
  });
});

describe("a categorical stream", () => {
  test("has no order and no range: no KS, nothing out of range, and the first and last class stay", () => {
    const score = scoreStream(categoricalReference([5, 50, 45]), { counts: [40, 30, 30], missing: 0 });
    expect(score).not.toHaveProperty("ks");
    expect(score).toMatchObject({ bins: 3, outOfRangeShare: 0, outOfRangeIncrease: 0 });
    expect(score.psi).toBe(populationStabilityIndex([5, 50, 45], [40, 30, 30]));
  });

  test("classes that nobody has seen cost no degree of freedom", () => {
    const score = scoreStream(categoricalReference([50, 50, 0, 0]), { counts: [50, 50, 0, 0], missing: 0 });
    expect(score.bins).toBe(2);
    expect(score.psiExpected).toBeCloseTo(0.02, 12);
  });
});

test("every test of the table says its value, its bound and what chance explains", () => {
  const comparison = compareStream(numericReference([0, 300, 300, 0]), { counts: [0, 150, 50, 0], missing: 0 });
  const { psi, jensenShannon, ks } = driftTests;
  expect(psi.compute(comparison).value).toBeGreaterThan(psi.compute(comparison).chance);
  expect(jensenShannon.compute(comparison).value).toBeGreaterThan(jensenShannon.compute(comparison).chance);
  expect(ks.compute(comparison)).toMatchObject({ value: 0.25, atMost: 0.75 });
  // c(0.001) · √(800 / 120,000)
  expect(ks.compute(comparison).chance).toBeCloseTo(1.94947 * Math.sqrt(800 / 120_000), 5);
});
