import { sedge } from "../generated/sedge.js";
import type { GoldenSet, Tensor, TensorType } from "../tensors.ts";
import { tensorTypes } from "../tensors.ts";
import type { Decoded, Problems } from "../problems.ts";
import { decodeWith, textField } from "./narrow.ts";

export const bytesPerElement: Readonly<Record<TensorType, number>> = {
  float32: 4,
  uint8: 1,
  int8: 1,
  int32: 4,
  int64: 8,
  bool: 1,
  float64: 8,
  uint16: 2,
  int16: 2,
  float16: 2,
  uint32: 4,
  uint64: 8,
};

export function encodeGoldenSet(golden: GoldenSet): Uint8Array {
  return sedge.v1.GoldenSet.encode({
    cases: golden.cases.map(({ inputs, outputs }) => ({
      inputs: inputs.map(rawTensor),
      outputs: outputs.map(rawTensor),
    })),
  }).finish();
}

export function decodeGoldenSet(bytes: Uint8Array): Decoded<GoldenSet> {
  return decodeWith(
    () => sedge.v1.GoldenSet.decode(bytes),
    (raw, problems) => ({
      cases: (raw.cases ?? []).map((one, i) => ({
        inputs: (one.inputs ?? []).map((tensor, k) => narrowTensor(tensor, `cases[${i}].inputs[${k}]`, problems)),
        outputs: (one.outputs ?? []).map((tensor, k) => narrowTensor(tensor, `cases[${i}].outputs[${k}]`, problems)),
      })),
    }),
  );
}

function rawTensor(tensor: Tensor): sedge.v1.Tensor.$Properties {
  return {
    name: tensor.name,
    dims: [...tensor.dims],
    data_type: tensorTypes[tensor.dataType],
    raw_data: tensor.rawData,
  };
}

const typeOfNumber = new Map(
  Object.entries(tensorTypes).map(([name, number]) => [number as number, name as TensorType] as const),
);

function narrowTensor(raw: sedge.v1.Tensor.$Properties, path: string, problems: Problems): Tensor {
  const dataType = typeOfNumber.get(raw.data_type ?? 0);
  if (dataType === undefined)
    problems.add(`${path}.data_type`, `${raw.data_type ?? 0} is not an element type of the contract`);
  const dims = raw.dims ?? [];
  const rawData = raw.raw_data ?? new Uint8Array();
  const bytes = dims.reduce((product, dim) => product * dim, bytesPerElement[dataType ?? "uint8"]);
  if (bytes !== rawData.length) problems.add(path, `${rawData.length} bytes of data where the shape needs ${bytes}`);
  return { name: textField(problems, `${path}.name`, raw.name, 256), dataType: dataType ?? "uint8", dims, rawData };
}
