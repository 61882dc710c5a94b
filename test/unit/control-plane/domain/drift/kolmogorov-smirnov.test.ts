import { describe, expect, test } from "vitest";
import {
  kolmogorovSmirnovBounds,
  kolmogorovSmirnovThreshold,
} from "../../../../../control-plane/domain/drift/kolmogorov-smirnov.ts";

describe("bounds of D", () => {
  test("the worked example: [2, 2] against [1, 3]", () => {
    expect(kolmogorovSmirnovBounds([2, 2], [1, 3])).toEqual({ low: 0.25, high: 0.75 });
  });

  test("bins that only one side uses leave nothing open", () => {
    expect(kolmogorovSmirnovBounds([4, 0, 6, 0], [0, 5, 0, 5])).toEqual({ low: 0.5, high: 0.5 });
    expect(kolmogorovSmirnovBounds([4, 0], [0, 4])).toEqual({ low: 1, high: 1 });
  });

  test("one bin says nothing: all of one side may lie before all of the other", () => {
    expect(kolmogorovSmirnovBounds([7], [9])).toEqual({ low: 0, high: 1 });
  });

  test("without samples on one side nothing is known", () => {
    expect(kolmogorovSmirnovBounds([0, 0], [1, 2])).toEqual({ low: 0, high: 1 });
    expect(kolmogorovSmirnovBounds([], [])).toEqual({ low: 0, high: 1 });
  });
});

describe("the threshold", () => {
  test.each([
    // c(α) of published tables, to five digits
    [0.1, 1.22385],
    [0.05, 1.3581],
    [0.01, 1.62762],
    [0.001, 1.94947],
  ])("c(%d) is %d", (alpha, c) => {
    expect(kolmogorovSmirnovThreshold(200, 200, alpha)).toBeCloseTo(c / 10, 5);
  });

  test("n = 100 and m = 400 at 5 %: 0.1518", () => {
    expect(kolmogorovSmirnovThreshold(100, 400, 0.05)).toBeCloseTo(0.1518, 4);
  });

  test("no D is significant without samples, or with two", () => {
    expect(kolmogorovSmirnovThreshold(0, 400, 0.05)).toBe(1);
    expect(kolmogorovSmirnovThreshold(2, 2, 0.05)).toBe(1);
  });
});
