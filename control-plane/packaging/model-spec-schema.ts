import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { resolve } from "node:path";
import { z } from "zod";
import { Problems } from "../../proto/problems.ts";
import type { ModelName, ModelVersion } from "../../proto/ids.ts";
import { isDigest, isModelName, isModelVersion } from "../../proto/ids.ts";
import type { Digest } from "../../proto/ids.ts";
import { isProgramVersion } from "../../proto/program-version.ts";
import { limits } from "../../proto/limits.ts";
import { onnxRuntimes } from "../../proto/runtimes.ts";
import { feature } from "./feature-schema.ts";
import { quantizationMethods } from "./quantization/quantization.ts";
import { parseImageOptions } from "./samples/image-options.ts";
import type { ImageOptions } from "./samples/image-options.ts";

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

const output = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("classification"),
    name: nameText,
    scores: z.enum(["logits", "probabilities"]),
    labels: z.array(nameText).min(2).max(limits.bins),
  }),
  z.strictObject({ kind: z.literal("regression"), name: nameText }),
  z.strictObject({
    kind: z.literal("sequence"),
    name: nameText,
    scores: z.enum(["logits", "probabilities"]),
    blank: z.int().min(0).default(0),
  }),
]);

const scalar = z.union([z.string().max(1_024), z.number(), z.boolean()]);
const parameters = z.record(nameText, z.union([scalar, z.array(scalar).max(4_096)]));

const digest = z.custom<Digest>(
  (value) => typeof value === "string" && isDigest(value),
  'must be a digest: "sha256:" and 64 hexadecimal digits',
);

const lineage = z.strictObject({
  parent: z.strictObject({ version: modelVersion, package: digest.optional() }).optional(),
  trainingData: z
    .array(z.strictObject({ reference: z.string().min(1).max(2_048), digest: digest.optional() }))
    .default([]),
  codeRevision: nameText.optional(),
  hyperParameters: z.record(nameText, scalar).default({}),
  metrics: z.record(nameText, z.number()).default({}),
  trainedBy: nameText.optional(),
  trainedAt: z.string().max(64).optional(),
});

const images = z.unknown().transform((value, context): ImageOptions => {
  const problems = new Problems();
  const options = parseImageOptions(value, "images", problems);
  for (const message of problems.list) context.issues.push({ code: "custom", message, input: value });
  return options ?? {};
});

const dimension = z
  .strictObject({ name: nameText, min: z.int().min(0), max: z.int().min(0), typical: z.int().min(0) })
  .refine(({ min, max, typical }) => min <= typical && typical <= max, "needs min ≤ typical ≤ max");

const requirements = z.strictObject({
  architectures: z.array(nameText).min(1).optional(),
  cpuFlags: z.array(nameText).default([]),
  memoryBytes: z.int().min(0).default(0),
  /** The least version of the agent. */
  agentVersion: z.string().refine(isProgramVersion, "must be a version, such as 1.4.0").optional(),
});

