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

/** What was measured of one variant while it was packaged. */
export interface VariantReport {
  readonly id: string;
  readonly bytes: number;
  readonly accuracy: number | undefined;
  readonly comparison: GoldenComparison;
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
  problems: Problems,
  signal: AbortSignal,
): Promise<MeasuredVariants | undefined> {
  const runs = await runAll(spec, material, problems, signal);
  const exact = material.variants.findIndex(({ precision }) => precision === "float32");
  const primary = runs?.[Math.max(exact, 0)];
  if (runs === undefined || primary === undefined) return undefined;
  const measured = material.variants.map((variant, i) => {
    const run = runs[i] as VariantRun;
    const comparison = compareWithGolden(primary.golden, run.golden, spec.output.name);
    noteDifferences(spec, variant, comparison, problems);
    const accuracy = accuracyOf(run.streams, material.labels, material.source.features.length);
    return { variant, comparison, accuracy };
  });
  return {
    primary,
    variants: measured.map(({ variant, comparison, accuracy }) => manifestVariant(spec, variant, comparison, accuracy)),
    reports: measured.map(({ variant, comparison, accuracy }) => ({
      id: variant.spec.id,
      bytes: variant.file.size,
      accuracy,
      comparison,
    })),
  };
}

async function runAll(
  spec: ModelSpec,
  { variants, source, golden, reference }: PackagingMaterial,
  problems: Problems,
  signal: AbortSignal,
): Promise<readonly VariantRun[] | undefined> {
  const runs: VariantRun[] = [];
  // One after the other: two models at once would share the processor and the memory limit.
  for (const { spec: variant, bytes } of variants)
    try {
      runs.push(await runVariant(bytes, source, golden, reference, childLimits(spec, bytes.length), signal));
    } catch (error) {
      if (!(error instanceof ModelRunError)) throw error;
      problems.add(`variants (${variant.id})`, error.message);
    }
  return runs.length === variants.length ? runs : undefined;
}

/** Loading unpacks weights and prepares kernels: four times the file was the most seen, beside the runtime itself. */
function childLimits(spec: ModelSpec, bytes: number): ModelChildLimits {
  return { loadMs: seconds(30), runMs: spec.maxInferenceMs, memoryBytes: mebibytes(1024) + 8 * bytes };
}

function noteDifferences(
  spec: ModelSpec,
  { spec: variant }: VariantFile,
  found: GoldenComparison,
  problems: Problems,
): void {
  const path = `variants (${variant.id})`;
  for (const row of found.unusable)
    problems.add(path, `golden input ${row} gives an output that is missing, of another size, or not a number`);
  if (spec.output.kind === "classification")
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
  { spec: variant, precision, file }: VariantFile,
  comparison: GoldenComparison,
  accuracy: number | undefined,
): Variant {
  const tolerance = toleranceOf(comparison, spec.output.kind === "classification");
  const { architectures, cpuFlags, memoryBytes } = variant.requires;
  return {
    id: variant.id,
    precision,
    file,
    runtimes: variant.runtimes,
    requires: { architectures, cpuFlags, memoryBytes },
    tolerance: { ...tolerance, maxDifference: variant.maxDifference ?? tolerance.maxDifference },
    accuracy,
    build: { method: "given", options: {}, from: undefined, calibration: undefined },
    quality: undefined,
    measured: [],
  };
}
