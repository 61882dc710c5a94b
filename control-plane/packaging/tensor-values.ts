import type { Tensor, TensorType } from "../../proto/messages.ts";
import type { TensorValue } from "../../proto/streams.ts";

type NumberArray = Float32Array | Float64Array | Uint8Array | Int8Array | Int32Array;

/** The numbers as the element type stores them: rounded to float32, or cut to the integer's range by the rules of typed arrays. */
export function tensorOf(
  name: string,
  dataType: TensorType,
  dims: readonly number[],
  numbers: ArrayLike<number>,
): Tensor {
  const typed = typedNumbers(dataType, numbers);
  return { name, dataType, dims, rawData: new Uint8Array(typed.buffer, typed.byteOffset, typed.byteLength) };
}

function typedNumbers(dataType: TensorType, numbers: ArrayLike<number>): NumberArray | BigInt64Array {
  switch (dataType) {
    case "float32":
      return Float32Array.from(numbers);
    case "float64":
      return Float64Array.from(numbers);
    case "uint8":
    case "bool":
      return Uint8Array.from(numbers);
    case "int8":
      return Int8Array.from(numbers);
    case "int32":
      return Int32Array.from(numbers);
    case "int64":
      return BigInt64Array.from(Array.from(numbers, (value) => BigInt(Math.trunc(value))));
  }
}

/** int64 values beyond 2^53 become the nearest number. */
export function valueOf(tensor: Tensor): TensorValue {
  // A copy, because rawData may start at any byte of its memory; not by slice(), which gives a view where rawData is a Buffer.
  const memory = new Uint8Array(tensor.rawData).buffer;
  return { dims: tensor.dims, data: numbersIn(tensor.dataType, memory) };
}

function numbersIn(dataType: TensorType, memory: ArrayBuffer): ArrayLike<number> {
  switch (dataType) {
    case "float32":
      return new Float32Array(memory);
    case "float64":
      return new Float64Array(memory);
    case "uint8":
    case "bool":
      return new Uint8Array(memory);
    case "int8":
      return new Int8Array(memory);
    case "int32":
      return new Int32Array(memory);
    case "int64":
      return Float64Array.from(new BigInt64Array(memory), Number);
  }
}

export function valuesByName(tensors: readonly Tensor[]): ReadonlyMap<string, TensorValue> {
  return new Map(tensors.map((tensor) => [tensor.name, valueOf(tensor)]));
}
