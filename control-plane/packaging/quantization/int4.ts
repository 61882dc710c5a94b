import { notFinite, roundHalfEven } from "./numbers.ts";

/** The weight of a fully connected layer as com.microsoft.MatMulNBits reads it. */
export interface Int4Weights {
  /** [columns, blocks, blockSize / 2]: two integers in a byte, the earlier one in its lower half. */
  readonly packed: Uint8Array;
  /** [columns × blocks] */
  readonly scales: Float32Array;
  /** [columns, ⌈blocks / 2⌉]: packed like the integers; each column begins with a byte of its own. */
  readonly zeroPoints: Uint8Array;
}

export interface Int4Layout {
  /** The length of the sums: K. */
  readonly rows: number;
  /** The number of the sums: N. */
  readonly columns: number;
  /** So many neighbours of one column share a scale and a zero point. */
  readonly blockSize: number;
}

const largestInteger = 15;

/**
 * 4-bit weights in blocks along the rows: value ≈ scale × (integer − zeroPoint), integers and zero points from 0 to 15.
 *
 * For each block scale = (max − min) / 15 over a range that holds 0, stored as float32; zeroPoint = roundHalfEven(−min / scale);
 * integer = roundHalfEven(value / scale) + zeroPoint, clipped. `|scale × (integer − zeroPoint) − value| ≤ scale`: half of it from each
 * rounding. Where the last block reaches beyond the rows, it is filled with zeros. (onnxruntime, contrib operator MatMulNBits.)
 *
 * @param at the value in a row and a column
 * Example: a block −1 … 2 has scale 0.2 and zero point 5: −1 is stored as 0, 0 as 5, 2 as 15.
 */
export function int4Weights(
  at: (row: number, column: number) => number,
  { rows, columns, blockSize }: Int4Layout,
  name?: string,
): Int4Weights {
  const blocks = Math.ceil(rows / blockSize);
  const packed = new Uint8Array((columns * blocks * blockSize) / 2);
  const scales = new Float32Array(columns * blocks);
  const zeroPoints = new Uint8Array(columns * Math.ceil(blocks / 2));
  const values = new Float64Array(blockSize);
  for (let column = 0; column < columns; column++)
    for (let block = 0; block < blocks; block++) {
      for (let i = 0; i < blockSize; i++) {
        const row = block * blockSize + i;
        const value = row < rows ? at(row, column) : 0;
        if (!Number.isFinite(value)) throw notFinite(value, row * columns + column, name);
        values[i] = value;
      }
      const { scale, zeroPoint } = blockScale(values);
      const index = column * blocks + block;
      scales[index] = scale;
      putNibble(zeroPoints, column * Math.ceil(blocks / 2) * 2 + block, zeroPoint);
      for (let i = 0; i < blockSize; i++)
        putNibble(packed, index * blockSize + i, nibble((values[i] as number) / scale, zeroPoint));
    }
  return { packed, scales, zeroPoints };
}

function blockScale(values: Float64Array): { readonly scale: number; readonly zeroPoint: number } {
  let min = 0;
  let max = 0;
  for (const value of values) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const scale = Math.fround((max - min) / largestInteger);
  // A block of zeros, or of numbers too small for float32 to divide.
  if (scale < 2 ** -126) return { scale: 1, zeroPoint: 0 };
  return { scale, zeroPoint: nibble(-min / scale, 0) };
}

function nibble(scaled: number, zeroPoint: number): number {
  return Math.min(Math.max(roundHalfEven(scaled) + zeroPoint, 0), largestInteger);
}

function putNibble(bytes: Uint8Array, position: number, value: number): void {
  bytes[position >> 1] = (bytes[position >> 1] as number) | (value << (4 * (position & 1)));
}
