import type { TensorType } from "./tensors.ts";
import { tensorValue } from "./tensor-value.ts";

/**
 * NumPy's array file (.npy, format versions 1 to 3: numpy/lib/format.py): magic, version, a Python dictionary as text, the data.
 * Both sides read it: publishers give reference data in it, devices replay and receive inputs in it.
 */
export interface NpyArray {
  readonly dataType: TensorType;
  readonly shape: readonly number[];
  /** Little-endian, row-major. */
  readonly data: Uint8Array;
}

export class NpyFormatError extends Error {
  override readonly name = "NpyFormatError";
}

const dataTypes = {
  "<f4": { dataType: "float32", bytes: 4 },
  "<f8": { dataType: "float64", bytes: 8 },
  "|u1": { dataType: "uint8", bytes: 1 },
  "|i1": { dataType: "int8", bytes: 1 },
  "<i4": { dataType: "int32", bytes: 4 },
  "<i8": { dataType: "int64", bytes: 8 },
  "|b1": { dataType: "bool", bytes: 1 },
  "<u2": { dataType: "uint16", bytes: 2 },
  "<i2": { dataType: "int16", bytes: 2 },
  "<f2": { dataType: "float16", bytes: 2 },
  "<u4": { dataType: "uint32", bytes: 4 },
  "<u8": { dataType: "uint64", bytes: 8 },
} as const satisfies Record<string, { readonly dataType: TensorType; readonly bytes: number }>;

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Throws NpyFormatError for everything that is not such a file, with what to do about it. The data is a view on `bytes`. */
export function decodeNpy(bytes: Uint8Array): NpyArray {
  const { header, dataStart } = splitHeader(bytes);
  const descriptor = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const shapeText = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (descriptor === undefined || order === undefined || shapeText === undefined)
    throw new NpyFormatError(`the header does not name descr, fortran_order and shape: ${header.trim()}`);
  if (!Object.hasOwn(dataTypes, descriptor))
    throw new NpyFormatError(
      `element type "${descriptor}" is not read; save one of ${Object.keys(dataTypes).join(", ")}, such as array.astype("float32")`,
    );
  if (order === "True")
    throw new NpyFormatError("the array is in Fortran order; save numpy.ascontiguousarray(array) instead");
  const shape = parseShape(shapeText);
  const { dataType, bytes: width } = dataTypes[descriptor as keyof typeof dataTypes];
  const needed = shape.reduce((product, size) => product * size, width);
  if (bytes.length - dataStart !== needed)
    throw new NpyFormatError(
      `shape (${shape.join(", ")}) of ${dataType} needs ${needed} bytes, the file holds ${bytes.length - dataStart}`,
    );
  return { dataType, shape, data: bytes.subarray(dataStart) };
}

/** Row `index` of an array of rows: [N, ...] gives [...]. */
export function rowOfNpy({ dataType, shape, data }: NpyArray, index: number): NpyArray {
  const bytes = data.length / (shape[0] ?? 1);
  return { dataType, shape: shape.slice(1), data: data.subarray(index * bytes, (index + 1) * bytes) };
}

/** The elements in row-major order. */
export function numbersOfNpy({ dataType, shape, data }: NpyArray): ArrayLike<number> {
  return tensorValue({ dims: shape, dataType, rawData: data }).data;
}

function splitHeader(bytes: Uint8Array): { readonly header: string; readonly dataStart: number } {
  if (bytes.length < 10 || magic.some((byte, i) => bytes[i] !== byte))
    throw new NpyFormatError("not a .npy file: write one with numpy.save");
  const version = bytes[6] as number;
  if (version < 1 || version > 3) throw new NpyFormatError(`.npy format version ${version} is not known`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerStart = version === 1 ? 10 : 12;
  const headerBytes = version === 1 ? view.getUint16(8, true) : bytes.length < 12 ? Infinity : view.getUint32(8, true);
  const dataStart = headerStart + headerBytes;
  if (dataStart > bytes.length) throw new NpyFormatError("truncated: the header does not end within the file");
  return { header: new TextDecoder("latin1").decode(bytes.subarray(headerStart, dataStart)), dataStart };
}

/** "600, 1, 28, 28" or, for one dimension, "600,". */
function parseShape(text: string): readonly number[] {
  const sizes = text
    .split(",")
    .map((size) => size.trim())
    .filter((size) => size !== "");
  if (sizes.some((size) => !/^\d{1,10}$/.test(size)))
    throw new NpyFormatError(`shape (${text}) is not a tuple of sizes`);
  return sizes.map(Number);
}
