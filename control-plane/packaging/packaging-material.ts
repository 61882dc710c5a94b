import type { FeatureSpec, Interpretation, TensorSpec } from "../../proto/manifest.ts";
import { numbersOfNpy } from "../../proto/npy.ts";
import type { Problems } from "../../proto/problems.ts";
import { onnxRuntimes } from "../../proto/runtimes.ts";
import type { StreamSource } from "../../proto/streams.ts";
import { featureSpecOf } from "./feature-specs.ts";
import type { InputRows, RowSource } from "./input-rows.ts";
import { readInputRows, readNpy, rowsOfSamples } from "./input-rows.ts";
import { interfaceProblems, unreadableFeatures } from "./interface-problems.ts";
import type { ModelSpec } from "./model-spec.ts";
import type { SampleOptions } from "./samples/open-samples.ts";
import { openSamples } from "./samples/open-samples.ts";
import { SamplesError } from "./samples/sample-set.ts";
import { inputsOfSamples, withZeros, withZeroState } from "./samples/zero-state.ts";
import type { VariantFile } from "./variant-file.ts";
import { readVariantFile } from "./variant-file.ts";

/** Everything read from disk, checked against each other. */
export interface PackagingMaterial {
  /** The trained float model, where variants are made from it. */
  readonly float: VariantFile | undefined;
  readonly variants: readonly VariantFile[];
  readonly source: StreamSource;
  readonly outputs: readonly TensorSpec[];
  readonly reference: InputRows;
  readonly golden: InputRows;
  readonly labels: ArrayLike<number> | undefined;
}

/** Notes every mistake; undefined when nothing can be run. */
export async function readPackagingMaterial(
  spec: ModelSpec,
  problems: Problems,
): Promise<PackagingMaterial | undefined> {
  const float = spec.model === undefined ? undefined : await readFloat(spec.model, problems);
  const variants: VariantFile[] = [];
  // One after the other, so that the mistakes come in the order of the specification.
  for (const [i, variantSpec] of (spec.variants ?? []).entries()) {
    if (!("file" in variantSpec)) continue;
    const variant = await readVariantFile(variantSpec, `variants[${i}] (${variantSpec.id})`, problems);
    if (variant !== undefined) variants.push(variant);
  }
  const all = [...(float === undefined ? [] : [float]), ...variants];
  const [first] = all;
  if (first === undefined) return undefined;
  for (const problem of interfaceProblems(spec, all)) problems.list.push(problem);
  const reference = await referenceRows(spec, first, problems);
  const ownGolden = spec.inputs.some((input) => input.golden !== undefined);
  const golden = ownGolden ? await readRows(spec, first.inputs, "golden", problems) : reference;
  const labels = await readLabels(spec, reference?.count, problems);
  if (reference !== undefined && reference.count < spec.reference.bins)
    problems.add("reference", `${reference.count} rows are fewer than the ${spec.reference.bins} bins they shall fill`);
  if (reference === undefined || golden === undefined) return undefined;
  const features = await featuresOf(spec, first.inputs, reference, problems);
  const source = { inputs: first.inputs, features, interpretation: interpretationOf(spec) };
  const goldenRows = { ...golden, count: Math.min(golden.count, spec.goldenRows) };
  return { float, variants, source, outputs: first.outputs, reference, golden: goldenRows, labels };
}

async function readFloat(file: string, problems: Problems): Promise<VariantFile | undefined> {
  const about = { id: "float32", file, runtimes: [...onnxRuntimes], optional: false, precision: "float32" };
  return readVariantFile(about, "model", problems);
}

/** State that has no rows of its own is zeros. */
async function readRows(
  spec: ModelSpec,
  inputs: readonly TensorSpec[],
  source: RowSource,
  problems: Problems,
): Promise<InputRows | undefined> {
  const rows = await readInputRows(spec.inputs, inputs, source, problems);
  return rows && { count: rows.count, row: async (index) => withZeros(await rows.row(index), inputs, spec) };
}

/** The .npy files of the inputs, or samples of any other form. */
async function referenceRows(
  spec: ModelSpec,
  { inputs }: VariantFile,
  problems: Problems,
): Promise<InputRows | undefined> {
  const path = spec.samples.reference ?? spec.samples.calibration;
  if (path === undefined || spec.inputs.every((input) => input.reference !== undefined))
    return readRows(spec, inputs, "reference", problems);
  try {
    const samples = await openSamples(path, inputsOfSamples(inputs, spec), sampleOptionsOf(spec));
    return rowsOfSamples(withZeroState(samples, inputs, spec));
  } catch (error) {
    if (!(error instanceof SamplesError)) throw error;
    for (const problem of error.problems) problems.add("samples", problem);
    return undefined;
  }
}

/** How the samples that the specification names are read. */
export function sampleOptionsOf({ samples, inputs }: ModelSpec): SampleOptions {
  const { images, labelColumn, divideBy } = samples;
  const ofInputs = inputs.filter((input) => input.divideBy !== 1).map((input) => [input.name, input.divideBy] as const);
  return {
    ...(images !== undefined && { images }),
    ...(labelColumn !== undefined && { labelColumn }),
    divideBy: { ...Object.fromEntries(ofInputs), ...divideBy },
  };
}

/** Sizes that the model leaves free are those of the first reference row, and are judged here. */
async function featuresOf(
  spec: ModelSpec,
  inputs: readonly TensorSpec[],
  reference: InputRows,
  problems: Problems,
): Promise<readonly FeatureSpec[]> {
  const row = await reference.row(0);
  return spec.inputs.flatMap(({ name, features }) => {
    const input = inputs.find((one) => one.name === name);
    const dims = row.find((tensor) => tensor.name === name)?.dims ?? [];
    if (input === undefined) return [];
    if (input.shape.slice(1).some((size) => typeof size === "string"))
      for (const problem of unreadableFeatures(spec, { ...input, shape: dims }))
        if (!problems.list.includes(problem)) problems.list.push(problem);
    return features.map((feature) => featureSpecOf(feature, input, dims));
  });
}

function interpretationOf({ output }: ModelSpec): Interpretation {
  switch (output.kind) {
    case "classification":
      return { kind: "classification", output: output.name, scores: output.scores, labels: output.labels };
    case "regression":
      return { kind: "regression", output: output.name };
    case "sequence":
      return { kind: "sequence", output: output.name, scores: output.scores, blank: output.blank };
  }
}

async function readLabels(
  spec: ModelSpec,
  rows: number | undefined,
  problems: Problems,
): Promise<ArrayLike<number> | undefined> {
  const { labels: file } = spec.reference;
  if (file === undefined) return undefined;
  const array = await readNpy(file, "reference.labels", problems);
  if (array === undefined) return undefined;
  const labels = Array.from(numbersOfNpy(array));
  if (rows !== undefined && (array.shape.length !== 1 || labels.length !== rows))
    problems.add("reference.labels", `has the shape [${array.shape.join(", ")}]; ${rows} rows need [${rows}]`);
  const classes = spec.output.kind === "classification" ? spec.output.labels.length : 0;
  const strange = labels.find((label) => !(Number.isInteger(label) && label >= 0 && label < classes));
  if (strange !== undefined)
    problems.add("reference.labels", `${strange} is not the index of one of ${classes} labels`);
  return labels;
}
