import { expect, test } from "vitest";
import {
  jensenShannonDistance,
  jensenShannonDivergence,
} from "../../../../../control-plane/domain/drift/jensen-shannon.ts";

// The values of SciPy's documentation of spatial.distance.jensenshannon.
test("nothing in common is 1, the same is 0", () => {
  expect(jensenShannonDistance([1, 0, 0], [0, 1, 0])).toBe(1);
  expect(jensenShannonDistance([1, 0, 0], [1, 0, 0])).toBe(0);
});

test("[1, 0] against [0.5, 0.5] is 0.46450140402245893 with the natural logarithm", () => {
  expect(jensenShannonDistance([2, 0], [1, 1]) * Math.sqrt(Math.LN2)).toBeCloseTo(0.46450140402245893, 12);
});

test("the worked example in bits", () => {
  expect(jensenShannonDivergence([1, 0], [1, 1])).toBeCloseTo(0.3113, 4);
  expect(jensenShannonDistance([1, 0], [1, 1])).toBeCloseTo(0.5579, 4);
});

test("without samples on one side nothing is known to differ", () => {
  expect(jensenShannonDivergence([0, 0], [1, 1])).toBe(0);
  expect(jensenShannonDivergence([], [])).toBe(0);
});

test("counts over different bins cannot be compared", () => {
  expect(() => jensenShannonDivergence([1], [1, 2])).toThrow("cannot compare 1 bins with 2 bins");
});
