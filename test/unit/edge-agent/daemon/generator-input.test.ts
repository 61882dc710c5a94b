import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { rowAt } from "../../../../edge-agent/daemon/generator-input.ts";

describe("the generator's order", () => {
  it("is the one in the description", () => {
    expect(Array.from({ length: 10 }, (_, turn) => rowAt(turn, 10, 1))).toEqual([1, 8, 5, 2, 9, 6, 3, 0, 7, 4]);
  });

  it("gives every row once in each round", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), (rows, seed) => {
        const round = Array.from({ length: rows }, (_, turn) => rowAt(turn + rows, rows, seed));
        expect(new Set(round).size).toBe(rows);
        expect(Math.max(...round)).toBe(rows - 1);
      }),
    );
  });
});
