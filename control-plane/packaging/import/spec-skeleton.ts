import { stringify } from "yaml";
import type { Lineage } from "../../../proto/manifest.ts";
import {
  imageStatistics,
  shareStatistics,
  signalStatistics,
  spectralStatistics,
  valueStatistics,
} from "../../../proto/measures/measure.ts";
import { inspectModel } from "../onnx/inspect.ts";
import type { InspectedTensor } from "../onnx/inspect.ts";
import { OnnxFormatError } from "../onnx/onnx-format-error.ts";
import { FetchError } from "./fetch-limited.ts";

export interface KnownOfModel {
  readonly name: string;
  readonly version: string;
  /** Relative to the specification. */
  readonly modelFile: string;
  readonly modelBytes: Uint8Array;
  readonly description: string | undefined;
  readonly source: string | undefined;
  readonly lineage: Lineage;
}

/** The specification of a model as far as it is known, with a comment wherever a person must say more. */
export function specSkeleton(known: KnownOfModel): string {
  const { inputs, outputs } = inspected(known.modelBytes);
  const { name, version, modelFile, description, source, lineage } = known;
  const said = stringify({ name, version, model: modelFile });
  const about = stringify(withoutNothing({ description, source }));
  const from = stringify({
    lineage: withoutNothing({
      trainingData:
        lineage.trainingData.length > 0 ? lineage.trainingData.map((one) => withoutNothing(one)) : undefined,
      codeRevision: lineage.codeRevision,
      hyperParameters: nonEmpty(lineage.hyperParameters),
      metrics: nonEmpty(lineage.metrics),
      trainedBy: lineage.trainedBy,
      trainedAt: lineage.trainedAt,
    }),
  });
  return [
    said,
    about === "{}\n" ? "" : about,
    from === "lineage: {}\n" ? "" : from,
    "",
    "# What one inference takes. Features are the numbers that drift is watched on:",
    `#   of all values:    ${[...valueStatistics, "root-mean-square", ...shareStatistics].join(", ")}, column`,
    `#   of an image:      ${imageStatistics.join(", ")} (focus)`,
    `#   of sound, series: ${[...signalStatistics, ...spectralStatistics].join(", ")}`,
    "# each of one channel where `channel: 0` says so. Examples:",
    "#   - { name: too-dark, kind: share-outside, from: 0.02 }",
    "#   - { name: focus, kind: laplacian-variance, channel: 1 }",
    "#   - { name: hum, kind: band-energy, sampleRate: 16000, fromHz: 30, toHz: 80 }",
    stringify({
      inputs: inputs.map((input) => ({ name: input.name, features: [{ name: `${input.name}-mean`, kind: "mean" }] })),
    }),
    ...inputs.map((input) => `#   ${shown(input)}`),
    "",
    "# Samples: a directory of test_data_set_N/input_M.pb, .npy, .csv or images. The ones to judge by must not be among those to calibrate with.",
    "samples:",
    "  calibration: samples/calibration",
    "  heldOut: samples/held-out",
    "",
    "# What the outputs mean: classification (with labels), regression, or sequence.",
    ...outputs.map((output) => `#   ${shown(output)}`),
    stringify({ output: { kind: "regression", name: outputs[0]?.name ?? "" } }),
  ].join("\n");
}

function inspected(bytes: Uint8Array) {
  try {
    return inspectModel(bytes);
  } catch (cause) {
    if (cause instanceof OnnxFormatError)
      throw new FetchError(`what was fetched is no ONNX model: ${cause.message}`, { cause });
    throw cause;
  }
}

function shown({ name, dataType, shape }: InspectedTensor): string {
  return `${name}: ${dataType ?? "unknown"}[${(shape ?? ["no shape"]).join(", ")}]`;
}

function withoutNothing(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));
}

function nonEmpty<T>(record: Readonly<Record<string, T>>): Readonly<Record<string, T>> | undefined {
  return Object.keys(record).length === 0 ? undefined : record;
}
