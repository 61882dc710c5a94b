import type { TensorType } from "../../proto/messages.ts";

/** An array as numpy.save writes it: little-endian, row-major. */
export interface NpyArray {
  readonly dataType: TensorType;
  readonly shape: readonly number[];
  readonly data: Uint8Array;
}

export class NpyFormatError extends Error {
  override readonly name = "NpyFormatError";
}

const dataTypes: Readonly<Record<string, { readonly dataType: TensorType; readonly bytes: number }>> = {
  "<f4": { dataType: "float32", bytes: 4 },
  "<f8": { dataType: "float64", bytes: 8 },
  "|u1": { dataType: "uint8", bytes: 1 },
  "|i1": { dataType: "int8", bytes: 1 },
  "<i4": { dataType: "int32", bytes: 4 },
  "<i8": { dataType: "int64", bytes: 8 },
  "|b1": { dataType: "bool", bytes: 1 },
};

/** Reads format versions 1 to 3 (numpy/lib/format.py). Throws NpyFormatError for everything else. */
export function decodeNpy(bytes: Buffer): NpyArray {
  if (bytes.length < 12 || bytes.toString("latin1", 0, 6) !== "\x93NUMPY")
    throw new NpyFormatError("it is no .npy file");
  const isFirstVersion = bytes.readUInt8(6) === 1;
  const start = isFirstVersion ? 10 : 12;
  const end = start + (isFirstVersion ? bytes.readUInt16LE(8) : bytes.readUInt32LE(8));
  if (end > bytes.length) throw new NpyFormatError("its header is cut off");
  const header = bytes.toString("latin1", start, end);
  const description = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? "";
  const type = dataTypes[description];
  if (type === undefined)
    throw new NpyFormatError(`its element type "${description}" is not one of ${Object.keys(dataTypes).join(", ")}`);
  if (!/'fortran_order':\s*False/.test(header)) throw new NpyFormatError("it is not in row-major order");
  const dimensions = /'shape':\s*\(([\d\s,]*)\)/.exec(header)?.[1];
  if (dimensions === undefined) throw new NpyFormatError("its header names no shape");
  const shape = dimensions
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "")
    .map(Number);
  const dataBytes = shape.reduce((product, dimension) => product * dimension, type.bytes);
  if (end + dataBytes !== bytes.length)
    throw new NpyFormatError(
      `its shape [${shape.join(", ")}] makes ${dataBytes} bytes, and it has ${bytes.length - end}`,
    );
  return { dataType: type.dataType, shape, data: bytes.subarray(end) };
}
