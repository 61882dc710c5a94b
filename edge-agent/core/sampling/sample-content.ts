import type { Tensor } from "../../../proto/tensors.ts";

/** Inputs and outputs of one inference, on their own. */
export interface SampleContent {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** A copy: the memory of a request is used again when it is answered. Of a batch, the one row. */
export function contentOfRow(
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  row: number,
  rows: number,
): SampleContent {
  const copy = (tensor: Tensor) => rowOfTensor(tensor, row, rows);
  return { inputs: inputs.map(copy), outputs: outputs.map(copy) };
}

function rowOfTensor(tensor: Tensor, row: number, rows: number): Tensor {
  const { dims, rawData } = tensor;
  // An input without the free dimension is the same for every row.
  if (rows === 1 || dims[0] !== rows) return { ...tensor, rawData: new Uint8Array(rawData) };
  const length = rawData.length / rows;
  return {
    ...tensor,
    dims: [1, ...dims.slice(1)],
    rawData: new Uint8Array(rawData.subarray(row * length, (row + 1) * length)),
  };
}

export function bytesOfContent({ inputs, outputs }: SampleContent): number {
  return [...inputs, ...outputs].reduce((bytes, { rawData }) => bytes + rawData.length, 0);
}
