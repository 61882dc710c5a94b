import type { Tensor, TensorType } from "../../../proto/tensors.ts";
import { elementsOf } from "../../adapters/portable/tensor-elements.ts";
import { datatypeOf } from "./datatypes.ts";

/** Tensor data as JSON (inference_rest.md, "Tensor Data"): row-major, flat or nested as the shape is. */

interface Range {
  readonly from: number;
  readonly to: number;
  readonly whole: boolean;
}

const floats = { from: -Infinity, to: Infinity, whole: false } as const;
const wholeFrom = (from: number, to: number): Range => ({ from, to, whole: true });

/** JSON has no larger exact integers than these: larger ones travel as binary data. */
const rangeOf: Readonly<Record<Exclude<TensorType, "float16">, Range>> = {
  bool: wholeFrom(0, 1),
  uint8: wholeFrom(0, 2 ** 8 - 1),
  uint16: wholeFrom(0, 2 ** 16 - 1),
  uint32: wholeFrom(0, 2 ** 32 - 1),
  uint64: wholeFrom(0, Number.MAX_SAFE_INTEGER),
  int8: wholeFrom(-(2 ** 7), 2 ** 7 - 1),
  int16: wholeFrom(-(2 ** 15), 2 ** 15 - 1),
  int32: wholeFrom(-(2 ** 31), 2 ** 31 - 1),
  int64: wholeFrom(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
  float32: floats,
  float64: floats,
};

/** The bytes of the tensor, or what is wrong with its data. */
export type TensorData =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly mistake: string };

/** `count` is the number of elements that `dims` make. */
export function readTensorJson(
  data: unknown,
  dataType: TensorType,
  dims: readonly number[],
  count: number,
): TensorData {
  const datatype = datatypeOf[dataType];
  if (dataType === "float16") return wrong("of FP16 must be sent as binary data, as the protocol says");
  if (!Array.isArray(data)) return wrong("must be a list");
  const isNested = dims.length > 1 && data.some(Array.isArray);
  if (!isNested && data.length !== count)
    return wrong(`has ${data.length} values; the shape [${dims.join(", ")}] makes ${count}`);
  const range = rangeOf[dataType];
  const values: (number | boolean)[] = [];
  if (isNested) {
    const mistake = flatten(data as unknown[], dims, 0, values);
    if (mistake !== undefined) return wrong(mistake);
  }
  const flat = isNested ? values : (data as unknown[]);
  for (const [i, value] of flat.entries()) {
    const number = typeof value === "boolean" && dataType === "bool" ? Number(value) : value;
    const fits = typeof number === "number" && number >= range.from && number <= range.to;
    if (!fits || (range.whole && !Number.isInteger(number)))
      return wrong(`must hold only values of ${datatype}; element ${i} is ${shown(value)}`);
  }
  return { ok: true, bytes: bytesOfValues(flat as number[], dataType) };
}

/** Follows the shape and no further: what is nested deeper is no value, and a hostile depth is never walked. */
function flatten(data: unknown[], dims: readonly number[], depth: number, values: unknown[]): string | undefined {
  if (data.length !== dims[depth])
    return `has a list of ${data.length} where dimension ${depth} of the shape is ${dims[depth] ?? 0}`;
  if (depth === dims.length - 1) {
    for (const value of data) values.push(value);
    return undefined;
  }
  for (const inner of data) {
    if (!Array.isArray(inner)) return `is neither flat nor nested as its shape [${dims.join(", ")}]`;
    const mistake = flatten(inner as unknown[], dims, depth + 1, values);
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

function bytesOfValues(values: readonly number[], dataType: TensorType): Uint8Array {
  const typed =
    dataType === "int64"
      ? BigInt64Array.from(values, BigInt)
      : dataType === "uint64"
        ? BigUint64Array.from(values, BigInt)
        : (elementsOf[dataType] as typeof Float64Array).from(values);
  return new Uint8Array(typed.buffer as ArrayBuffer);
}

/**
 * The JSON text of a tensor's data, flat. Not a number and the infinities, for which JSON has no number, are null; 64-bit integers
 * have all their digits. FP16 has no JSON form in the protocol: ask for it as binary data.
 */
export function tensorJsonText({ dataType, rawData }: Tensor): string {
  // A copy of its own: the bytes may begin at any address, and elements of several bytes may not.
  const memory = new Uint8Array(rawData).buffer;
  switch (dataType) {
    case "float16":
      throw new TypeError("FP16 has no JSON form");
    case "bool":
      return `[${Array.from(rawData, (byte) => byte !== 0).join(",")}]`;
    case "float32":
    case "float64": {
      const values = new elementsOf[dataType](memory);
      const pieces: string[] = [];
      // A text for each of millions of numbers would take several times what they take together.
      for (let from = 0; from < values.length; from += numbersAtOnce)
        pieces.push(Array.from(values.subarray(from, from + numbersAtOnce), numberText).join(","));
      return `[${pieces.join(",")}]`;
    }
    case "uint8":
    case "uint16":
    case "uint32":
    case "uint64":
    case "int8":
    case "int16":
    case "int32":
    case "int64":
      return `[${new elementsOf[dataType](memory).join(",")}]`;
  }
}

const numbersAtOnce = 4_096;

function numberText(value: number): string {
  return Number.isFinite(value) ? String(value) : "null";
}

/** Never what is in a list or an object: as text it may be as large as the body, or nested deeper than can be walked. */
function shown(value: unknown): string {
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "a list" : "an object";
  return (JSON.stringify(value) ?? "absent").slice(0, 40);
}

function wrong(mistake: string): TensorData {
  return { ok: false, mistake };
}
