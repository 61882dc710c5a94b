import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, readDuration, relativeTime } from "../../../../control-plane/cli/duration.ts";

describe("readDuration", () => {
  test.each([
    ["250ms", 250],
    ["30s", 30_000],
    ["1.5s", 1_500],
    ["10m", 600_000],
    ["2h", 7_200_000],
    ["1h30m", 5_400_000],
    ["7d", 604_800_000],
    ["0s", 0],
  ])("%s", (text, ms) => {
    expect(readDuration(text)).toBe(ms);
  });

  test.each(["", "30", "s", "30 s", "-5s", "1y", "5m!", "1..5s", "ten minutes"])("%j is none", (text) => {
    expect(() => readDuration(text)).toThrow(/is not a duration: write 30s, 10m, 2h/);
  });
});

describe("formatDuration", () => {
  test.each([
    [0, "0s"],
    [499, "0s"],
    [42_000, "42s"],
    [60_000, "1m"],
    [3_725_000, "1h 2m"],
    [90_061_000, "1d 1h"],
    [86_460_000, "1d"],
  ])("%i ms", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  test("what it writes can be read back, and is never more than the truth", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000_000 }), (s) => {
        const back = readDuration(formatDuration(s * 1000).replaceAll(" ", ""));
        expect(back).toBeLessThanOrEqual(s * 1000);
        expect(back).toBeGreaterThan(s * 500 - 1);
      }),
    );
  });
});

test("relativeTime names the largest unit", () => {
  expect(relativeTime(1_000, 1_000)).toBe("now");
  expect(relativeTime(0, 185_000)).toBe("3m ago");
  expect(relativeTime(7_300_000, 0)).toBe("in 2h");
});
