import { describe, expect, it } from "vitest";
import { slopeOf } from "./slope.ts";

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
