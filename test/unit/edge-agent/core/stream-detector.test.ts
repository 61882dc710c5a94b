import { expect, it } from "vitest";
import { StreamDetector } from "../../../../edge-agent/core/stream-detector.ts";

const plausible = 30;
const limits = { low: -1, high: 1.8, longestRun: plausible };

function counted(...values: readonly (number | undefined)[]) {
  const detector = new StreamDetector(() => limits);
  for (const value of values) detector.add(value);
  return detector.take();
}
const same = (value: number, times: number) => Array.from({ length: times }, () => value);

it("counts values beyond the limits, but not those on them", () => {
  expect(counted(-1, 1.8, -1.000001, 1.800001)).toEqual({ farOutside: 2 });
});

it("keeps values far outside apart from those that are no finite number, and from those that are not there", () => {
  expect(counted(Number.NaN, Number.POSITIVE_INFINITY, undefined, 99)).toEqual({ farOutside: 1, notFinite: 2 });
});

it("counts a run whole when it is too long, and not at all before", () => {
  expect(counted(...same(0.3, plausible))).toEqual({});
  expect(counted(...same(0.3, plausible + 1))).toEqual({ stuck: plausible + 1 });
  expect(counted(...same(0.3, plausible + 5), 0.4, ...same(0.5, plausible))).toEqual({ stuck: plausible + 5 });
});

it("does not let a row without a number end a run", () => {
  expect(counted(...same(0.3, 20), Number.NaN, undefined, ...same(0.3, 20))).toEqual({ stuck: 40, notFinite: 1 });
});

it("follows a run from window to window, and counts in each its own values", () => {
  const detector = new StreamDetector(() => limits);
  const window = (values: readonly number[]) => {
    for (const value of values) detector.add(value);
    return detector.take().stuck ?? 0;
  };
  const windows = [same(0.3, 20), same(0.3, 20), [], same(0.3, 3), [0.4]];
  expect(windows.map(window)).toEqual([0, 20, 0, 3, 0]);
});

it("takes up other limits with the next window, in the middle of a run too", () => {
  let longestRun = 10;
  const detector = new StreamDetector(() => ({ ...limits, longestRun }));
  const window = (times: number) => {
    for (const value of same(0.3, times)) detector.add(value);
    return detector.take().stuck ?? 0;
  };
  expect(window(9)).toBe(0);
  longestRun = 4;
  expect([window(3), window(3)]).toEqual([3, 3]);
  longestRun = 100;
  expect([window(1), window(1)]).toEqual([1, 0]);
});
