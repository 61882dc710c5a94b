import type { Tensor } from "./tensors.ts";
import { numberOfFloat16 } from "./float16.ts";
import type { TensorValue } from "./streams.ts";

/** The numbers of a tensor; 64-bit integers beyond 2^53 become the nearest number. A view on the bytes where their address allows it. */
export function tensorValue({ dims, dataType, rawData }: Omit<Tensor, "name">): TensorValue {
  switch (dataType) {
    case "float32":
      return { dims, data: new Float32Array(...aligned(rawData, 4)) };
    case "float64":
      return { dims, data: new Float64Array(...aligned(rawData, 8)) };
    case "int32":
      return { dims, data: new Int32Array(...aligned(rawData, 4)) };
    case "int64":
      return { dims, data: Float64Array.from(new BigInt64Array(...aligned(rawData, 8)), Number) };
    case "int16":
      return { dims, data: new Int16Array(...aligned(rawData, 2)) };
    case "uint16":
      return { dims, data: new Uint16Array(...aligned(rawData, 2)) };
    case "uint32":
      return { dims, data: new Uint32Array(...aligned(rawData, 4)) };
    case "uint64":
      return { dims, data: Float64Array.from(new BigUint64Array(...aligned(rawData, 8)), Number) };
    case "float16":
      return { dims, data: Float32Array.from(new Uint16Array(...aligned(rawData, 2)), numberOfFloat16) };
    case "int8":
      return { dims, data: new Int8Array(...aligned(rawData, 1)) };
    case "uint8":
    case "bool":
      return { dims, data: rawData };
  }
}

export function tensorValues(tensors: readonly Tensor[]): ReadonlyMap<string, TensorValue> {
  return new Map(tensors.map((tensor) => [tensor.name, tensorValue(tensor)]));
}

/** The arguments of a typed array over the bytes. Elements of several bytes must begin at a multiple of their size: else a copy. */
function aligned(bytes: Uint8Array, size: number): [ArrayBuffer, number, number] {
  // Not slice(): where the bytes are a Buffer of Node, that gives another view.
  const own = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  return [own.buffer as ArrayBuffer, own.byteOffset, Math.floor(own.byteLength / size)];
}
