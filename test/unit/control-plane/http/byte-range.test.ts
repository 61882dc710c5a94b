import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { byteRange } from "../../../../control-plane/http/byte-range.ts";

describe("byteRange of a file of 10 bytes", () => {
  test.each([
    ["bytes=0-0", 0, 1],
    ["bytes=2-4", 2, 5],
    ["bytes=8-", 8, 10],
    ["bytes=8-999", 8, 10],
    ["bytes=-3", 7, 10],
    ["bytes=-99", 0, 10],
  ])("%s is %i to %i", (header, from, to) => {
    expect(byteRange(header, 10)).toEqual({ kind: "part", from, to });
  });

  test.each(["bytes=10-", "bytes=10-20", "bytes=-0"])("%s is unsatisfiable", (header) => {
    expect(byteRange(header, 10)).toEqual({ kind: "unsatisfiable" });
  });

  test.each([
    undefined,
    "",
    "bytes=",
    "bytes=-",
    "bytes=4-2",
    "bytes=0-1,3-4",
    "lines=0-1",
    "bytes=a-b",
    "bytes=1.5-2",
  ])("%s is ignored", (header) => {
    expect(byteRange(header, 10)).toEqual({ kind: "whole" });
  });

  test("nothing of an empty file can be had", () => {
    expect(byteRange("bytes=0-", 0)).toEqual({ kind: "unsatisfiable" });
    expect(byteRange("bytes=-5", 0)).toEqual({ kind: "unsatisfiable" });
  });

  test("a part always lies within the file and is not empty", () => {
    fc.assert(
      fc.property(
        fc.option(fc.nat(50), { nil: "" as const }),
        fc.option(fc.nat(50), { nil: "" as const }),
        fc.nat(40),
        (a, b, size) => {
          const range = byteRange(`bytes=${a}-${b}`, size);
          if (range.kind === "part") {
            expect(range.from).toBeGreaterThanOrEqual(0);
            expect(range.from).toBeLessThan(range.to);
            expect(range.to).toBeLessThanOrEqual(size);
          }
        },
      ),
    );
  });
});
