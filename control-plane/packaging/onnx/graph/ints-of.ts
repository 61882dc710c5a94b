import type { TensorProto } from "../model.ts";
import { OnnxFormatError } from "../onnx-format-error.ts";
import { dataTypeName } from "../tensor.ts";
import { isExternal, sizeOf } from "./floats-of.ts";

/**
 * The values of an int32 or int64 tensor (shapes, axes, starts and ends). int64 values beyond ±2^53 are rounded: ONNX uses the two
 * extremes for "to the end", and stays on the right side of every real size that way.
 * Throws OnnxFormatError for another type, for external data, and where data and dimensions disagree.
 */
export function intsOf(tensor: TensorProto): readonly number[] {
  const name = `tensor "${tensor.name ?? ""}"`;
  if (isExternal(tensor)) throw new OnnxFormatError(`${name} keeps its data in another file, which is not read`);
  const count = sizeOf(tensor);
  const values = heldInts(tensor);
  if (values === undefined)
    throw new OnnxFormatError(`${name} holds ${dataTypeName(tensor.dataType) ?? "an unknown type"}, not integers`);
  if (values.length !== count)
    throw new OnnxFormatError(`${name} declares ${count} elements and holds ${values.length}`);
  return values;
}

function heldInts(tensor: TensorProto): readonly number[] | undefined {
  const type = dataTypeName(tensor.dataType);
  const { rawData } = tensor;
  if (type === "int64") {
    if (rawData === undefined) return tensor.int64Data.map(Number);
    return elements(rawData, 8, (view, at) => Number(view.getBigInt64(at, true)));
  }
  if (type === "int32") {
    if (rawData === undefined) return tensor.int32Data.map(Number);
    return elements(rawData, 4, (view, at) => view.getInt32(at, true));
  }
  return undefined;
}

function elements(bytes: Uint8Array, width: number, read: (view: DataView, at: number) => number): readonly number[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.floor(bytes.length / width) }, (_, index) => read(view, index * width));
}
