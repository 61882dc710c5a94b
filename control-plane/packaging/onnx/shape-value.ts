import { dataTypeName, elementCount, rawBytesOf } from "./tensor.ts";
import type { DataTypeName } from "./tensor.ts";
import { floatsOf } from "./graph/floats-of.ts";
import { intsOf } from "./graph/ints-of.ts";
import type { NodeProto, TensorProto, ValueInfoProto } from "./model.ts";
import { OnnxFormatError } from "./onnx-format-error.ts";

/** What is known of a value before anything has run. */
export interface ShapeValue {
  readonly type: DataTypeName | undefined;
  /** Undefined where the number of dimensions is not known; a dimension is undefined where its size is not. */
  readonly dims: Dims | undefined;
  /** The numbers themselves, for the short vectors that shapes are computed with. */
  readonly numbers?: Numbers | undefined;
}

export type Dims = readonly (number | undefined)[];
export type Numbers = readonly (number | undefined)[];

/** What is known of a node's inputs; undefined where the optional input is absent or nothing is known. */
export type RuleInputs = readonly (ShapeValue | undefined)[];
/** What follows for its outputs, as far as it does. */
export type ShapeRule = (node: NodeProto, inputs: RuleInputs) => readonly (ShapeValue | undefined)[];

/** A shape has few dimensions: longer vectors are data, and a foreign file shall not make the walk itself expensive. */
export const mostDimensions = 64;

export function valueOfTensor(tensor: TensorProto): ShapeValue {
  const type = dataTypeName(tensor.dataType);
  const count = elementCount(tensor.dims);
  if (count === undefined) return { type, dims: undefined };
  return {
    type,
    dims: tensor.dims.map(Number),
    numbers: count <= mostDimensions ? numbersOf(tensor, type) : undefined,
  };
}

/** Undefined where declaration and data disagree: that is another check's to tell. */
function numbersOf(tensor: TensorProto, type: DataTypeName | undefined): Numbers | undefined {
  try {
    if (type === "int64" || type === "int32") return intsOf(tensor);
    return type === "float32" ? Array.from(floatsOf(tensor)) : undefined;
  } catch (error) {
    if (error instanceof OnnxFormatError) return undefined;
    throw error;
  }
}

/** The declared type of an input, output or inner value; free dimensions get the size that `sizes` has for their name. */
export function valueOfInfo(info: ValueInfoProto, sizes: ReadonlyMap<string, number>): ShapeValue {
  const tensorType = info.type?.tensorType;
  const dims = tensorType?.shape?.dim.map(({ dimValue, dimParam }) => {
    if (dimValue !== undefined) return Number(dimValue) >= 0 ? Number(dimValue) : undefined;
    return sizes.get(dimParam ?? "");
  });
  return { type: dataTypeName(tensorType?.elemType), dims };
}

/** Bytes in memory; undefined where a size is not known. Strings count nothing. */
export function bytesOf({ type, dims }: ShapeValue): number | undefined {
  if (type === undefined || dims === undefined) return undefined;
  let count = 1;
  for (const dim of dims) {
    if (dim === undefined) return undefined;
    // Not elementCount: what is too large to be exact is exactly what is looked for.
    count *= dim;
  }
  return rawBytesOf(type, count) ?? 0;
}

/** NumPy's broadcasting: sizes of 1 stretch. Unknown where a size that matters is. */
export function broadcast(shapes: readonly (Dims | undefined)[]): Dims | undefined {
  const known = shapes.filter((shape) => shape !== undefined);
  if (known.length < shapes.length) return undefined;
  const rank = Math.max(0, ...known.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = known.map((shape) => shape[shape.length - rank + i] ?? (i < rank - shape.length ? 1 : undefined));
    const large = sizes.find((size) => size !== undefined && size !== 1);
    return large ?? (sizes.includes(undefined) ? undefined : 1);
  });
}

/** The product; undefined where a size is unknown. */
export function product(dims: Dims): number | undefined {
  return dims.reduce<number | undefined>(
    (all, dim) => (all === undefined || dim === undefined ? undefined : all * dim),
    1,
  );
}

/** -1 is the last dimension. */
export function axisOf(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
