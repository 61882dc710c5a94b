/**
 * NumPy's array file (.npy, format versions 1 to 3: numpy/lib/format.py): magic, version, a Python dictionary as text, the data.
 * Read here: little-endian numbers in C order, the element types below.
 */
const elementTypes = {
  "<f4": { name: "float32", bytes: 4, read: (view: DataView, at: number): number => view.getFloat32(at, true) },
  "<f8": { name: "float64", bytes: 8, read: (view: DataView, at: number): number => view.getFloat64(at, true) },
  "|u1": { name: "uint8", bytes: 1, read: (view: DataView, at: number): number => view.getUint8(at) },
  "<i4": { name: "int32", bytes: 4, read: (view: DataView, at: number): number => view.getInt32(at, true) },
  // Labels come as int64 by default; beyond 2^53 the nearest number is read.
  "<i8": { name: "int64", bytes: 8, read: (view: DataView, at: number): number => Number(view.getBigInt64(at, true)) },
} as const;

export interface NpyArray {
  readonly elementType: (typeof elementTypes)[keyof typeof elementTypes]["name"];
  readonly shape: readonly number[];
  /** Row-major. float32 files give float32 values exactly. */
  readonly data: Float32Array | Float64Array | Uint8Array;
}

export class NpyFormatError extends Error {
  override readonly name = "NpyFormatError";
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** Throws NpyFormatError for everything that is not such a file, with what to do about it. */
export function decodeNpy(bytes: Uint8Array): NpyArray {
  const { header, dataStart } = splitHeader(bytes);
  const descriptor = /'descr':\s*'([^']*)'/.exec(header)?.[1];
  const order = /'fortran_order':\s*(True|False)/.exec(header)?.[1];
  const shapeText = /'shape':\s*\(([^)]*)\)/.exec(header)?.[1];
  if (descriptor === undefined || order === undefined || shapeText === undefined)
    throw new NpyFormatError(`the header does not name descr, fortran_order and shape: ${header.trim()}`);
  if (!isElementType(descriptor))
    throw new NpyFormatError(
      `element type "${descriptor}" is not read; save float32, float64, uint8, int32 or int64 (array.astype("float32"))`,
    );
  if (order === "True")
    throw new NpyFormatError("the array is in Fortran order; save numpy.ascontiguousarray(array) instead");
  const shape = parseShape(shapeText);
  const count = shape.reduce((product, size) => product * size, 1);
  const { name, bytes: width, read } = elementTypes[descriptor];
  if (bytes.length - dataStart !== count * width)
    throw new NpyFormatError(
      `shape (${shape.join(", ")}) of ${name} needs ${count * width} bytes, the file holds ${bytes.length - dataStart}`,
    );
  if (name === "uint8") return { elementType: name, shape, data: new Uint8Array(bytes.subarray(dataStart)) };
  const view = new DataView(bytes.buffer, bytes.byteOffset + dataStart);
  const data = name === "float32" ? new Float32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i++) data[i] = read(view, i * width);
  return { elementType: name, shape, data };
}

function isElementType(descriptor: string): descriptor is keyof typeof elementTypes {
  return Object.hasOwn(elementTypes, descriptor);
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
