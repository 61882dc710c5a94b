import { describe, expect, it } from "vitest";
import { cosine, measured } from "../../../support/measured-rows.ts";

describe("a statistic of a signal", () => {
  it("is the rate at which the sign changes", () => {
    expect(measured({ statistic: "zero-crossing-rate" }, [1, -1, -1, 0])).toBeCloseTo(2 / 3, 12);
    expect(measured({ statistic: "zero-crossing-rate" }, cosine(440, 16_000, 16_000))).toBeCloseTo(0.055, 4);
  });

  it("is the slope per step", () => {
    expect(measured({ statistic: "slope" }, [1, 3, 5])).toBe(2);
    expect(measured({ statistic: "slope", every: 2 }, [1, 3, 5, 7, 9])).toBe(2);
    expect(measured({ statistic: "slope" }, [1])).toBeNaN();
  });

  it("is what an element tells of the next", () => {
    expect(measured({ statistic: "autocorrelation" }, [1, 2, 3])).toBe(0);
    expect(measured({ statistic: "autocorrelation" }, [1, -1, 1, -1])).toBe(-0.75);
    expect(measured({ statistic: "autocorrelation" }, cosine(50, 16_000, 16_000))).toBeGreaterThan(0.99);
    expect(measured({ statistic: "autocorrelation" }, [5, 5, 5])).toBeNaN();
  });

  it("is the mean step", () => {
    expect(measured({ statistic: "mean-absolute-step" }, [1, 3, 2])).toBe(1.5);
  });

  it("is that of one sensor of several", () => {
    const series = [0, 100, 1, 100, 2, 100];
    const channel = { index: 0, axis: "last" } as const;
    expect(measured({ statistic: "slope", channel }, series, [3, 2])).toBe(1);
    expect(measured({ statistic: "mean-absolute-step", channel: { index: 1, axis: "last" } }, series, [3, 2])).toBe(0);
  });

  it("is missing where a value is", () => {
    for (const statistic of ["zero-crossing-rate", "slope", "autocorrelation", "mean-absolute-step"] as const)
      expect(measured({ statistic }, [1, 2, Number.NaN, 4])).toBeNaN();
  });
});