/** The YAML's shape. File names become absolute: they are relative to `directory`. */
export function modelSpecSchema(directory: string) {
  const file = z
    .string()
    .min(1)
    .transform((name) => resolve(directory, name))
    .refine(isReadable, { error: ({ input }) => `there is no file ${String(input)}` });
  const input = z.strictObject({
    name: nameText,
    /** What drift is measured on: numbers read from each inference's input. */
    features: z.array(feature).max(limits.streams).default([]),
    /** .npy, [rows, ...shape of one inference]. Without it the samples of `samples.reference` or `samples.calibration` are taken. */
    reference: file.optional(),
    /** Every element of the file is divided by this: 255 for images stored as bytes. */
    divideBy: z.number().positive().default(1),
    /** .npy like the reference; without it the first rows of the reference are the golden inputs. */
    golden: file.optional(),
  });
  const ofAnyVariant = {
    id: z
      .string()
      .regex(/^[A-Za-z0-9_+-][A-Za-z0-9._+-]{0,63}$/, 'must be letters, digits, ".", "_", "+" and "-", at most 64'),
    precision: nameText.max(64).optional(),
    runtimes: z
      .array(nameText)
      .min(1)
      .default([...onnxRuntimes]),
    requires: requirements.optional(),
    /** Largest difference to the golden outputs; measured and widened when it is not given. */
    maxDifference: z.number().positive().optional(),
    /** Left out, with its reason in the report, when it does not pass; otherwise the whole package is refused. */
    optional: z.boolean().default(false),
  };
  const givenVariant = z.strictObject({ ...ofAnyVariant, file });
  const madeVariant = z.strictObject({
    ...ofAnyVariant,
    method: z.enum(["float32", ...quantizationMethods]),
    perTensor: z.boolean().default(false),
    reduceRange: z.boolean().default(false),
    calibrationMethod: z.enum(["auto", "minmax", "percentile", "entropy"]).default("auto"),
    percentile: z.number().min(50).max(100).default(99.99),
    exclude: z.array(nameText).default([]),
    /** At most so many nodes stay float because a search finds them harmful. */
    autoExclude: z.int().min(0).max(1_000).default(0),
    blockSize: z.int().min(1).default(32),
  });
  const samplePath = z
    .string()
    .min(1)
    .transform((name) => resolve(directory, name))
    .refine(isReadable, { error: ({ input }) => `there is no file or directory ${String(input)}` });
  const samples = z.strictObject({
    /** What activations are measured on while a variant is quantized. */
    calibration: samplePath.optional(),
    /** What variants are judged by: none of them may be among those to calibrate with. */
    heldOut: samplePath.optional(),
    /** What drift is measured against; without it those to calibrate with. */
    reference: samplePath.optional(),
    images: images.optional(),
    labelColumn: nameText.optional(),
    /** .npy of one class index for each row of a held-out .npy file. */
    heldOutLabels: file.optional(),
    divideBy: z.record(nameText, z.number().positive()).default({}),
  });
  const quality = z.strictObject({
    /** accuracy, agreement, error-rate, mean-absolute-error, root-mean-square-error, relative-error, intersection-over-union,
     * character-error-rate, word-error-rate, or a module of one's own ("./metric.mjs"). */
    metric: z.string().min(1).optional(),
    /** By how much a variant may be worse than the float model, in the metric's unit (0.01 of a share is one point). */
    tolerance: z.number().min(0).optional(),
    /** One symbol a line, for texts; the blank is not among them. */
    alphabet: file.optional(),
    threshold: z.number().default(0.5),
  });
  return z.strictObject({
    name: modelName,
    version: modelVersion,
    inputs: z.array(input).min(1).max(64),
    output,
    /** The trained float model that variants are made from. */
    model: file.optional(),
    description: z.string().max(10_000).optional(),
    license: nameText.optional(),
    authors: z.array(nameText).max(64).default([]),
    source: z.string().max(2_048).optional(),
    lineage: lineage.prefault({}),
    dimensions: z.array(dimension).max(64).default([]),
    processing: z
      .array(z.strictObject({ tensor: nameText, operation: nameText, parameters: parameters.default({}) }))
      .max(64)
      .default([]),
    state: z
      .array(z.strictObject({ input: nameText, output: nameText }))
      .max(64)
      .default([]),
    samples: samples.prefault({}),
    quality: quality.prefault({}),
    variants: z
      .array(z.union([givenVariant, madeVariant]))
      .min(1)
      .max(32)
      .optional(),
    /** Which variant devices try first, where a float model is named: the one measured as the fastest, or the one written first. */
    order: z.enum(["measured", "written"]).default("measured"),
    warmUpRuns: z.int().min(0).max(1_000).default(1),
    reference: z
      .strictObject({
        /** .npy of one class index for each row: gives each variant its accuracy. */
        labels: file.optional(),
        bins: z.int().min(2).max(256).default(16),
      })
      .prefault({}),
    /** How many golden inputs are taken. */
    goldenRows: z.int().min(1).max(256).default(8),
    /** When an inference is stopped; where it is left out, it follows from what was measured. */
    maxInferenceMs: z.number().positive().max(600_000).optional(),
  });
}

async function isReadable(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  );
}
