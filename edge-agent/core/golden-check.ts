import type { Manifest, Tolerance, Variant } from "../../proto/manifest.ts";
import type { GoldenSet, Tensor } from "../../proto/messages.ts";
import { indexOfLargest } from "../../proto/streams.ts";
import type { InferenceWorker } from "./ports.ts";
import { tensorValue } from "./tensor-value.ts";

/**
 * Every way in which a worker does not repeat the golden outputs, in words with figures; empty when it does. An error of the
 * worker is one of them. Rejects only when `signal` is aborted.
 */
export async function goldenMismatches(
  worker: InferenceWorker,
  golden: GoldenSet,
  manifest: Pick<Manifest, "interpretation">,
  { tolerance }: Pick<Variant, "tolerance">,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const mismatches: string[] = [];
  if (golden.cases.length === 0) mismatches.push("the golden set is empty");
  for (const [i, { inputs, outputs }] of golden.cases.entries()) {
    try {
      const found = await worker.infer(inputs, signal);
      const classified = manifest.interpretation.output;
      for (const mismatch of differences(outputs, found, tolerance, classified))
        mismatches.push(`golden case ${i + 1}, ${mismatch}`);
    } catch (error) {
      signal.throwIfAborted();
      mismatches.push(`golden case ${i + 1}: ${error instanceof Error ? error.message : String(error)}`);
      // A worker that is gone answers no further case either.
      return mismatches;
    }
  }
  return mismatches;
}

function differences(
  golden: readonly Tensor[],
  found: readonly Tensor[],
  tolerance: Tolerance,
  classified: string,
): readonly string[] {
  const mismatches: string[] = [];
  for (const wanted of golden) {
    const tensor = found.find(({ name }) => name === wanted.name);
    const difference = tensor === undefined ? Number.NaN : largestDifference(wanted, tensor);
    if (tensor === undefined) mismatches.push(`output "${wanted.name}" is missing`);
    // Not a number is not within any tolerance.
    else if (!(difference <= tolerance.maxDifference))
      mismatches.push(
        `output "${wanted.name}" is off by ${Number(difference.toPrecision(4))}, more than ${tolerance.maxDifference}`,
      );
    else if (tolerance.sameTop && wanted.name === classified && topOf(wanted) !== topOf(tensor))
      mismatches.push(`output "${wanted.name}" has its largest value at ${topOf(tensor)}, not at ${topOf(wanted)}`);
  }
  return mismatches;
}

function largestDifference(a: Tensor, b: Tensor): number {
  const { data: wanted } = tensorValue(a);
  const { data: found } = tensorValue(b);
  if (wanted.length !== found.length) return Number.NaN;
  let largest = 0;
  // Math.max keeps a NaN once it has met one.
  for (let i = 0; i < wanted.length; i++)
    largest = Math.max(largest, Math.abs((wanted[i] as number) - (found[i] as number)));
  return largest;
}

function topOf(tensor: Tensor): number | undefined {
  const { data, dims } = tensorValue(tensor);
  return indexOfLargest({ data, start: 0, length: data.length, width: dims.at(-1) ?? 1 });
}
