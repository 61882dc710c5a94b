import type { Int, TensorProto } from "./model.ts";
import { onnxMessage } from "./schema.ts";

/**
 * TensorProto.DataType: the code, the name that onnxruntime uses for it, and the bits of one element (undefined for strings).
 */
const dataTypes = [
  { code: 1, name: "float32", bits: 32 },
  { code: 2, name: "uint8", bits: 8 },
  { code: 3, name: "int8", bits: 8 },
  { code: 4, name: "uint16", bits: 16 },
  { code: 5, name: "int16", bits: 16 },
  { code: 6, name: "int32", bits: 32 },
  { code: 7, name: "int64", bits: 64 },
  { code: 8, name: "string", bits: undefined },
  { code: 9, name: "bool", bits: 8 },
  { code: 10, name: "float16", bits: 16 },
  { code: 11, name: "float64", bits: 64 },
  { code: 12, name: "uint32", bits: 32 },
  { code: 13, name: "uint64", bits: 64 },
  { code: 16, name: "bfloat16", bits: 16 },
  { code: 21, name: "uint4", bits: 4 },
  { code: 22, name: "int4", bits: 4 },
] as const;

export type DataTypeName = (typeof dataTypes)[number]["name"];

export function dataTypeName(code: Int | undefined): DataTypeName | undefined {
  return dataTypes.find((type) => type.code === code)?.name;
}

export function dataTypeCode(name: DataTypeName): number {
  return (dataTypes.find((type) => type.name === name) as (typeof dataTypes)[number]).code;
}

/** Bytes that `count` elements take in `rawData`; undefined for strings, which never stand there. */
export function rawBytesOf(name: DataTypeName, count: number): number | undefined {
  const bits = dataTypes.find((type) => type.name === name)?.bits;
  return bits === undefined ? undefined : Math.ceil((count * bits) / 8);
}

/** Product of the dimensions (1 for a scalar); undefined when one is negative or the product is not exact as a number. */
export function elementCount(dims: readonly Int[]): number | undefined {
  let count = 1;
  for (const dim of dims) {
    if (typeof dim !== "number" || dim < 0) return undefined;
    count *= dim;
    if (!Number.isSafeInteger(count)) return undefined;
  }
  return count;
}

/** A tensor over the memory of `values` (little-endian, as ONNX wants it). */
export function rawTensor(
  name: string,
  dims: readonly number[],
  type: DataTypeName,
  values: ArrayBufferView,
): TensorProto {
  const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  return onnxMessage("Tensor", { name, dims, dataType: dataTypeCode(type), rawData });
}
