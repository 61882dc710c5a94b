import { createHash } from "node:crypto";
import { dirname } from "node:path";
import type { Digest } from "../../proto/ids.ts";
import type { Scalar, VariantBuild } from "../../proto/manifest.ts";
import { Problems } from "../../proto/problems.ts";
import { ModelRunError } from "./child-conversation.ts";
import type { JudgedModel } from "./evaluation/judge-variants.ts";
import { judgeVariants } from "./evaluation/judge-variants.ts";
import type { JudgedVariant, LeftOut, VariantsOfModel } from "./judged-variant.ts";
import type { MadeVariantSpec, ModelSpec } from "./model-spec.ts";
import { decodeModel } from "./onnx/decode.ts";
import { sampleOptionsOf } from "./packaging-material.ts";
import type { Progress } from "./progress.ts";
import { qualityGate } from "./quality-metric.ts";
import type { QuantizationOptions, QuantizationReport } from "./quantization/quantization.ts";
import { QuantizationError } from "./quantization/quantization.ts";
import type { BuiltVariant } from "./quantization/variant-builder.ts";
import { VariantBuilder } from "./quantization/variant-builder.ts";
import { checkSamples } from "./samples/checked-samples.ts";
import { openSamples } from "./samples/open-samples.ts";
import type { SampleSet } from "./samples/sample-set.ts";
import { SamplesError } from "./samples/sample-set.ts";
import { inputsOfSamples, withZeroState } from "./samples/zero-state.ts";
import { defaultRequirements, defaultVariants } from "./variant-defaults.ts";
import type { VariantFile } from "./variant-file.ts";
import { variantFileOf } from "./variant-file.ts";

interface Made {
  readonly file: VariantFile;
  readonly spec: MadeVariantSpec;
  readonly report: QuantizationReport | undefined;
}

/** What variants are made from and judged by. */
interface Samples {
  readonly calibration: SampleSet | undefined;
  readonly calibrationDigest: Digest | undefined;
  readonly heldOut: SampleSet;
}

/**
 * Makes the variants that the specification asks for from the float model, judges all of them and the given ones on samples that had no
 * part in making them, and leaves out what does not pass. A variant that may not be left out notes a problem instead. Those that remain
 * come fastest first, unless the specification keeps its own order.
 *
 * Rejects with SamplesError, MetricError, or the signal's reason.
 */
export async function makeVariants(
  spec: ModelSpec,
  float: VariantFile,
  given: readonly VariantFile[],
  baseScales: ReadonlyMap<string, Float32Array> | undefined,
  problems: Problems,
  progress: Progress,
  signal: AbortSignal,
): Promise<VariantsOfModel> {
  const samples = await readSamples(spec, float, progress, signal);
  const recipes = (spec.variants ?? defaultVariants()).filter((variant) => "method" in variant);
  const builder = new VariantBuilder(decodeModel(float.bytes), samples.calibration, progress, signal);
  const made: Made[] = [];
  const leftOut: LeftOut[] = [];
  const refuse = (recipe: MadeVariantSpec, reason: string, bytes?: number, judged?: JudgedModel) => {
    if (recipe.optional) leftOut.push({ id: recipe.id, method: recipe.method, bytes, reason, judged });
    else problems.add(`variants (${recipe.id})`, reason);
  };
  for (const recipe of recipes)
    try {
      made.push(await makeOne(recipe, float, builder, samples, baseScales));
    } catch (error) {
      if (!(error instanceof QuantizationError || error instanceof SamplesError || error instanceof ModelRunError))
        throw error;
      refuse(recipe, error.message);
    }
  const gate = await qualityGate(spec, (await samples.heldOut.read(0)).label !== undefined, dirname(spec.model ?? "."));
  const candidates = [...made.map(({ file }) => file), ...given];
  const judged = await judgeVariants(candidates, float, samples.heldOut, gate, progress, signal);
  const passed: JudgedVariant[] = [];
  for (const [i, file] of candidates.entries()) {
    const one = judged[i] as JudgedModel;
    const from = made[i];
    const reason = one.failure ?? (one.judgement?.isWithin === false ? one.judgement.reason : undefined);
    if (reason === undefined) passed.push({ file, judged: one, quantization: from?.report });
    else if (from === undefined) problems.add(`variants (${file.id})`, reason);
    else refuse(from.spec, reason, file.bytes.length, one);
  }
  return { variants: spec.order === "measured" ? fastestFirst(passed) : asWritten(passed, spec), leftOut };
}

