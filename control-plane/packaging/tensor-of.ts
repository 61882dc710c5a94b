import type { Tensor, TensorType } from "../../proto/tensors.ts";
import { float16sOf } from "./quantization/float16.ts";

type NumberArray =
  | Float32Array
  | Float64Array
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

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

function typedNumbers(dataType: TensorType, numbers: ArrayLike<number>): NumberArray | BigInt64Array | BigUint64Array {
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
    case "int16":
      return Int16Array.from(numbers);
    case "uint16":
      return Uint16Array.from(numbers);
    case "uint32":
      return Uint32Array.from(numbers);
    case "float16":
      return float16sOf(Float32Array.from(numbers));
    case "uint64":
      return BigUint64Array.from(Array.from(numbers, (value) => BigInt(Math.trunc(value))));
    case "int64":
      return BigInt64Array.from(Array.from(numbers, (value) => BigInt(Math.trunc(value))));
  }
}
