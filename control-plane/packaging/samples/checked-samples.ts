import type { TensorSpec } from "../../../proto/manifest.ts";
import type { Progress } from "../progress.ts";
import { checkSample } from "./check-sample.ts";
import type { SampleSet } from "./sample-set.ts";
import { SamplesError } from "./sample-set.ts";

/** More are counted, and not told. */
const toldSamples = 20;

/**
 * Reads every sample once and holds it against the inputs of the model. Rejects with SamplesError that names what is wrong with which
 * sample; a set without samples is wrong too.
 */
export async function checkSamples(
  source: string,
  samples: SampleSet,
  inputs: readonly TensorSpec[],
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  if (samples.count === 0) throw new SamplesError(source, ["there is no sample"]);
  const problems: string[] = [];
  let wrong = 0;
  progress.begin("checking samples", samples.count);
  try {
    for (let i = 0; i < samples.count; i++) {
      signal.throwIfAborted();
      const found = await problemsOf(samples, i, inputs);
      if (found.length > 0) wrong += 1;
      if (wrong <= toldSamples) problems.push(...found);
      progress.advance(i + 1);
    }
  } finally {
    progress.end();
  }
  const more = wrong - toldSamples;
  if (more > 0) problems.push(more === 1 ? "and one more sample" : `and ${more} more samples`);
  if (problems.length > 0) throw new SamplesError(source, problems);
}

async function problemsOf(
  samples: SampleSet,
  index: number,
  inputs: readonly TensorSpec[],
): Promise<readonly string[]> {
  try {
    const sample = await samples.read(index);
    return checkSample(sample, inputs).map((problem) => `sample ${index} (${sample.name}): ${problem}`);
  } catch (error) {
    if (error instanceof SamplesError) return error.problems;
    throw error;
  }
}
