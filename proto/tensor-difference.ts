import type { TensorValue } from "./streams.ts";
import { indexOfLargest } from "./streams.ts";

/**
 * How far an output lies from the golden one: the largest absolute difference of any element. The packager measures a variant's
 * tolerance with it and the device checks it, so both must mean the same. NaN where the two cannot be compared: another number of
 * elements, or an element that is not a number.
 */
export function largestDifference(a: TensorValue, b: TensorValue): number {
  if (a.data.length !== b.data.length) return Number.NaN;
  let largest = 0;
  // Math.max keeps a NaN once it has met one.
  for (let i = 0; i < a.data.length; i++)
    largest = Math.max(largest, Math.abs((a.data[i] as number) - (b.data[i] as number)));
  return largest;
}

/** Where the largest element is; undefined where there is none or one is not a number. */
export function topOf({ data, dims }: TensorValue): number | undefined {
  return indexOfLargest({ data, start: 0, length: data.length, width: dims.at(-1) ?? 1 });
}
