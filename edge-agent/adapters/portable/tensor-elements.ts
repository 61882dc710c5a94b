import type { Tensor, TensorType } from "../../../proto/tensors.ts";

/** The array that holds the elements of each type; the bits of binary16 stand in whole numbers, and a truth value is a byte. */
export const elementsOf = {
  bool: Uint8Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
} as const satisfies Record<TensorType, unknown>;

export type Elements =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | BigUint64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | BigInt64Array;

/** How many elements a shape has; undefined where that is beyond what can be counted exactly. */
export function elementCountOf(dims: readonly number[]): number | undefined {
  // A dimension of 0 makes the others' size not matter, in whatever order they stand.
  if (dims.includes(0)) return 0;
  const count = dims.reduce((product, dimension) => product * dimension, 1);
  return Number.isSafeInteger(count) ? count : undefined;
}

export function isTensorType(name: string): name is TensorType {
  return Object.hasOwn(elementsOf, name);
}

/** The elements of a tensor in memory of their own: arrays of wide elements begin at a multiple of their size, raw bytes need not. */
export function elementsIn(type: TensorType, bytes: Uint8Array): Elements {
  return new elementsOf[type](bytes.slice().buffer);
}

/** For what is copied from one thread to another: with a view on a part of something large, all of that would be copied. */
export function withOwnMemory(tensor: Tensor): Tensor {
  const { rawData } = tensor;
  return rawData.byteLength === rawData.buffer.byteLength ? tensor : { ...tensor, rawData: rawData.slice() };
}