/** Two variants are as fast as each other within this share: then the smaller file comes first. */
const asFast = 0.1;

function fastestFirst(variants: readonly JudgedVariant[]): readonly JudgedVariant[] {
  const left = variants.map((variant) => ({ variant, ms: variant.judged?.timed?.p50Ms ?? Number.POSITIVE_INFINITY }));
  const order: JudgedVariant[] = [];
  while (left.length > 0) {
    const fastest = Math.min(...left.map(({ ms }) => ms));
    const near = left.filter(({ ms }) => ms <= fastest * (1 + asFast));
    const next = near.reduce((a, b) => (b.variant.file.bytes.length < a.variant.file.bytes.length ? b : a));
    order.push(next.variant);
    left.splice(left.indexOf(next), 1);
  }
  return order;
}

function asWritten(variants: readonly JudgedVariant[], spec: ModelSpec): readonly JudgedVariant[] {
  const place = new Map((spec.variants ?? defaultVariants()).map(({ id }, i) => [id, i]));
  return variants.toSorted((a, b) => (place.get(a.file.id) ?? 0) - (place.get(b.file.id) ?? 0));
}

async function makeOne(
  recipe: MadeVariantSpec,
  float: VariantFile,
  builder: VariantBuilder,
  { calibration, calibrationDigest }: Samples,
  baseScales: ReadonlyMap<string, Float32Array> | undefined,
): Promise<Made> {
  const { id, runtimes, maxDifference, method } = recipe;
  const requires = requirementsOf(recipe);
  if (method === "float32") {
    const build = { ...noBuild, method, from: float.file.digest };
    return { file: { ...float, id, runtimes, requires, maxDifference, build }, spec: recipe, report: undefined };
  }
  const { perTensor, reduceRange, exclude, blockSize, calibrationMethod, percentile, autoExclude } = recipe;
  const options: QuantizationOptions = { method, perChannel: !perTensor, reduceRange, exclude, blockSize, baseScales };
  const built = await builder.build({
    options,
    calibration: calibrationMethod === "auto" ? "auto" : { method: calibrationMethod, percentile },
    autoExclude,
  });
  const used = method === "static-int8" && calibration !== undefined && calibrationDigest !== undefined;
  const build: VariantBuild = {
    method,
    options: optionsOf(built, baseScales !== undefined),
    from: float.file.digest,
    calibration: used ? { digest: calibrationDigest, samples: calibration.count } : undefined,
  };
  const problems = new Problems();
  const precision = recipe.precision ?? precisions[method];
  const file = variantFileOf({ id, runtimes, requires, maxDifference, build }, built.bytes, precision, id, problems);
  if (file === undefined) throw new QuantizationError(problems.list.join("; "));
  return { file, spec: recipe, report: built.report };
}

const noBuild: VariantBuild = { method: "float32", options: {}, from: undefined, calibration: undefined };

const precisions = {
  "static-int8": "int8",
  "dynamic-int8": "int8",
  "weights-int8": "int8 weights",
  "weights-fp16": "float16 weights",
  "weights-int4": "int4 weights",
} as const;

function requirementsOf({ requires, method, reduceRange }: MadeVariantSpec) {
  if (requires === undefined) return defaultRequirements(method, reduceRange);
  const { architectures, cpuFlags, memoryBytes } = requires;
  return { architectures, cpuFlags, memoryBytes };
}

/** Enough to make the file again. */
function optionsOf(
  { options, calibration }: BuiltVariant,
  hasBase: boolean,
): Record<string, Scalar | readonly Scalar[]> {
  return {
    perChannel: options.perChannel,
    reduceRange: options.reduceRange,
    ...(options.exclude.length > 0 && { exclude: options.exclude }),
    ...(options.method === "weights-int4" && { blockSize: options.blockSize }),
    ...(calibration !== undefined && { calibrationMethod: calibration.method, percentile: calibration.percentile }),
    ...(hasBase && { scalesOfParent: true }),
  };
}

async function readSamples(
  spec: ModelSpec,
  float: VariantFile,
  progress: Progress,
  signal: AbortSignal,
): Promise<Samples> {
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
