export interface GoldenSet {
  readonly cases: readonly GoldenCase[];
}

export interface GoldenCase {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** `rawData` is little-endian, row-major. */
export interface Tensor {
  readonly name: string;
  readonly dataType: TensorType;
  readonly dims: readonly number[];
  readonly rawData: Uint8Array;
}

/** ONNX's numbers for the element types that Sedge carries. */
export const tensorTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
} as const;

export type TensorType = keyof typeof tensorTypes;
