import type { FeatureSpec, Interpretation, TensorSpec } from "../../proto/manifest.ts";
import { numbersOfNpy } from "../../proto/npy.ts";
import type { Problems } from "../../proto/problems.ts";
import type { StreamSource } from "../../proto/streams.ts";
import type { InputRows } from "./input-rows.ts";
import { readInputRows, readNpy } from "./input-rows.ts";
import { interfaceProblems } from "./interface-problems.ts";
import type { ModelSpec } from "./model-spec.ts";
import type { VariantFile } from "./variant-file.ts";
import { readVariantFile } from "./variant-file.ts";

/** Everything read from disk, checked against each other. */
export interface PackagingMaterial {
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
  const variants: VariantFile[] = [];
  // One after the other, so that the mistakes come in the order of the specification.
  for (const [i, variantSpec] of spec.variants.entries()) {
    const variant = await readVariantFile(variantSpec, `variants[${i}] (${variantSpec.id})`, problems);
    if (variant !== undefined) variants.push(variant);
  }
  const [first] = variants;
  if (first === undefined) return undefined;
  for (const problem of interfaceProblems(spec, variants)) problems.list.push(problem);
  const reference = await readInputRows(spec.inputs, first.inputs, "reference", problems);
  const ownGolden = spec.inputs.some((input) => input.golden !== undefined);
  const golden = ownGolden ? await readInputRows(spec.inputs, first.inputs, "golden", problems) : reference;
  const labels = await readLabels(spec, reference?.count, problems);
  if (reference !== undefined && reference.count < spec.reference.bins)
    problems.add("reference", `${reference.count} rows are fewer than the ${spec.reference.bins} bins they shall fill`);
  if (reference === undefined || golden === undefined) return undefined;
  const source = { inputs: first.inputs, features: featuresOf(spec), interpretation: interpretationOf(spec) };
  const goldenRows = { ...golden, count: Math.min(golden.count, spec.goldenRows) };
  return { variants, source, outputs: first.outputs, reference, golden: goldenRows, labels };
}

function featuresOf(spec: ModelSpec): readonly FeatureSpec[] {
  return spec.inputs.flatMap((input) =>
    input.features.map((feature): FeatureSpec => ({ ...feature, input: input.name })),
  );
}

function interpretationOf({ output }: ModelSpec): Interpretation {
  switch (output.kind) {
    case "classification":
      return { kind: "classification", output: output.name, scores: output.scores, labels: output.labels };
    case "regression":
      return { kind: "regression", output: output.name };
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
