import { expect, test } from "vitest";
import { chiSquareQuantile, normalQuantile999 } from "../../../../../control-plane/domain/drift/chi-square-quantile.ts";

test.each([
  // degrees, the 99.9 % quantile of published tables, how far above it the approximation may be
  [1, 10.828, 0.031],
  [5, 20.515, 0.012],
  [9, 27.877, 0.007],
  [15, 37.697, 0.004],
  [30, 59.703, 0.002],
  [100, 149.449, 0.0005],
])(
  "with %d degrees of freedom the 0.999 quantile is %d, or above it by at most the share %d",
  (degrees, exact, relative) => {
    const approximate = chiSquareQuantile(degrees, normalQuantile999);
    expect(approximate).toBeGreaterThanOrEqual(exact - 0.0005);
    expect(approximate).toBeLessThan(exact * (1 + relative));
  },
);

test("the median of 10 degrees is 9.34", () => {
  expect(chiSquareQuantile(10, 0)).toBeCloseTo(9.34, 1);
});

test("without a degree of freedom nothing can differ", () => {
  expect(chiSquareQuantile(0, normalQuantile999)).toBe(0);
  expect(chiSquareQuantile(-1, normalQuantile999)).toBe(0);
});
