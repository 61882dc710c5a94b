import { describe, expect, it } from "vitest";
import { fencesOf, plausibleRunOf, StreamDetector } from "../../../../edge-agent/core/stream-detector.ts";

const even = {
  kind: "numeric" as const,
  name: "input.brightness",
  edges: [0.2, 0.4, 0.6],
  counts: [250, 250, 250, 250],
  missing: 0,
};
const plausible = 30;

function counted(...values: readonly (number | undefined)[]) {
  const detector = new StreamDetector(even);
  for (const value of values) detector.add(value);
  return detector.take();
}
const same = (value: number, times: number) => Array.from({ length: times }, () => value);
const none = {};

describe("values far outside", () => {
  it("are those more than three spans of the edges beyond them", () => {
    const { low, high } = fencesOf(even);
    expect([low, high]).toEqual([expect.closeTo(-1), expect.closeTo(1.8)]);
    expect(counted(low, high, low - 1e-9, high + 1e-9)).toEqual({ ...none, farOutside: 2 });
  });

  it("are not counted where the reference does not tell how far its values lie", () => {
    const nowhere = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
    expect(fencesOf({ ...even, counts: [0, 501, 499, 0] })).toEqual(nowhere);
    expect(fencesOf({ ...even, edges: [0.5], counts: [10, 10] })).toEqual(nowhere);
    expect(fencesOf({ ...even, edges: [], counts: [0] })).toEqual(nowhere);
  });

  it("are apart from those that are no finite number, and from those that are not there", () => {
    expect(counted(Number.NaN, Number.POSITIVE_INFINITY, undefined, 99)).toEqual({
      ...none,
      farOutside: 1,
      notFinite: 2,
    });
  });
});

describe("a run of equal values", () => {
  it("is plausible for longer, the more of the reference is in one bin", () => {
    const evenBins = { ...even, counts: Array.from({ length: 16 }, () => 1_000) };
    expect(plausibleRunOf(evenBins)).toBe(plausible);
    expect(plausibleRunOf({ ...even, counts: [0, 998, 0, 0] })).toBe(13_809);
    expect(plausibleRunOf({ ...even, counts: [0, 0, 0, 0] })).toBe(Number.POSITIVE_INFINITY);
  });

  it("counts whole when it is longer than plausible, and not at all before", () => {
    expect(counted(...same(0.3, plausible))).toEqual(none);
    expect(counted(...same(0.3, plausible + 1))).toEqual({ ...none, stuck: plausible + 1 });
    expect(counted(...same(0.3, plausible + 5), 0.4, ...same(0.5, plausible))).toEqual({
      ...none,
      stuck: plausible + 5,
    });
  });

  it("is not ended by a row without a number", () => {
    expect(counted(...same(0.3, 20), Number.NaN, undefined, ...same(0.3, 20))).toEqual({
      ...none,
      stuck: 40,
      notFinite: 1,
    });
  });

  it("goes on from window to window, and each counts its own values", () => {
    const detector = new StreamDetector(even);
    const window = (values: readonly number[]) => {
      for (const value of values) detector.add(value);
      return detector.take().stuck ?? 0;
    };
    const windows = [same(0.3, 20), same(0.3, 20), [], same(0.3, 3), [0.4]];
    expect(windows.map(window)).toEqual([0, 20, 0, 3, 0]);
  });
});
