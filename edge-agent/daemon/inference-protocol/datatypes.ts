import type { TensorType } from "../../../proto/tensors.ts";
import { elementsOf } from "../../adapters/portable/tensor-elements.ts";

/**
 * The element types as the Open Inference Protocol V2 names them (inference_rest.md, "Tensor Data Types"). BF16 and BYTES are the
 * protocol's too, but no model that Sedge packages has such an input or output.
 */
export const datatypeOf = {
  bool: "BOOL",
  uint8: "UINT8",
  uint16: "UINT16",
  uint32: "UINT32",
  uint64: "UINT64",
  int8: "INT8",
  int16: "INT16",
  int32: "INT32",
  int64: "INT64",
  float16: "FP16",
  float32: "FP32",
  float64: "FP64",
} as const satisfies Record<TensorType, string>;

export type Datatype = (typeof datatypeOf)[TensorType];

export const datatypes: readonly Datatype[] = Object.values(datatypeOf);

const typeOfDatatype = new Map(Object.entries(datatypeOf).map(([type, datatype]) => [datatype, type as TensorType]));

export function tensorTypeOf(datatype: Datatype): TensorType {
  return typeOfDatatype.get(datatype) as TensorType;
}

export function bytesPerElementOf(type: TensorType): number {
  return elementsOf[type].BYTES_PER_ELEMENT;
}
