import { createHash } from "node:crypto";
import type { Digest } from "../../proto/ids.ts";
import type { ModelSpec } from "./model-spec.ts";
import { sampleOptionsOf } from "./packaging-material.ts";
import type { Progress } from "./progress.ts";
import { checkSamples } from "./samples/checked-samples.ts";
import { openSamples } from "./samples/open-samples.ts";
import type { SampleSet } from "./samples/sample-set.ts";
import { SamplesError } from "./samples/sample-set.ts";
import { inputsOfSamples, withZeroState } from "./samples/zero-state.ts";
import type { VariantFile } from "./variant-file.ts";

/** What variants are made with and judged by. */
export interface VariantSamples {
  readonly calibration: SampleSet | undefined;
  readonly calibrationDigest: Digest | undefined;
  readonly heldOut: SampleSet;
}

/** Every sample is checked before the long work begins. Rejects with SamplesError, also when a sample is on both sides. */
export async function readVariantSamples(
  spec: ModelSpec,
  float: VariantFile,
  progress: Progress,
  signal: AbortSignal,
): Promise<VariantSamples> {
  const options = sampleOptionsOf(spec);
  const { calibration: calibrationPath, heldOut: heldOutPath, heldOutLabels } = spec.samples;
  if (heldOutPath === undefined) throw new SamplesError("samples.heldOut", ["is not named"]);
  const inputs = inputsOfSamples(float.inputs, spec);
  const labelled = heldOutLabels === undefined ? options : { ...options, labels: heldOutLabels };
  const opened = await openSamples(heldOutPath, inputs, { ...labelled, outputs: float.outputs });
  const heldOut = withZeroState(opened, float.inputs, spec);
  await checkSamples(heldOutPath, heldOut, float.inputs, progress, signal);
  if (calibrationPath === undefined) return { calibration: undefined, calibrationDigest: undefined, heldOut };
  const calibration = withZeroState(await openSamples(calibrationPath, inputs, options), float.inputs, spec);
  await checkSamples(calibrationPath, calibration, float.inputs, progress, signal);
  const known = await digestsOf(calibration);
  const shared: string[] = [];
  for (const [digest, name] of await digestsOf(heldOut)) {
    const other = known.get(digest);
    if (other !== undefined) shared.push(`${name} is also among those to calibrate with (${other})`);
  }
  if (shared.length > 0)
    throw new SamplesError(heldOutPath, [
      ...shared.slice(0, 5),
      ...(shared.length > 5 ? [`and ${shared.length - 5} more`] : []),
      "variants must be judged by samples that had no part in making them",
    ]);
  const whole = createHash("sha256");
  for (const digest of known.keys()) whole.update(digest);
  return { calibration, calibrationDigest: `sha256:${whole.digest("hex")}` as Digest, heldOut };
}

/** The samples' names by the digest of their inputs. */
async function digestsOf(samples: SampleSet): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (let i = 0; i < samples.count; i++) {
    const { name, inputs } = await samples.read(i);
    const hash = createHash("sha256");
    for (const input of inputs) hash.update(input.rawData);
    names.set(hash.digest("hex"), name);
  }
  return names;
}
