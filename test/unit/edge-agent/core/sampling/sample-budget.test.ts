import { expect, it } from "vitest";
import { budgetRate, fullBucket, paid, refilled } from "../../../../../edge-agent/core/sampling/sample-budget.ts";
import { hours, minutes } from "../../../../../proto/units.ts";

it("earns evenly over the day, and holds an hour's share at most", () => {
  const rate = budgetRate(2_400, 1);
  const empty = paid(fullBucket(rate, 0), 100);
  expect(empty.tokens).toBe(0);
  expect(refilled(empty, rate, minutes(30)).tokens).toBeCloseTo(50, 9);
  expect(refilled(empty, rate, hours(10)).tokens).toBe(100);
});

it("can always pay the least that is ever asked for, however little a day brings", () => {
  const rate = budgetRate(2, 1);
  const empty = paid(fullBucket(rate, 0), 1);
  expect(refilled(empty, rate, hours(6)).tokens).toBeCloseTo(0.5, 9);
  expect(refilled(empty, rate, hours(100)).tokens).toBe(1);
});

it("saves through a quiet day for one large payment, and never has it to begin with", () => {
  const rate = budgetRate(1_000_000, 60_000, 700_000);
  const empty = paid(fullBucket(rate, 0), 60_000);
  expect(empty.tokens).toBe(0);
  expect(refilled(empty, rate, hours(12)).tokens).toBeCloseTo(500_000, 3);
  expect(refilled(empty, rate, hours(100)).tokens).toBe(700_000);
});
