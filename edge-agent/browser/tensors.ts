import type { Tensor, TensorType } from "../../proto/tensors.ts";
import type { Elements } from "../adapters/portable/tensor-elements.ts";
import { elementsIn, elementsOf, withOwnMemory } from "../adapters/portable/tensor-elements.ts";

/** The data of an input does not fit its shape or type. */
export class InvalidInputError extends Error {
  override readonly name = "InvalidInputError";
}

export interface InputTensor {
  /** Row-major. */
  readonly data: Elements;
  readonly dims: readonly number[];
  /**
   * What the array says, where it is left out: float32 for a Float32Array, uint8 for a Uint8Array, int64 for a BigInt64Array. To be
   * named for bool (a Uint8Array of 0 and 1) and float16 (a Uint16Array with the bits of binary16).
   */
  readonly type?: TensorType;
}

export interface OutputTensor {
  readonly type: TensorType;
  readonly dims: readonly number[];
  /** Of the array type that belongs to `type`, as for inputs. */
  readonly data: Elements;
}

/** The types whose array another type shares, and which must therefore be named. */
const named: readonly string[] = ["bool", "float16"];

const typeOfArray = new Map(
  Object.entries(elementsOf)
    .filter(([type]) => !named.includes(type))
    .map(([type, array]) => [array.name, type as TensorType]),
);

/** Throws InvalidInputError where data, shape and type do not belong together. */
export function tensorOf(name: string, { data, dims, type }: InputTensor): Tensor {
  const dataType = type ?? typeOfArray.get(data.constructor.name);
  if (dataType === undefined || elementsOf[dataType].name !== data.constructor.name)
    throw new InvalidInputError(
      `input "${name}": a ${data.constructor.name} does not hold ${type ?? "a tensor's type"}`,
    );
  const count = dims.reduce((product, dimension) => product * dimension, 1);
  if (count !== data.length)
    throw new InvalidInputError(`input "${name}": ${data.length} elements do not make the shape [${dims.join(", ")}]`);
  const rawData = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return withOwnMemory({ name, dataType, dims, rawData });
}

export function outputOf({ dataType, dims, rawData }: Tensor): OutputTensor {
  return { type: dataType, dims, data: elementsIn(dataType, rawData) };
}
