import type { ModelVersion } from "../../../proto/ids.ts";
import type { Tensor } from "../../../proto/tensors.ts";

/** Inputs and outputs of one inference, on their own. */
export interface SampleContent {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Of a disagreement: what the other version made of the inputs. */
  readonly theirs?: OtherAnswer;
}

export interface OtherAnswer {
  readonly version: ModelVersion;
  readonly outputs: readonly Tensor[];
}

/** A copy: the memory of a request is used again when it is answered. Of a batch, the one row. */
export function contentOfRow({ inputs, outputs, theirs }: SampleContent, row: number, rows: number): SampleContent {
  const copy = (tensor: Tensor) => rowOfTensor(tensor, row, rows);
  return {
    inputs: inputs.map(copy),
    outputs: outputs.map(copy),
    ...(theirs && { theirs: { ...theirs, outputs: theirs.outputs.map(copy) } }),
  };
}

/**
 * All outputs under names of their own: those of the other version get theirs with its version.
 *
 * Example: "logits" of a candidate 2.0.0 is "logits@2.0.0" beside the "logits" of the active model.
 */
export function outputsOf({ outputs, theirs }: Omit<SampleContent, "inputs">): readonly Tensor[] {
  const names = new Set(outputs.map(({ name }) => name));
  const others = (theirs?.outputs ?? []).map((tensor) => {
    let name = `${tensor.name}@${theirs?.version ?? ""}`;
    while (names.has(name)) name += "'";
    names.add(name);
    return { ...tensor, name };
  });
  return [...outputs, ...others];
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

export function bytesOfContent({ inputs, outputs, theirs }: SampleContent): number {
  return [...inputs, ...outputs, ...(theirs?.outputs ?? [])].reduce((bytes, { rawData }) => bytes + rawData.length, 0);
}
