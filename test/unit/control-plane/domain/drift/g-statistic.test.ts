import { expect, test } from "vitest";
import { informationAgainst, splitInformation } from "../../../../../control-plane/domain/drift/g-statistic.ts";

const counts = (...values: number[]) => ({ counts: values, missing: 0 });

test("the worked example: [30, 70] against even shares", () => {
  expect(informationAgainst([30, 70], [0.5, 0.5])).toBeCloseTo(8.2283, 4);
  expect(informationAgainst([0, 0], [0.5, 0.5])).toBe(0);
});

test("two devices in groups of their own: nothing within, the rest adds up", () => {
  const split = splitInformation([[counts(50, 50)], [counts(30, 70)]], [0.5, 0.5]);
  expect(split.fleet.nats).toBeCloseTo(4.027, 3);
  expect(split.between.nats).toBeCloseTo(4.201, 3);
  expect(split.within).toEqual({ nats: 0, degrees: 0 });
});

test("in one group the same is within it", () => {
  const split = splitInformation([[counts(50, 50), counts(30, 70)]], [0.5, 0.5]);
  expect(split.between).toEqual({ nats: 0, degrees: 0 });
  expect(split.within.nats).toBeCloseTo(4.201, 3);
});

test("degrees of freedom: (K − 1), (G − 1)(K − 1), (D − G)(K − 1); devices without samples are not counted", () => {
  const split = splitInformation(
    [[counts(1, 2, 3), counts(3, 2, 1), counts(0, 0, 0)], [counts(1, 1, 1)], []],
    [0.2, 0.3, 0.5],
  );
  expect([split.fleet.degrees, split.between.degrees, split.within.degrees]).toEqual([2, 2, 2]);
});
