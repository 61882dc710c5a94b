import type { TensorType } from "../../../proto/tensors.ts";
import type { Elements } from "./tensor-elements.ts";
import { elementCountOf, elementsOf } from "./tensor-elements.ts";

/** The array that an application gives as a tensor. */
export interface TypedElements {
  /** Row-major. */
  readonly data: Elements;
  readonly dims: readonly number[];
}

/** What the application calls the type; `type` is undefined where there is none of that name. */
export interface NamedType {
  readonly type: TensorType | undefined;
  readonly name: string;
}

export type TypedBytes =
  | { readonly kind: "fits"; readonly type: TensorType; readonly bytes: Uint8Array }
  /** In words, to stand behind the input's name. */
  | { readonly kind: "mistake"; readonly reason: string };

/** The types whose array another type shares, and which must therefore be named. */
const named: readonly string[] = ["bool", "float16"];

const typeOfArray = new Map(
  Object.entries(elementsOf)
    .filter(([type]) => !named.includes(type))
    .map(([type, array]) => [array.name, type as TensorType]),
);

/** The elements as the bytes of a tensor, in the same memory, where data, shape and type belong together. */
export function typedBytes({ data, dims }: TypedElements, as: NamedType | undefined): TypedBytes {
  const array = data.constructor.name;
  const ofArray = typeOfArray.get(array);
  if (ofArray === undefined) return { kind: "mistake", reason: `${array} is no array of a tensor type` };
  const type = as === undefined ? ofArray : as.type;
  if (type === undefined || elementsOf[type].name !== array)
    return { kind: "mistake", reason: `${as?.name} is not what a ${array} holds` };
  const areCounts = dims.every((dimension) => Number.isSafeInteger(dimension) && dimension >= 0);
  if (!areCounts || elementCountOf(dims) !== data.length)
    return { kind: "mistake", reason: `${data.length} elements do not make the shape [${dims.join(", ")}]` };
  return { kind: "fits", type, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}
