import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { wilsonInterval } from "../../../../../control-plane/domain/rollout/wilson-interval.ts";

describe("Wilson's interval", () => {
  it.each([
    [1, 10, 0.0179, 0.4042],
    [0, 10, 0, 0.2775],
    [10, 10, 0.7225, 1],
    [0, 0, 0, 1],
    [50, 1000, 0.0381, 0.0653],
  ])("of %i in %i is %f to %f", (hits, all, lower, upper) => {
    const interval = wilsonInterval(hits, all);
    expect(interval.lower).toBeCloseTo(lower, 4);
    expect(interval.upper).toBeCloseTo(upper, 4);
  });

  it("holds the share itself and stays between 0 and 1", () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(1_000), (a, b) => {
        const [hits, all] = [Math.min(a, b), Math.max(a, b, 1)];
        const { lower, upper } = wilsonInterval(hits, all);
        expect(lower).toBeGreaterThanOrEqual(0);
        expect(lower).toBeLessThanOrEqual(hits / all);
        expect(upper).toBeGreaterThanOrEqual(hits / all);
        expect(upper).toBeLessThanOrEqual(1);
      }),
    );
  });
});
