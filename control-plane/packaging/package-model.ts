import type { GoldenSet } from "../../proto/tensors.ts";
import { Problems } from "../../proto/problems.ts";
import { streamDefinitions } from "../../proto/streams.ts";
import type { Lineage } from "../../proto/manifest.ts";
import { ModelRunError } from "./child-conversation.ts";
import { MetricError } from "./evaluation/task-metric.ts";
import { declaredRangeWarnings } from "./declared-range-warnings.ts";
import type { LeftOut, VariantsOfModel } from "./judged-variant.ts";
import type { FindBaseScales } from "./make-variants.ts";
import { makeVariants } from "./make-variants.ts";
import { encodeReport } from "./package-report.ts";
import { thisProcessor } from "./processor.ts";
import type { Progress } from "./progress.ts";
import { noProgress } from "./progress.ts";
import { SamplesError } from "./samples/sample-set.ts";
import type { VariantReport } from "./measure-variants.ts";
import { missingValueWarnings } from "./missing-value-warnings.ts";
import { measureVariants } from "./measure-variants.ts";
import type { ModelSpec } from "./model-spec.ts";
import type { PackageContent, SealedPackage } from "./package-format/seal-package.ts";
import { inferenceLimitOf } from "./inference-limit.ts";
import { PackageSealError, sealPackage } from "./package-format/seal-package.ts";
import type { PackagingMaterial } from "./packaging-material.ts";
import { readPackagingMaterial } from "./packaging-material.ts";
import { referenceProfile } from "./reference-profile.ts";
import type { VariantRun } from "./run-variant.ts";
import type { SigningKey } from "./signing.ts";
import { unknownFlagWarnings } from "./unknown-flag-warnings.ts";

/** A signed package, and how each of its variants did. */
export interface ModelPackage extends SealedPackage {
  readonly variants: readonly VariantReport[];
  readonly leftOut: readonly LeftOut[];
  /** What the publisher should look at again, and what does not keep the package from a fleet. */
  readonly warnings: readonly string[];
}

export interface PackagingOptions {
  /** The time that the manifest says. */
  readonly createdAtMs: number;
  /** The program that makes the package: "sedge 0.1.0". */
  readonly tool?: string;
  /** Scales of the parent version, to be kept where they still fit. */
  readonly baseScalesOf?: FindBaseScales;
  readonly progress?: Progress;
}

/** The model cannot go to a fleet: every reason, not only the first. */
export class PackageRefusedError extends Error {
  override readonly name = "PackageRefusedError";
  readonly problems: readonly string[];

  constructor(model: string, problems: readonly string[], options?: ErrorOptions) {
    super(`${model} is refused:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`, options);
    this.problems = problems;
  }
}

/**
 * Reads, makes variants, judges, measures and signs. Nothing is stored: the caller gets the whole package in memory, or a
 * PackageRefusedError with every reason.
 */
export async function packageModel(
  spec: ModelSpec,
  key: SigningKey,
  options: PackagingOptions,
  signal: AbortSignal,
): Promise<ModelPackage> {
  const problems = new Problems();
  const material = await readPackagingMaterial(spec, problems);
  if (material === undefined || problems.any) throw refusal(spec, problems);
  const { variants, leftOut } = await variantsOf(spec, material, options, problems, signal);
  if (variants.length === 0 && !problems.any) problems.add("variants", "none has passed");
  if (problems.any) throw refusal(spec, problems, leftOut);
  const processor = await thisProcessor();
  const measured = await measureVariants(spec, material, variants, processor, problems, signal);
  if (measured === undefined || problems.any) throw refusal(spec, problems, leftOut);

  const { description, license, authors, source } = spec;
  const manifest: PackageContent["manifest"] = {
    schema: 1,
    model: spec.name,
    version: spec.version,
    createdAt: new Date(options.createdAtMs).toISOString(),
    about: { description, license, authors, source },
    lineage: lineageOf(spec),
    inputs: material.source.inputs,
    outputs: material.outputs,
    dimensions: spec.dimensions,
    processing: spec.processing,
    state: spec.state,
    features: material.source.features,
    interpretation: material.source.interpretation,
    variants: measured.variants,
    reference: referenceProfile(streamDefinitions(material.source), measured.primary.streams, spec.reference.bins),
    maxInferenceMs: spec.maxInferenceMs ?? inferenceLimitOf(variants.map(({ judged }) => judged?.timed)),
    warmUpRuns: spec.warmUpRuns,
    tool: options.tool ?? "sedge",
  };
  const golden = await goldenSet(material, measured.primary);
  const report = { path: "report.json", bytes: encodeReport(measured.reports, leftOut) };
  const files = [...variants.map(({ file: { id, bytes } }) => ({ path: `variants/${id}.onnx`, bytes })), report];
  try {
    const { streams } = measured.primary;
    const warnings = [
      ...declaredRangeWarnings(manifest.features, streams),
      ...missingValueWarnings(manifest.features, streams),
      ...unknownFlagWarnings(manifest.variants),
    ];
    return { ...sealPackage({ manifest, golden, files }, key), variants: measured.reports, leftOut, warnings };
  } catch (error) {
    if (error instanceof PackageSealError)
      throw new PackageRefusedError(`${spec.name} ${spec.version}`, error.problems, { cause: error });
    throw error;
  }
}

async function variantsOf(
  spec: ModelSpec,
  { float, variants }: PackagingMaterial,
  { baseScalesOf = () => undefined, progress = noProgress }: PackagingOptions,
  problems: Problems,
  signal: AbortSignal,
): Promise<VariantsOfModel> {
  if (float === undefined)
    return { variants: variants.map((file) => ({ file, judged: undefined, quantization: undefined })), leftOut: [] };
  try {
    return await makeVariants(spec, float, variants, baseScalesOf, problems, progress, signal);
  } catch (error) {
    // What a person gave is wrong, or the float model itself cannot be run.
    if (!(error instanceof SamplesError || error instanceof MetricError || error instanceof ModelRunError)) throw error;
    throw new PackageRefusedError(`${spec.name} ${spec.version}`, [error.message], { cause: error });
  } finally {
    progress.end();
  }
}

function lineageOf({ lineage }: ModelSpec): Lineage {
  const { parent, trainingData, codeRevision, hyperParameters, metrics, trainedBy, trainedAt } = lineage;
  return {
    parent: parent && { version: parent.version, package: parent.package },
    trainingData: trainingData.map(({ reference, digest }) => ({ reference, digest })),
    codeRevision,
    hyperParameters,
    metrics,
    trainedBy,
    trainedAt,
  };
}

async function goldenSet({ golden }: PackagingMaterial, primary: VariantRun): Promise<GoldenSet> {
  const cases = primary.golden.map(async (outputs, i) => ({ inputs: await golden.row(i), outputs }));
  return { cases: await Promise.all(cases) };
}

function refusal(spec: ModelSpec, problems: Problems, leftOut: readonly LeftOut[] = []): PackageRefusedError {
  const others = leftOut.map(({ id, reason }) => `variants (${id}), which may be left out: ${reason}`);
  return new PackageRefusedError(`${spec.name} ${spec.version}`, [...problems.list, ...others]);
}
