import { describe, expect, it } from "vitest";
import { int4Weights } from "../../../../../control-plane/packaging/quantization/int4.ts";
import { int4Value } from "../../../../support/int4-value.ts";

function column(values: readonly number[]): (row: number) => number {
  return (row) => values[row] ?? Number.NaN;
}

describe("int4Weights", () => {
  it("the worked example: −1 … 2", () => {
    const { packed, scales, zeroPoints } = int4Weights(column([-1, 0, 2, 1, ...Array.from({ length: 12 }, () => 0)]), {
      rows: 16,
      columns: 1,
      blockSize: 16,
    });
    expect([...scales]).toEqual([Math.fround(0.2)]);
    expect([...zeroPoints]).toEqual([5]);
    // The earlier of two integers stands in the lower half: 0 and 5, 15 and 10.
    expect([...packed]).toEqual([0x50, 0xaf, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55]);
  });

  it("each column begins with a byte of zero points of its own, and the last block is filled with zeros", () => {
    const layout = { rows: 33, columns: 2, blockSize: 16 };
    const { packed, scales, zeroPoints } = int4Weights((row, column) => (column === 0 ? 15 : -15) * (row % 2), layout);
    expect([...scales]).toEqual([1, 1, 1, 1, 1, 1]);
    // 0 for the first column, 15 for the second: three blocks each, and the third of each is all zeros.
    expect([...zeroPoints]).toEqual([0x00, 0x00, 0xff, 0x00]);
    expect(packed).toHaveLength(2 * 3 * 8);
    expect([...packed.subarray(0, 8)]).toEqual(Array.from({ length: 8 }, () => 0xf0));
    expect([...packed.subarray(16, 24)]).toEqual(Array.from({ length: 8 }, () => 0));
  });

  it("a value comes back from where it was packed", () => {
    const layout = { rows: 40, columns: 3, blockSize: 16 };
    const at = (row: number, col: number): number => ((row * 7 + col * 3) % 16) - 5;
    const weights = int4Weights(at, layout);
    for (const [row, col] of [
      [0, 0],
      [15, 2],
      [16, 1],
      [31, 2],
    ] as const)
      expect(int4Value(weights, layout, row, col)).toBeCloseTo(at(row, col), 6);
  });

  it("a block of zeros is zero", () => {
    const layout = { rows: 16, columns: 1, blockSize: 16 };
    const weights = int4Weights(() => 0, layout);
    expect(int4Value(weights, layout, 3, 0)).toBe(0);
  });

  it("refuses what is not finite, with the element in the order of the rows", () => {
    const layout = { rows: 16, columns: 2, blockSize: 16 };
    const at = (row: number, col: number): number => (row === 3 && col === 1 ? Infinity : 0);
    expect(() => int4Weights(at, layout, "fc")).toThrow(/"fc" holds Infinity \(element 7\)/);
  });
});
