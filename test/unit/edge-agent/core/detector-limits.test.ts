import { describe, expect, it } from "vitest";
import {
  detectorLimits,
  fencesOf,
  plausibleRunOf,
  usualDetectorSettings,
} from "../../../../edge-agent/core/detector-limits.ts";

const even = {
  kind: "numeric" as const,
  name: "input.brightness",
  edges: [0.2, 0.4, 0.6],
  counts: [250, 250, 250, 250],
  missing: 0,
};
const usual = usualDetectorSettings;
const nowhere = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
const closeTo = Object.fromEntries(
  Object.entries(fencesOf(even, 3)).map(([end, value]) => [end, expect.closeTo(value) as number]),
);

describe("what the reference says", () => {
  it("is three spans of its edges beyond them", () => {
    expect(fencesOf(even, 3)).toEqual({ low: expect.closeTo(-1), high: expect.closeTo(1.8) });
    expect(fencesOf(even, 0.5)).toEqual({ low: expect.closeTo(0), high: expect.closeTo(0.8) });
  });

  it("is nothing where it does not tell how far its values lie", () => {
    expect(fencesOf({ ...even, counts: [0, 501, 499, 0] }, 3)).toEqual(nowhere);
    expect(fencesOf({ ...even, edges: [0.5], counts: [10, 10] }, 3)).toEqual(nowhere);
    expect(fencesOf({ ...even, edges: [], counts: [0] }, 3)).toEqual(nowhere);
  });

  it("makes a run of equal values plausible for longer, the more of it is in one bin", () => {
    expect(plausibleRunOf({ ...even, counts: Array.from({ length: 16 }, () => 1_000) })).toBe(30);
    expect(plausibleRunOf({ ...even, counts: [0, 998, 0, 0] })).toBe(13_809);
    expect(plausibleRunOf({ ...even, counts: [0, 0, 0, 0] })).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("what the publisher declares", () => {
  it("holds before what the reference says, each end for itself", () => {
    expect(detectorLimits(even, { range: { min: 0, max: 1 } }, usual)).toEqual({ low: 0, high: 1, longestRun: 30 });
    expect(detectorLimits(even, { range: { min: 0 } }, usual)).toEqual({
      low: 0,
      high: closeTo["high"],
      longestRun: 30,
    });
    expect(detectorLimits({ ...even, counts: [0, 501, 499, 0] }, { range: { max: 7 } }, usual)).toMatchObject({
      low: Number.NEGATIVE_INFINITY,
      high: 7,
    });
  });

  it("says after how many equal values a stream is stuck, or that it never is", () => {
    expect(detectorLimits(even, { stuckAfter: 5 }, usual).longestRun).toBe(5);
    expect(detectorLimits(even, { mayRest: true }, usual).longestRun).toBe(Number.POSITIVE_INFINITY);
    expect(detectorLimits(even, { mayRest: false }, usual).longestRun).toBe(30);
  });
});

describe("settings of the device", () => {
  it("move what follows from the reference, and leave what is declared", () => {
    const settings = { farOutside: 0.5, stuckAfter: 100 };
    expect(detectorLimits(even, {}, settings)).toEqual({ ...fencesOf(even, 0.5), longestRun: 100 });
    expect(detectorLimits(even, { range: { min: -5, max: 5 }, stuckAfter: 7 }, settings)).toEqual({
      low: -5,
      high: 5,
      longestRun: 7,
    });
    expect(detectorLimits(even, { mayRest: true }, settings).longestRun).toBe(Number.POSITIVE_INFINITY);
  });

  it("switch a detector off, whatever is declared", () => {
    const declared = { range: { min: 0, max: 1 }, stuckAfter: 5 };
    expect(detectorLimits(even, declared, { farOutside: undefined, stuckAfter: undefined })).toEqual({
      ...nowhere,
      longestRun: Number.POSITIVE_INFINITY,
    });
  });
});
