import { expect, test } from "vitest";
import { foldTails } from "../../../../../control-plane/domain/drift/fold-tails.ts";

test("the open bins go to their neighbours, and what lay there is counted", () => {
  expect(foldTails([0, 40, 60, 0], [10, 30, 50, 10])).toEqual({
    reference: [40, 60],
    current: [40, 60],
    outside: { reference: 0, current: 20 },
  });
});

test("the largest reference value, alone in the last bin, does not keep it", () => {
  expect(foldTails([0, 50, 49, 1], [0, 5, 5, 0])).toMatchObject({
    reference: [50, 50],
    outside: { reference: 1, current: 0 },
  });
});

test("an open bin is kept where the reference lives in it: confidence of exactly 1", () => {
  expect(foldTails([0, 30, 30, 40], [2, 3, 3, 2])).toEqual({
    reference: [30, 30, 40],
    current: [5, 3, 2],
    outside: { reference: 0, current: 2 },
  });
});

test("what is folded is decided by the reference alone", () => {
  expect(foldTails([0, 5, 5, 0], [100, 0, 0, 100]).current).toEqual([100, 100]);
  expect(foldTails([0, 5, 5, 0], [0, 0, 0, 0]).current).toEqual([0, 0]);
});

test("a constant reference: one bin, everything below it is outside", () => {
  expect(foldTails([0, 9], [4, 5])).toEqual({ reference: [9], current: [9], outside: { reference: 0, current: 4 } });
});

test("one bin has no open end to fold, none has nothing at all", () => {
  expect(foldTails([7], [9])).toEqual({ reference: [7], current: [9], outside: { reference: 0, current: 0 } });
  expect(foldTails([], [])).toEqual({ reference: [], current: [], outside: { reference: 0, current: 0 } });
});
