import { describe, expect, it } from "vitest";
import { judgeGrowth, overall, slopeOf } from "./slope.ts";

describe("the slope of samples", () => {
  it("is that of the least-squares line, with its standard error", () => {
    const samples = [1, 3, 4, 6].map((value, at) => ({ at, value }));
    const { slope, error, mean } = slopeOf(samples);
    expect(slope).toBeCloseTo(1.6, 12);
    expect(error).toBeCloseTo(Math.SQRT2 / 10, 12);
    expect(mean).toBe(3.5);
  });

  it("has no error where all samples lie on the line", () => {
    const { slope, error } = slopeOf([5, 7, 9].map((value, at) => ({ at, value })));
    expect(slope).toBe(2);
    expect(error).toBe(0);
  });

  it("is refused where there is nothing to be uncertain about", () => {
    expect(() => slopeOf([{ at: 0, value: 1 }])).toThrow("three samples");
  });
});

describe("growth", () => {
  it.each([
    [0.3, 0.2, "flat"],
    [-5, 2.9, "flat"],
    [2, 0.4, "grows"],
    [1, 0, "grows"],
    [0.3, 0.4, "inconclusive"],
    [-1.84, 6.32, "inconclusive"],
    [1.5, 0.3, "inconclusive"],
  ] as const)("of (%f ± %f) %% a day, where one per cent is allowed: %s", (percent, error, verdict) => {
    expect(judgeGrowth(percent, error, 1)).toBe(verdict);
  });

  it("of several things is that of the worst", () => {
    expect(overall(["flat", "flat"])).toBe("flat");
    expect(overall(["flat", "inconclusive"])).toBe("inconclusive");
    expect(overall(["inconclusive", "grows", "flat"])).toBe("grows");
  });
});
