import { describe, expect, it } from "vitest";
import { measured } from "../../../support/measured-rows.ts";

const dot = [0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];

describe("sharpness", () => {
  it("is the variance of the Laplacian over pixels with four neighbours", () => {
    expect(measured({ statistic: "laplacian-variance" }, dot, [3, 4])).toBe(6.25);
    expect(measured({ statistic: "laplacian-variance" }, Array(12).fill(0.7), [3, 4])).toBeCloseTo(0, 12);
  });

  it("is that of one channel in a picture of several", () => {
    const first = [...Array<number>(12).fill(3), ...dot];
    const last = dot.flatMap((value) => [3, value]);
    expect(measured({ statistic: "laplacian-variance", channel: { index: 1, axis: "first" } }, first, [2, 3, 4])).toBe(
      6.25,
    );
    expect(measured({ statistic: "laplacian-variance", channel: { index: 1, axis: "last" } }, last, [3, 4, 2])).toBe(
      6.25,
    );
    expect(measured({ statistic: "laplacian-variance", channel: { index: 0, axis: "last" } }, last, [3, 4, 2])).toBe(0);
  });

  it("looks at real neighbours also where only every n-th pixel is looked at", () => {
    // Of the inner pixels 5 and 6 only 5 is a multiple of 5, with the value -4: alone it has no variance.
    expect(measured({ statistic: "laplacian-variance", every: 5 }, dot, [3, 4])).toBe(0);
    expect(measured({ statistic: "gradient", every: 5 }, dot, [3, 4])).toBe(2 / 5);
  });

  it("is missing where no pixel has four neighbours, or one is not a number", () => {
    expect(measured({ statistic: "laplacian-variance" }, [1, 2, 3, 4], [2, 2])).toBeNaN();
    expect(measured({ statistic: "laplacian-variance" }, dot.with(6, Number.NaN), [3, 4])).toBeNaN();
  });
});

describe("the gradient of a channel", () => {
  it("compares neighbours to the right and below, within the channel", () => {
    expect(measured({ statistic: "gradient" }, [0, 1, 0, 1], [2, 2])).toBe(0.5);
    const channel = { index: 0, axis: "first" } as const;
    expect(measured({ statistic: "gradient", channel }, [0, 1, 0, 1, 9, 9, 9, 9], [2, 2, 2])).toBe(0.5);
  });
});
