import type { Tensor, TensorType } from "../../proto/tensors.ts";
import type { Elements } from "../adapters/portable/tensor-elements.ts";
import { elementsIn, isTensorType, withOwnMemory } from "../adapters/portable/tensor-elements.ts";
import type { TypedElements } from "../adapters/portable/typed-elements.ts";
import { typedBytes } from "../adapters/portable/typed-elements.ts";

/** The data of an input does not fit its shape or type. */
export class InvalidInputError extends Error {
  override readonly name = "InvalidInputError";
}

export interface InputTensor extends TypedElements {
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

/** Throws InvalidInputError where data, shape and type do not belong together. */
export function tensorOf(name: string, { type, ...input }: InputTensor): Tensor {
  const found = typedBytes(input, type && { type: isTensorType(type) ? type : undefined, name: type });
  if (found.kind === "mistake") throw new InvalidInputError(`input "${name}": ${found.reason}`);
  return withOwnMemory({ name, dataType: found.type, dims: input.dims, rawData: found.bytes });
}

export function outputOf({ dataType, dims, rawData }: Tensor): OutputTensor {
  return { type: dataType, dims, data: elementsIn(dataType, rawData) };
}
