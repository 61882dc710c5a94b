import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseDocument } from "yaml";
import type { z } from "zod";
import { modelSpecSchema } from "./model-spec-schema.ts";

/**
 * The YAML file behind `sedge model push`: what a model is, said by the person who trained it. File names in it are relative to the
 * file itself; in the ModelSpec they are absolute.
 */
export type ModelSpec = z.infer<ReturnType<typeof modelSpecSchema>>;
export type InputSpec = ModelSpec["inputs"][number];
export type VariantSpec = NonNullable<ModelSpec["variants"]>[number];
export type GivenVariantSpec = Extract<VariantSpec, { file: string }>;
export type MadeVariantSpec = Extract<VariantSpec, { method: string }>;

/** The YAML has mistakes: all of them, each with its path. */
export class ModelSpecError extends Error {
  override readonly name = "ModelSpecError";
  readonly file: string;
  readonly problems: readonly string[];

  constructor(file: string, problems: readonly string[], options?: ErrorOptions) {
    super(`${file} cannot be used:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`, options);
    this.file = file;
    this.problems = problems;
  }
}

/** Throws ModelSpecError with every mistake, missing files included. */
export async function readModelSpec(file: string): Promise<ModelSpec> {
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ModelSpecError(file, [`the file cannot be read: ${reason}`], { cause });
  });
  const document = parseDocument(text);
  if (document.errors.length > 0) {
    const problems = document.errors.map((error) => error.message.split("\n")[0]?.replace(/:$/, "") ?? error.code);
    throw new ModelSpecError(file, problems);
  }
  const parsed = await modelSpecSchema(dirname(resolve(file))).safeParseAsync(document.toJS());
  // Sorted, because the checks of files end in any order.
  if (!parsed.success) throw new ModelSpecError(file, parsed.error.issues.map(problemOf).toSorted());
  const problems = contradictions(parsed.data);
  if (problems.length > 0) throw new ModelSpecError(file, problems);
  return parsed.data;
}

function problemOf(issue: z.core.$ZodIssue): string {
  const path = issue.path.reduce<string>(
    (text, step) =>
      typeof step === "number" ? `${text}[${step}]` : text === "" ? String(step) : `${text}.${String(step)}`,
    "",
  );
  return path === "" ? issue.message : `${path}: ${issue.message}`;
}

/** Mistakes that show only between the parts. */
function contradictions(spec: ModelSpec): readonly string[] {
  const features = spec.inputs.flatMap((input) => input.features);
  const withGolden = spec.inputs.filter((input) => input.golden !== undefined);
  return [
    ...repeated(
      "inputs: the name",
      spec.inputs.map((input) => input.name),
    ),
    ...repeated(
      "inputs: the feature name",
      features.map((one) => one.name),
    ),
    ...repeated(
      "variants: the id",
      (spec.variants ?? []).map((variant) => variant.id),
    ),
    ...sourceProblems(spec),
    ...(spec.output.kind === "classification" ? repeated("output.labels: the label", spec.output.labels) : []),
    ...(withGolden.length > 0 && withGolden.length < spec.inputs.length
      ? ["inputs: golden files are given for some inputs and not for all"]
      : []),
    ...(spec.output.kind === "regression" && spec.reference.labels !== undefined
      ? ["reference.labels: labels are class indices and need an output of kind classification"]
      : []),
  ];
}

/** Where variants come from, and what they are made and judged with. */
function sourceProblems(spec: ModelSpec): readonly string[] {
  const made = (spec.variants ?? []).filter((variant) => "method" in variant);
  const problems: string[] = [];
  if (spec.model === undefined && spec.variants === undefined)
    problems.push("variants: name the float model that they are made from (model: trained.onnx), or their files");
  if (spec.model === undefined && made.length > 0)
    problems.push(`variants: ${made[0]?.id} is made from the float model, which is not named (model: trained.onnx)`);
  if (spec.model !== undefined && spec.samples.heldOut === undefined)
    problems.push(
      "samples.heldOut: variants are judged by samples that had no part in making them, and none are named",
    );
  const isReferenced = spec.inputs.every((input) => input.reference !== undefined);
  if (!isReferenced && spec.samples.reference === undefined && spec.samples.calibration === undefined)
    problems.push(
      "inputs: each needs a reference file, or samples.reference must be named: what drift is measured against",
    );
  return problems;
}

function repeated(what: string, names: readonly string[]): readonly string[] {
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  return [...new Set(twice)].map((name) => `${what} "${name}" occurs more than once`);
}
