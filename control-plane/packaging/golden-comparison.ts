import type { Tolerance } from "../../proto/manifest.ts";
import type { Tensor } from "../../proto/tensors.ts";
import type { TensorValue } from "../../proto/streams.ts";
import { largestDifference, topOf } from "../../proto/tensor-difference.ts";
import { tensorValues } from "../../proto/tensor-value.ts";

/** How far one variant's outputs lie from the golden ones. */
export interface GoldenComparison {
  /** Largest absolute difference of any element. */
  readonly maxDifference: number;
  /** Largest absolute golden value: what the difference is measured against. */
  readonly largestValue: number;
  /** Golden inputs for which another element of the interpreted output is the largest. */
  readonly otherTop: readonly number[];
  /** Golden inputs for which an output is missing, has another size, or holds something that is not a number. */
  readonly unusable: readonly number[];
}

type Outputs = readonly (readonly Tensor[])[];

/** `interpreted` is the output whose largest element counts. */
export function compareWithGolden(golden: Outputs, actual: Outputs, interpreted: string): GoldenComparison {
  let maxDifference = 0;
  let largestValue = 0;
  const otherTop: number[] = [];
  const unusable: number[] = [];
  for (const [i, tensors] of golden.entries()) {
    const found = tensorValues(actual[i] ?? []);
    for (const [name, wanted] of tensorValues(tensors)) {
      const value = found.get(name);
      const difference = value === undefined ? Number.NaN : largestDifference(wanted, value);
      if (value === undefined || !Number.isFinite(difference)) unusable.push(i);
      else {
        maxDifference = Math.max(maxDifference, difference);
        largestValue = Math.max(largestValue, largestDifference(wanted, zerosLike(wanted)));
        if (name === interpreted && topOf(wanted) !== topOf(value)) otherTop.push(i);
      }
    }
  }
  return { maxDifference, largestValue, otherTop, unusable: [...new Set(unusable)] };
}

function zerosLike({ dims, data }: TensorValue): TensorValue {
  return { dims, data: new Float64Array(data.length) };
}

/**
 * The tolerance a device applies: one and a half times the difference measured here, because another processor rounds otherwise, and
 * never less than 1e-4 of the largest value (float kernels of different processors were seen to differ by up to 3e-5).
 *
 * Example: measured 0.2 on values up to 10 gives 0.3; measured 0 on the same values gives 0.001.
 */
export function toleranceOf(comparison: GoldenComparison, classification: boolean): Tolerance {
  const rounding = 1e-4 * Math.max(comparison.largestValue, 1);
  return { maxDifference: Math.max(1.5 * comparison.maxDifference, rounding), sameTop: classification };
}
