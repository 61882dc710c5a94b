import type { TensorProto } from "../model.ts";
import { OnnxFormatError } from "../onnx-format-error.ts";
import { dataTypeCode, dataTypeName, elementCount } from "../tensor.ts";

/** Whether the data of the tensor stands in another file (TensorProto.DataLocation EXTERNAL). */
export function isExternal(tensor: TensorProto): boolean {
  return tensor.dataLocation === 1;
}

/** How many elements the tensor declares. Throws OnnxFormatError where the dimensions are negative or beyond counting. */
export function sizeOf(tensor: TensorProto): number {
  const count = elementCount(tensor.dims);
  if (count === undefined) throw new OnnxFormatError(`tensor "${tensor.name ?? ""}" has impossible dimensions`);
  return count;
}

/** The dimensions as numbers. Throws OnnxFormatError as sizeOf does. */
export function dimsOf(tensor: TensorProto): readonly number[] {
  sizeOf(tensor);
  return tensor.dims.map(Number);
}

/** A tensor of float32 whose values are in the file: what floatsOf can read. */
export function isFloat(tensor: TensorProto): boolean {
  return tensor.dataType === dataTypeCode("float32") && !isExternal(tensor);
}

/**
 * The values of a float32 tensor, always a copy: `rawData` is a view into the file that need not be aligned to four bytes.
 * Throws OnnxFormatError for another type, for external data, and where data and dimensions disagree.
 */
export function floatsOf(tensor: TensorProto): Float32Array {
  const name = `tensor "${tensor.name ?? ""}"`;
  if (isExternal(tensor)) throw new OnnxFormatError(`${name} keeps its data in another file, which is not read`);
  if (tensor.dataType !== dataTypeCode("float32"))
    throw new OnnxFormatError(`${name} holds ${dataTypeName(tensor.dataType) ?? "an unknown type"}, not float32`);
  const count = sizeOf(tensor);
  const { rawData } = tensor;
  const held = rawData === undefined ? tensor.floatData.length : rawData.length / Float32Array.BYTES_PER_ELEMENT;
  if (held !== count) throw new OnnxFormatError(`${name} declares ${count} elements and holds ${held}`);
  if (rawData === undefined) return Float32Array.from(tensor.floatData);
  const values = new Float32Array(count);
  new Uint8Array(values.buffer).set(rawData);
  return values;
}
