import { constants } from "node:fs";
import { access, readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { parseDocument } from "yaml";
import { z } from "zod";
import type { ModelName, ModelVersion } from "../../proto/ids.ts";
import { isModelName, isModelVersion } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import { tensorFeatureKinds } from "../../proto/manifest.ts";

/**
 * The YAML file behind `sedge model push`: what a model is, said by the person who trained it. File names in it are relative to the
 * file itself; in the ModelSpec they are absolute.
 */
export type ModelSpec = z.infer<ReturnType<typeof modelSpecSchema>>;
export type InputSpec = ModelSpec["inputs"][number];
export type VariantSpec = ModelSpec["variants"][number];

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

const nameText = z.string().min(1).max(limits.labelCharacters);

const modelName = z.custom<ModelName>(
  (value) => typeof value === "string" && isModelName(value),
  'must be a model name: 1 to 64 characters of a-z, 0-9, ".", "_" and "-"',
);

// YAML reads an unquoted 1.10 as the number 1.1: a version must be said as text.
const modelVersion = z.custom<ModelVersion>(
  (value) => typeof value === "string" && isModelVersion(value),
  'must be text of letters, digits, ".", "_", "+" and "-", at most 64 characters, in quotes: version: "1"',
);

const feature = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.enum(tensorFeatureKinds), name: nameText }),
  z.strictObject({ kind: z.literal("column"), name: nameText, index: z.int().min(0) }),
]);

const output = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("classification"),
    name: nameText,
    scores: z.enum(["logits", "probabilities"]),
    labels: z.array(nameText).min(2).max(limits.bins),
  }),
  z.strictObject({ kind: z.literal("regression"), name: nameText }),
]);

const requirements = z.strictObject({
  architectures: z.array(nameText).min(1).optional(),
  cpuFlags: z.array(nameText).default([]),
  memoryBytes: z.int().min(0).default(0),
});

function modelSpecSchema(directory: string) {
  const file = z
    .string()
    .min(1)
    .transform((name) => resolve(directory, name))
    .refine(isReadable, { error: ({ input }) => `there is no file ${String(input)}` });
  const input = z.strictObject({
    name: nameText,
    /** What drift is measured on: numbers read from each inference's input. */
    features: z.array(feature).max(limits.streams).default([]),
    /** .npy, [rows, ...shape of one inference]. */
    reference: file,
    /** Every element of the file is divided by this: 255 for images stored as bytes. */
    divideBy: z.number().positive().default(1),
    /** .npy like the reference; without it the first rows of the reference are the golden inputs. */
    golden: file.optional(),
  });
  const variant = z.strictObject({
    id: nameText.max(64),
    precision: nameText.max(64).optional(),
    file,
    runtimes: z.array(nameText).min(1).default(["onnxruntime-node"]),
    requires: requirements.prefault({}),
    /** Largest difference to the golden outputs; measured and widened when it is not given. */
    maxDifference: z.number().positive().optional(),
  });
  return z.strictObject({
    name: modelName,
    version: modelVersion,
    inputs: z.array(input).min(1).max(64),
    output,
    /** In order of preference. */
    variants: z.array(variant).min(1).max(32),
    reference: z
      .strictObject({
        /** .npy of one class index for each row: gives each variant its accuracy. */
        labels: file.optional(),
        bins: z.int().min(2).max(256).default(16),
      })
      .prefault({}),
    /** How many golden inputs are taken. */
    goldenRows: z.int().min(1).max(256).default(8),
    maxInferenceMs: z.number().positive().max(600_000).default(1_000),
  });
}

async function isReadable(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
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
      spec.variants.map((variant) => variant.id),
    ),
    ...(spec.output.kind === "classification" ? repeated("output.labels: the label", spec.output.labels) : []),
    ...(withGolden.length > 0 && withGolden.length < spec.inputs.length
      ? ["inputs: golden files are given for some inputs and not for all"]
      : []),
    ...(spec.output.kind === "regression" && spec.reference.labels !== undefined
      ? ["reference.labels: labels are class indices and need an output of kind classification"]
      : []),
  ];
}

function repeated(what: string, names: readonly string[]): readonly string[] {
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  return [...new Set(twice)].map((name) => `${what} "${name}" occurs more than once`);
}
