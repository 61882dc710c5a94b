import type { Int4Layout, Int4Weights } from "../../control-plane/packaging/quantization/int4.ts";

/** The value that stands in a row and a column of packed weights, read as the documentation of MatMulNBits has it. */
export function int4Value(weights: Int4Weights, layout: Int4Layout, row: number, column: number): number {
  const blocks = Math.ceil(layout.rows / layout.blockSize);
  const block = Math.floor(row / layout.blockSize);
  const index = column * blocks + block;
  const integer = halfByteAt(weights.packed, index * layout.blockSize + (row % layout.blockSize));
  const zeroPoint = halfByteAt(weights.zeroPoints, column * Math.ceil(blocks / 2) * 2 + block);
  return (weights.scales[index] ?? Number.NaN) * (integer - zeroPoint);
}

function halfByteAt(bytes: Uint8Array, position: number): number {
  return ((bytes[position >> 1] ?? Number.NaN) >> (4 * (position & 1))) & 0xf;
}
