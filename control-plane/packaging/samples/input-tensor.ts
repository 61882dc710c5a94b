import type { TensorSpec } from "../../../proto/manifest.ts";
import type { Tensor, TensorType } from "../../../proto/tensors.ts";
import { tensorOf } from "../tensor-of.ts";

/** Numbers do not fit the input they are for. */
export class InputMismatchError extends Error {
  override readonly name = "InputMismatchError";
}

const exactIntegers: ReadonlySet<TensorType> = new Set([
  "uint8",
  "int8",
  "uint16",
  "int16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "bool",
]);
const wholeRange: Partial<Readonly<Record<TensorType, readonly [number, number]>>> = {
  uint8: [0, 255],
  bool: [0, 1],
  int8: [-128, 127],
  uint16: [0, 2 ** 16 - 1],
  int16: [-(2 ** 15), 2 ** 15 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint32: [0, 2 ** 32 - 1],
  uint64: [0, Number.MAX_SAFE_INTEGER],
};

/**
 * One row of numbers as the input takes it. A model that takes many rows at once, or exactly one, is fed one row with a leading 1:
 * a row of shape [28, 28] for `image float32[batch, 28, 28]` gives [1, 28, 28]. A flat row fits any shape of as many elements.
 *
 * Numbers are rounded to float32 where the model takes that; an integer input takes only whole numbers of its range. Throws
 * InputMismatchError.
 */
export function inputTensor(spec: TensorSpec, shape: readonly number[], numbers: ArrayLike<number>): Tensor {
  const dims = fittingDims(spec, shape, numbers.length);
  if (dims === undefined)
    throw new InputMismatchError(
      `a row of shape [${shape.join(", ")}] does not fit input "${spec.name}" of shape [${spec.shape.join(", ")}]`,
    );
  if (exactIntegers.has(spec.dataType)) checkWhole(spec, numbers);
  return tensorOf(spec.name, spec.dataType, dims, numbers);
}

function fittingDims(spec: TensorSpec, shape: readonly number[], count: number): readonly number[] | undefined {
  const [leading, ...rest] = spec.shape;
  if (matches(spec.shape, shape)) return shape;
  if ((typeof leading === "string" || leading === 1) && matches(rest, shape)) return [1, ...shape];
  if (shape.length !== 1) return undefined;
  // The batch and at most one more dimension may be free: the number of elements says how large that one is.
  const sizes = spec.shape.map((size, i) => (typeof size === "string" && i === 0 && spec.shape.length > 1 ? 1 : size));
  const known = sizes.reduce<number>((product, size) => (typeof size === "string" ? product : product * size), 1);
  const free = sizes.filter((size) => typeof size === "string").length;
  const rested = count / known;
  if (free > 1 || (free === 0 && rested !== 1) || !Number.isSafeInteger(rested)) return undefined;
  return sizes.map((size) => (typeof size === "string" ? rested : size));
}

function matches(wanted: readonly (number | string)[], shape: readonly number[]): boolean {
  return wanted.length === shape.length && wanted.every((size, i) => typeof size === "string" || size === shape[i]);
}

function checkWhole({ name, dataType }: TensorSpec, numbers: ArrayLike<number>): void {
  const [lowest, highest] = wholeRange[dataType] ?? [-Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER];
  for (let i = 0; i < numbers.length; i++) {
    const value = numbers[i] as number;
    if (!Number.isInteger(value) || value < lowest || value > highest)
      throw new InputMismatchError(`element ${i} is ${value}, which input "${name}" (${dataType}) does not take`);
  }
}
