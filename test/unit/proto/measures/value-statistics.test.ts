import { describe, expect, it } from "vitest";
import { measureOf } from "../../../../proto/measures/measure-of.ts";
import { measured } from "../../../support/measured-rows.ts";

describe("a statistic of values", () => {
  it.each([
    ["mean", 1.25],
    ["standard-deviation", Math.sqrt(24.6875)],
    ["minimum", -7],
    ["maximum", 6],
    ["range", 13],
    ["peak", 7],
    ["share-missing", 0],
  ] as const)("is the %s", (statistic, expected) => {
    expect(measured({ statistic }, [4, -7, 6, 2])).toBeCloseTo(expected, 12);
  });

  it("is the effective value, in decibels below full scale where that is said", () => {
    expect(measured({ statistic: "root-mean-square" }, [0.1, -0.1])).toBeCloseTo(0.1, 12);
    expect(measured({ statistic: "root-mean-square", fullScale: 1 }, [0.1, -0.1])).toBeCloseTo(-20, 12);
    expect(measured({ statistic: "root-mean-square", fullScale: 32_768 }, Int16Array.of(3_277, -3_277))).toBeCloseTo(
      -20,
      2,
    );
    expect(measured({ statistic: "root-mean-square", fullScale: 1 }, [0, 0])).toBe(-120);
  });

  it("is the share inside two ends, or at one and beyond", () => {
    const pixels = [0, 0.5, 1, 1];
    expect(measured({ statistic: "share-outside", from: 0, to: 1 }, pixels)).toBe(0.75);
    expect(measured({ statistic: "share-outside", to: 1 }, pixels)).toBe(0.5);
    expect(measured({ statistic: "share-outside", from: 0 }, pixels)).toBe(0.25);
    expect(measured({ statistic: "share-inside", from: 0.4, to: 0.6 }, pixels)).toBe(0.25);
    expect(measured({ statistic: "share-inside", from: 0.5 }, pixels)).toBe(0.75);
  });

  it("is missing where one value is, and says how many are when it is asked for that", () => {
    const broken = [1, Number.NaN, Number.POSITIVE_INFINITY, 2];
    for (const statistic of ["mean", "standard-deviation", "minimum", "maximum", "range", "peak"] as const)
      expect(measured({ statistic }, broken)).toBeNaN();
    expect(measured({ statistic: "share-inside", from: 0 }, broken)).toBeNaN();
    expect(measured({ statistic: "root-mean-square", fullScale: 1 }, broken)).toBeNaN();
    expect(measured({ statistic: "share-missing" }, broken)).toBe(0.5);
  });
});

describe("a part", () => {
  // 2 x 3 pixels of three channels: 1x, 2x and 3x.
  const last = [10, 20, 30, 11, 21, 31, 12, 22, 32, 13, 23, 33, 14, 24, 34, 15, 25, 35];
  const first = [10, 11, 12, 13, 14, 15, 20, 21, 22, 23, 24, 25, 30, 31, 32, 33, 34, 35];

  it("is one channel, wherever the channels are", () => {
    const mean = (index: number, axis: "first" | "last", data: number[], dims: number[]) =>
      measured({ statistic: "mean", channel: { index, axis } }, data, dims);
    expect(mean(1, "last", last, [2, 3, 3])).toBe(22.5);
    expect(mean(1, "first", first, [3, 2, 3])).toBe(22.5);
    expect(mean(2, "last", last, [6, 3])).toBe(32.5);
  });

  it("is missing where there is no such channel, and where there is nothing", () => {
    expect(measured({ statistic: "mean", channel: { index: 3, axis: "last" } }, last, [2, 3, 3])).toBeNaN();
    expect(measured({ statistic: "mean", channel: { index: 0, axis: "first" } }, [], [])).toBeNaN();
    expect(measured({ statistic: "maximum" }, [])).toBeNaN();
  });

  it("is every n-th element of the channel", () => {
    expect(measured({ statistic: "mean", every: 4 }, [1, 9, 9, 9, 3, 9])).toBe(2);
    const channel = { index: 2, axis: "last" } as const;
    expect(measured({ statistic: "range", channel, every: 2 }, last, [2, 3, 3])).toBe(4);
  });

  it("is read from the row's own start", () => {
    const row = { data: [0, 0, ...first], start: 2, length: 18, width: 3, dims: [3, 2, 3] };
    const channel = { index: 0, axis: "first" } as const;
    expect(measureOf({ statistic: "maximum", channel }, row, new Map())).toBe(15);
  });
});
