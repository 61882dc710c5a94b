import { bytesPerElement } from "../../../proto/codec/golden.ts";
import type { Tensor, TensorType } from "../../../proto/tensors.ts";
import { tensorTypes } from "../../../proto/tensors.ts";
import type { Int, TensorProto } from "../onnx/model.ts";
import { onnxMessage } from "../onnx/schema.ts";
import { dataTypeName, elementCount } from "../onnx/tensor.ts";

/** A tensor cannot be carried, for the reason in the message. */
export class TensorFormatError extends Error {
  override readonly name = "TensorFormatError";
}

/**
 * ONNX's tensor as the contract carries it. The numbers may stand in `raw_data` or in the field of their type; `name` replaces the
 * tensor's own. Throws TensorFormatError.
 */
export function contractTensor(tensor: TensorProto, name: string): Tensor {
  const type = dataTypeName(tensor.dataType);
  if (type === undefined || !Object.hasOwn(tensorTypes, type))
    throw new TensorFormatError(
      `the element type ${type ?? String(tensor.dataType ?? "unknown")} is not one that Sedge carries: ${Object.keys(tensorTypes).join(", ")}`,
    );
  const dataType = type as TensorType;
  const count = elementCount(tensor.dims);
  if (count === undefined) throw new TensorFormatError(`the shape [${tensor.dims.join(", ")}] is impossible`);
  if (tensor.dataLocation === 1 || tensor.externalData.length > 0)
    throw new TensorFormatError("the data lies in another file");
  const rawData = tensor.rawData ?? typedBytes(tensor, dataType);
  const needed = count * bytesPerElement[dataType];
  if (rawData.length !== needed)
    throw new TensorFormatError(
      `${dataType}[${tensor.dims.join(", ")}] needs ${needed} bytes of data and has ${rawData.length}`,
    );
  return { name, dataType, dims: tensor.dims.map(Number), rawData };
}

/** The same as a TensorProto, its numbers in `raw_data`. */
export function tensorProto({ name, dims, dataType, rawData }: Tensor): TensorProto {
  return onnxMessage("Tensor", { name, dims, dataType: tensorTypes[dataType], rawData });
}

/** The little-endian bytes of numbers that do not stand in `raw_data`; onnx.proto says in which field each type stands. */
function typedBytes(tensor: TensorProto, dataType: TensorType): Uint8Array {
  const { floatData, doubleData, int32Data, int64Data, uint64Data } = tensor;
  switch (dataType) {
    case "float32":
      return bytesOf(Float32Array.from(floatData));
    case "float64":
      return bytesOf(Float64Array.from(doubleData));
    case "int32":
      return bytesOf(Int32Array.from(int32Data, toNumber));
    case "int8":
      return bytesOf(Int8Array.from(int32Data, toNumber));
    case "uint8":
    case "bool":
      return Uint8Array.from(int32Data, toNumber);
    case "int16":
      return bytesOf(Int16Array.from(int32Data, toNumber));
    case "uint16":
    case "float16":
      return bytesOf(Uint16Array.from(int32Data, toNumber));
    case "uint32":
      return bytesOf(Uint32Array.from(uint64Data, toNumber));
    case "uint64":
      return bytesOf(BigUint64Array.from(uint64Data, BigInt));
    case "int64":
      return bytesOf(BigInt64Array.from(int64Data, BigInt));
  }
}

function toNumber(value: Int): number {
  return Number(value);
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
