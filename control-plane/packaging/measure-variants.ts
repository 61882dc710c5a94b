import type { Variant } from "../../proto/manifest.ts";
import type { Problems } from "../../proto/problems.ts";
import { mebibytes, seconds } from "../../proto/units.ts";
import type { GoldenComparison } from "./golden-comparison.ts";
import { compareWithGolden, toleranceOf } from "./golden-comparison.ts";
import type { ModelChildLimits } from "./model-child.ts";
import { ModelRunError } from "./child-conversation.ts";
import type { ModelSpec } from "./model-spec.ts";
import type { PackagingMaterial } from "./packaging-material.ts";
import type { StreamRow } from "./reference-profile.ts";
import type { VariantRun } from "./run-variant.ts";
import { runVariant } from "./run-variant.ts";
import type { VariantFile } from "./variant-file.ts";
import type { JudgedModel } from "./evaluation/judge-variants.ts";
import { measurementOf } from "./evaluation/measure-latency.ts";
import type { JudgedVariant } from "./judged-variant.ts";
import type { Processor } from "./processor.ts";
import type { QuantizationReport } from "./quantization/quantization.ts";
import { runtimeName } from "./runtime-name.ts";

/** What was measured of one variant while it was packaged. */
export interface VariantReport {
  readonly id: string;
  readonly bytes: number;
  readonly accuracy: number | undefined;
  readonly comparison: GoldenComparison;
  readonly judged: JudgedModel | undefined;
  readonly quantization: QuantizationReport | undefined;
}

export interface MeasuredVariants {
  /** The run of the most exact variant, which gives the golden outputs and the reference of the output streams. */
  readonly primary: VariantRun;
  readonly variants: readonly Variant[];
  readonly reports: readonly VariantReport[];
}

/** Runs every variant and compares it with the most exact one. Notes every failure; undefined when a variant cannot be run. */
export async function measureVariants(
  spec: ModelSpec,
  material: PackagingMaterial,
  variants: readonly JudgedVariant[],
  processor: Processor,
  problems: Problems,
  signal: AbortSignal,
): Promise<MeasuredVariants | undefined> {
  const { float } = material;
  const files = variants.map(({ file }) => file);
  // The float model gives the golden outputs, also where it is not one of the variants.
  const isShipped = float === undefined || files.some(({ file }) => file.digest === float.file.digest);
  const runs = await runAll(spec, material, isShipped ? files : [float, ...files], problems, signal);
  if (runs === undefined) return undefined;
  const exact =
    float === undefined ? files.findIndex(({ precision }) => precision === "float32") : floatIndex(files, float);
  const primary = runs[isShipped ? Math.max(exact, 0) : 0];
  if (primary === undefined) return undefined;
  const own = isShipped ? runs : runs.slice(1);
  const measured = variants.map((variant, i) => {
    const run = own[i] as VariantRun;
    const comparison = compareWithGolden(primary.golden, run.golden, spec.output.name);
    noteDifferences(spec, variant, comparison, problems);
    const accuracy = accuracyOf(run.streams, material.labels, material.source.features.length);
    return { variant, comparison, accuracy };
  });
  return {
    primary,
    variants: measured.map(({ variant, comparison, accuracy }) =>
      manifestVariant(spec, variant, comparison, accuracy, processor),
    ),
    reports: measured.map(({ variant: { file, judged, quantization }, comparison, accuracy }) => ({
      id: file.id,
      bytes: file.file.size,
      accuracy,
      comparison,
      judged,
      quantization,
    })),
  };
}

function floatIndex(files: readonly VariantFile[], float: VariantFile): number {
  return files.findIndex(({ file }) => file.digest === float.file.digest);
}

async function runAll(
  spec: ModelSpec,
  { source, golden, reference }: PackagingMaterial,
  variants: readonly VariantFile[],
  problems: Problems,
  signal: AbortSignal,
): Promise<readonly VariantRun[] | undefined> {
  const runs: VariantRun[] = [];
  // One after the other: two models at once would share the processor and the memory limit.
  for (const { id, bytes } of variants)
    try {
      runs.push(await runVariant(bytes, source, golden, reference, childLimits(spec, bytes.length), signal));
    } catch (error) {
      if (!(error instanceof ModelRunError)) throw error;
      problems.add(`variants (${id})`, error.message);
    }
  return runs.length === variants.length ? runs : undefined;
}

/** Loading unpacks weights and prepares kernels: four times the file was the most seen, beside the runtime itself. */
function childLimits({ maxInferenceMs }: ModelSpec, bytes: number): ModelChildLimits {
  return { loadMs: seconds(30), runMs: maxInferenceMs ?? seconds(60), memoryBytes: mebibytes(1024) + 8 * bytes };
}

function noteDifferences(
  spec: ModelSpec,
  { file: variant, judged }: JudgedVariant,
  found: GoldenComparison,
  problems: Problems,
): void {
  const path = `variants (${variant.id})`;
  for (const row of found.unusable)
    problems.add(path, `golden input ${row} gives an output that is missing, of another size, or not a number`);
  // A variant that its task metric has judged may see a few inputs otherwise; the gate knows how many.
  if (spec.output.kind === "classification" && judged === undefined)
    for (const row of found.otherTop)
      problems.add(path, `golden input ${row} gets another class than from the most exact variant`);
  if (variant.maxDifference !== undefined && found.maxDifference > variant.maxDifference)
    problems.add(
      path,
      `its outputs differ by ${found.maxDifference} from the golden outputs, more than the ${variant.maxDifference} allowed`,
    );
}

/** Share of the rows whose class is the label. `classStream` is the index of the class among the stream values. */
function accuracyOf(
  rows: readonly StreamRow[],
  labels: ArrayLike<number> | undefined,
  classStream: number,
): number | undefined {
  if (labels === undefined) return undefined;
  return rows.filter((row, i) => row[classStream] === labels[i]).length / rows.length;
}

function manifestVariant(
  spec: ModelSpec,
  { file: variant, judged }: JudgedVariant,
  comparison: GoldenComparison,
  accuracy: number | undefined,
  processor: Processor,
): Variant {
  const sameTop = spec.output.kind === "classification" && comparison.otherTop.length === 0;
  const tolerance = toleranceOf(comparison, sameTop);
  const { id, precision, file, runtimes, requires, build } = variant;
  return {
    id,
    precision,
    file,
    runtimes,
    requires,
    tolerance: { ...tolerance, maxDifference: variant.maxDifference ?? tolerance.maxDifference },
    accuracy,
    build,
    quality: judged?.judgement?.quality,
    measured: judged?.timed === undefined ? [] : [measurementOf(judged.timed, processor, runtimeName)],
  };
}
