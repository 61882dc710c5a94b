import type { Elements } from "../adapters/portable/tensor-elements.ts";
import { elementsOf } from "../adapters/portable/tensor-elements.ts";
import type { TypedElements } from "../adapters/portable/typed-elements.ts";
import { typedBytes } from "../adapters/portable/typed-elements.ts";
import type { Datatype } from "../daemon/inference-protocol/datatypes.ts";
import { bytesPerElementOf, datatypeOf, tensorTypeOf } from "../daemon/inference-protocol/datatypes.ts";
import { InvalidInputError } from "./client-errors.ts";

export type { Datatype, Elements };

/** One tensor of a request. */
export interface InputTensor extends TypedElements {
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

/** Throws InvalidInputError where data, shape and type do not belong together. */
export function checkedInput(
  name: string,
  { datatype, ...input }: InputTensor,
): { readonly datatype: Datatype; readonly bytes: Uint8Array } {
  const found = typedBytes(input, datatype && { type: tensorTypeOf(datatype), name: datatype });
  if (found.kind === "mistake") throw new InvalidInputError(`input "${name}": ${found.reason}`);
  return { datatype: datatypeOf[found.type], bytes: found.bytes };
}

/** The elements of an output; a view on `bytes` where their address allows it. */
export function elementsIn(datatype: Datatype, bytes: Uint8Array): Elements {
  const type = tensorTypeOf(datatype);
  const own = bytes.byteOffset % bytesPerElementOf(type) === 0 ? bytes : new Uint8Array(bytes);
  return new elementsOf[type](own.buffer as ArrayBuffer, own.byteOffset, own.byteLength / bytesPerElementOf(type));
}
