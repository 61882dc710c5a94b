import type { TensorType } from "../../proto/tensors.ts";
import type { Elements } from "../adapters/portable/tensor-elements.ts";
import { elementsOf } from "../adapters/portable/tensor-elements.ts";
import type { Datatype } from "../daemon/inference-protocol/datatypes.ts";
import { bytesPerElementOf, datatypeOf, elementCountOf, tensorTypeOf } from "../daemon/inference-protocol/datatypes.ts";
import { InvalidInputError } from "./client-errors.ts";

export type { Datatype, Elements };

/** One tensor of a request. */
export interface InputTensor {
  /** Row-major. */
  readonly data: Elements;
  readonly dims: readonly number[];
  /**
   * What the array says, where it is left out: FP32 for a Float32Array, UINT8 for a Uint8Array, INT64 for a BigInt64Array. To be
   * named for BOOL (a Uint8Array of 0 and 1) and FP16 (a Uint16Array with the bits of binary16).
   */
  readonly datatype?: Datatype;
}

export interface OutputTensor {
  readonly datatype: Datatype;
  readonly dims: readonly number[];
  /** Of the array type that belongs to `datatype`, as for inputs. */
  readonly data: Elements;
}

/** The types whose array another type shares, and which must therefore be named. */
const named: readonly TensorType[] = ["bool", "float16"];

const typeOfArray = new Map(
  Object.entries(elementsOf)
    .filter(([type]) => !named.includes(type as TensorType))
    .map(([type, array]) => [array.name, type as TensorType]),
);

/** Throws InvalidInputError where data, shape and type do not belong together. */
export function checkedInput(
  name: string,
  { data, dims, datatype }: InputTensor,
): { readonly datatype: Datatype; readonly bytes: Uint8Array } {
  const ofArray = typeOfArray.get(data.constructor.name);
  if (ofArray === undefined)
    throw new InvalidInputError(`input "${name}": ${data.constructor.name} is no array of a tensor type`);
  const type = datatype === undefined ? ofArray : tensorTypeOf(datatype);
  if (type === undefined || elementsOf[type].name !== data.constructor.name)
    throw new InvalidInputError(`input "${name}": ${datatype} is not what a ${data.constructor.name} holds`);
  const count = dims.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0)
    ? elementCountOf(dims)
    : undefined;
  if (count !== data.length)
    throw new InvalidInputError(`input "${name}": ${data.length} elements do not make the shape [${dims.join(", ")}]`);
  return { datatype: datatypeOf[type], bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/** The elements of an output; a view on `bytes` where their address allows it. */
export function elementsIn(datatype: Datatype, bytes: Uint8Array): Elements {
  const type = tensorTypeOf(datatype);
  const own = bytes.byteOffset % bytesPerElementOf(type) === 0 ? bytes : new Uint8Array(bytes);
  return new elementsOf[type](own.buffer as ArrayBuffer, own.byteOffset, own.byteLength / bytesPerElementOf(type));
}
