import type { Manifest, Tolerance, Variant } from "../../proto/manifest.ts";
import type { GoldenSet, Tensor } from "../../proto/tensors.ts";
import { largestDifference, topOf } from "../../proto/tensor-difference.ts";
import type { InferenceWorker } from "./ports.ts";
import { tensorValues } from "../../proto/tensor-value.ts";

export interface GoldenFinding {
  /** Every way in which the worker does not repeat the golden outputs, in words with figures; empty when it does. */
  readonly mismatches: readonly string[];
  /** False when the worker failed instead of answering: the last mismatch says how. */
  readonly hasAnswered: boolean;
}

/** Compares a worker with the golden set. Rejects only when `signal` is aborted. */
export async function checkGolden(
  worker: InferenceWorker,
  golden: GoldenSet,
  manifest: Pick<Manifest, "interpretation">,
  { tolerance }: Pick<Variant, "tolerance">,
  signal: AbortSignal,
): Promise<GoldenFinding> {
  const mismatches: string[] = [];
  if (golden.cases.length === 0) mismatches.push("the golden set is empty");
  for (const [i, { inputs, outputs }] of golden.cases.entries()) {
    try {
      const found = await worker.infer(inputs, signal);
      const classified = manifest.interpretation.output;
      for (const mismatch of outputDifferences(outputs, found, tolerance, classified))
        mismatches.push(`golden case ${i + 1}, ${mismatch}`);
    } catch (error) {
      signal.throwIfAborted();
      mismatches.push(`golden case ${i + 1}: ${error instanceof Error ? error.message : String(error)}`);
      // A worker that is gone answers no further case either.
      return { mismatches, hasAnswered: false };
    }
  }
  return { mismatches, hasAnswered: true };
}

/** Every way in which outputs differ from those that are wanted by more than the tolerance, in words with figures. */
export function outputDifferences(
  golden: readonly Tensor[],
  found: readonly Tensor[],
  tolerance: Tolerance,
  classified: string,
): readonly string[] {
  const mismatches: string[] = [];
  const values = tensorValues(found);
  for (const [name, wanted] of tensorValues(golden)) {
    const value = values.get(name);
    if (value === undefined) {
      mismatches.push(`output "${name}" is missing`);
      continue;
    }
    const difference = largestDifference(wanted, value);
    // Not a number is not within any tolerance.
    if (!(difference <= tolerance.maxDifference))
      mismatches.push(
        `output "${name}" is off by ${Number(difference.toPrecision(4))}, more than ${tolerance.maxDifference}`,
      );
    else if (tolerance.sameTop && name === classified && topOf(wanted) !== topOf(value))
      mismatches.push(`output "${name}" has its largest value at ${topOf(value)}, not at ${topOf(wanted)}`);
  }
  return mismatches;
}
