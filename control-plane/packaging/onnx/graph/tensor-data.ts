import type { TensorProto } from "../model.ts";
import { OnnxFormatError } from "../onnx-format-error.ts";
import { dataTypeName, elementCount } from "../tensor.ts";

/** The values of a float32 tensor, as a copy that may be changed. */
export function floatsOf(tensor: TensorProto): Float32Array {
  if (dataTypeName(tensor.dataType) !== "float32")
    throw new OnnxFormatError(`tensor "${tensor.name ?? ""}" holds ${dataTypeName(tensor.dataType)}, not float32`);
  const count = countOf(tensor);
  if (tensor.rawData === undefined) return checked(Float32Array.from(tensor.floatData), count, tensor);
  // Copied: the values may begin at any byte of the file.
  const values = new Float32Array(Math.floor(tensor.rawData.length / 4));
  new Uint8Array(values.buffer).set(tensor.rawData.subarray(0, values.byteLength));
  return checked(values, count, tensor);
}

/** The values of an int32 or int64 tensor, such as a shape or a list of axes. */
export function integersOf(tensor: TensorProto): readonly number[] {
  const type = dataTypeName(tensor.dataType);
  const count = countOf(tensor);
  if (type === "int64") {
    const { rawData } = tensor;
    if (rawData === undefined) return checked(tensor.int64Data.map(Number), count, tensor);
    const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
    const values = Array.from({ length: Math.floor(rawData.length / 8) }, (_, i) =>
      Number(view.getBigInt64(8 * i, true)),
    );
    return checked(values, count, tensor);
  }
  if (type === "int32") {
    const { rawData } = tensor;
    if (rawData === undefined) return checked(tensor.int32Data.map(Number), count, tensor);
    const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
    const values = Array.from({ length: Math.floor(rawData.length / 4) }, (_, i) => view.getInt32(4 * i, true));
    return checked(values, count, tensor);
  }
  throw new OnnxFormatError(`tensor "${tensor.name ?? ""}" holds ${type}, not integers`);
}

export function dimsOf(tensor: TensorProto): readonly number[] {
  return tensor.dims.map(Number);
}

function countOf(tensor: TensorProto): number {
  const count = elementCount(tensor.dims);
  if (count === undefined)
    throw new OnnxFormatError(`tensor "${tensor.name ?? ""}" has the impossible shape [${tensor.dims.join(", ")}]`);
  if (tensor.dataLocation === 1)
    throw new OnnxFormatError(`the data of tensor "${tensor.name ?? ""}" lies in another file`);
  return count;
}

function checked<T extends { readonly length: number }>(values: T, count: number, tensor: TensorProto): T {
  if (values.length !== count)
    throw new OnnxFormatError(`tensor "${tensor.name ?? ""}" declares ${count} values and holds ${values.length}`);
  return values;
}
