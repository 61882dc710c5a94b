import { expect, it } from "vitest";
import { digitImage, imageSide } from "../../../../../edge-agent/browser/example/digit-image.ts";

const side = 280;

/** A sheet with one filled rectangle. */
function rectangle(left: number, top: number, width: number, height: number): Uint8Array {
  return Uint8Array.from({ length: side * side }, (_, i) => {
    const [x, y] = [i % side, Math.floor(i / side)];
    return x >= left && x < left + width && y >= top && y < top + height ? 255 : 0;
  });
}

/** How many cells of each row hold ink in full. */
function fullCells(image: Float32Array | undefined): number[] {
  return Array.from(
    { length: imageSide },
    (_, row) => image?.subarray(row * imageSide, (row + 1) * imageSide).filter((cell) => cell === 1).length ?? -1,
  );
}

it("is nothing where nothing is drawn", () => {
  expect(digitImage(new Uint8Array(side * side), side)).toBeUndefined();
});

it("makes a bar of 100 by 10 one of 20 by 2 cells, in the middle, wherever it was drawn", () => {
  const rows = [...Array<number>(4).fill(0), ...Array<number>(20).fill(2), ...Array<number>(4).fill(0)];
  for (const [left, top] of [
    [0, 0],
    [135, 90],
    [270, 180],
  ] as const)
    expect(fullCells(digitImage(rectangle(left, top, 10, 100), side))).toEqual(rows);
});

it("keeps the shape: a line that lies down stays one", () => {
  const image = digitImage(rectangle(20, 100, 200, 20), side);
  expect(fullCells(image).filter((cells) => cells > 0)).toEqual([20, 20]);
});

it("holds as much ink as was there", () => {
  // 50 high: a cell is 2.5 points; the bar's width of 5 points is two cells.
  const thin = digitImage(rectangle(100, 100, 5, 50), side);
  const half = digitImage(
    rectangle(100, 100, 5, 50).map((ink) => ink && 128),
    side,
  );
  for (const [i, cell] of (half ?? []).entries()) expect(cell).toBeCloseTo(((thin?.[i] ?? 0) * 128) / 255, 5);
});

it("enlarges what is tiny, and is never without ink", () => {
  expect(digitImage(rectangle(279, 0, 1, 1), side)?.reduce((sum, cell) => sum + cell, 0)).toBeCloseTo(400, 5);
});
