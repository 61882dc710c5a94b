import { stat } from "node:fs/promises";
import { basename } from "node:path";
import type { TensorSpec } from "../../../proto/manifest.ts";
import { Problems } from "../../../proto/problems.ts";
import { decodeModel } from "../onnx/decode.ts";
import type { Progress } from "../progress.ts";
import { readModelFile } from "../read-model-file.ts";
import { checkSamples } from "../samples/checked-samples.ts";
import type { SampleOptions } from "../samples/open-samples.ts";
import { openSamples } from "../samples/open-samples.ts";
import { digestOf, inspectOrNote, tensorSpec } from "../variant-file.ts";
import { writeFileAtomically } from "../write-atomically.ts";
import type { CalibrationSettings } from "./calibrate.ts";
import { DistanceToFloat } from "./distance-to-float.ts";
import type { QuantizationReport } from "./quantization.ts";
import { QuantizationError } from "./quantization.ts";
import { encodeRanges, readRanges } from "./ranges-file.ts";
import { scalesOf } from "./stored-weight-names.ts";
import type { VariantRecipe } from "./variant-builder.ts";
import { VariantBuilder } from "./variant-builder.ts";

export interface QuantizeRequest {
  readonly file: string;
  readonly out: string;
  readonly recipe: VariantRecipe;
  /** Samples to calibrate with, and to compare with the float model; undefined where the method needs none. */
  readonly calibration: string | undefined;
  readonly sampleOptions: SampleOptions;
  /** A quantized file of the parent version: its scales are kept where they still fit. */
  readonly base: string | undefined;
  /** Reads the ranges from this file when it is there, and writes them to it otherwise. */
  readonly rangesFile: string | undefined;
}

export interface QuantizeResult {
  readonly file: string;
  readonly out: string;
  readonly digest: string;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly samples: number;
  readonly calibration: CalibrationSettings | undefined;
  readonly excluded: readonly string[];
  /** Relative error of the outputs against the float model on the calibration samples; undefined without samples. */
  readonly relativeError: number | undefined;
  readonly report: QuantizationReport;
}

/**
 * Quantizes a model file. What is written has been loaded by onnxruntime, and run on the samples where there are any. Rejects with
 * QuantizationError, SamplesError, OnnxFormatError, ModelRunError or the signal's reason; then nothing is written.
 */
export async function quantizeFile(
  request: QuantizeRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<QuantizeResult> {
  const { file, out, calibration } = request;
  const source = await readModelFile(file);
  const inputs = acceptedInputs(source, file);
  const samples = calibration === undefined ? undefined : await openSamples(calibration, inputs, request.sampleOptions);
  if (samples !== undefined) await checkSamples(calibration as string, samples, inputs, progress, signal);
  const { rangesFile } = request;
  const known = rangesFile !== undefined && (await isThere(rangesFile)) ? await readRanges(rangesFile) : undefined;
  const baseScales = request.base === undefined ? undefined : scalesOf(decodeModel(await readModelFile(request.base)));
  const builder = new VariantBuilder(decodeModel(source), samples, progress, signal);
  const { recipe } = request;
  const built = await builder.build({ ...recipe, ranges: known, options: { ...recipe.options, baseScales } });
  const relativeError =
    samples === undefined ? undefined : await (await DistanceToFloat.open(source, samples, signal)).of(built.bytes);
  if (relativeError === Number.POSITIVE_INFINITY)
    throw new QuantizationError("onnxruntime cannot run the quantized model; please report the model it was made from");
  await writeFileAtomically(out, built.bytes, signal);
  if (rangesFile !== undefined && known === undefined && built.ranges !== undefined)
    await writeFileAtomically(rangesFile, Buffer.from(encodeRanges(built.ranges)), signal);
  return {
    file: basename(file),
    out,
    digest: digestOf(built.bytes),
    bytesBefore: source.length,
    bytesAfter: built.bytes.length,
    samples: samples?.count ?? 0,
    calibration: built.calibration,
    excluded: built.options.exclude,
    relativeError,
    report: built.report,
  };
}

function acceptedInputs(bytes: Uint8Array, file: string): readonly TensorSpec[] {
  const problems = new Problems();
  const inspection = inspectOrNote(bytes, file, problems);
  if (inspection === undefined) throw new QuantizationError(problems.list.join("\n"));
  return inspection.inputs.map(tensorSpec);
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
