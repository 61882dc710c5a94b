import { Tensor as RuntimeTensor } from "onnxruntime-node";
import type { Tensor, TensorType } from "../../proto/tensors.ts";

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float16: Uint16Array,
} as const satisfies Record<TensorType, unknown>;

/** A tensor of the contract as onnxruntime takes it. */
export function runtimeTensor({ dataType, dims, rawData }: Tensor): RuntimeTensor {
  const memory = new Uint8Array(rawData).buffer;
  return new RuntimeTensor(dataType, new arrays[dataType](memory), [...dims]);
}

/** Throws for an element type that the contract does not carry. */
export function contractTensor(name: string, tensor: RuntimeTensor): Tensor {
  if (!Object.hasOwn(arrays, tensor.type))
    throw new Error(`output "${name}" has the element type ${tensor.type}, which Sedge does not carry`);
  const data = tensor.data as ArrayBufferView;
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, dataType: tensor.type as TensorType, dims: [...tensor.dims], rawData };
}
