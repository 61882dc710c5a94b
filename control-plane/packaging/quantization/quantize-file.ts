import { stat } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import type { Digest } from "../../../proto/ids.ts";
import type { TensorSpec } from "../../../proto/manifest.ts";
import { Problems } from "../../../proto/problems.ts";
import { decodeModel } from "../onnx/decode.ts";
import type { ModelProto } from "../onnx/model.ts";
import { OnnxFormatError } from "../onnx/onnx-format-error.ts";
import type { Progress } from "../progress.ts";
import { readModelFile } from "../read-model-file.ts";
import { checkSamples } from "../samples/checked-samples.ts";
import type { SampleOptions } from "../samples/open-samples.ts";
import { openSamples } from "../samples/open-samples.ts";
import { SamplesError } from "../samples/sample-set.ts";
import { digestOf, inspectOrNote, tensorSpec } from "../variant-file.ts";
import { writeFileAtomically } from "../write-atomically.ts";
import type { CalibrationSettings } from "./calibration-settings.ts";
import { openFloatModel } from "./float-model.ts";
import type { QuantizationOptions, QuantizationReport } from "./quantization.ts";
import { QuantizationError } from "./quantization.ts";
import type { RangesFile } from "./ranges-file.ts";
import { encodeRanges, readRanges } from "./ranges-file.ts";
import { activationsToCalibrate } from "./static-int8.ts";
import { scalesOf } from "./stored-weight-names.ts";
import type { VariantRecipe } from "./variant-recipe.ts";
import { VariantBuilder } from "./variant-builder.ts";
import { farNotes } from "./variant-notes.ts";

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
  /** The result is written here too, as JSON. */
  readonly reportFile: string | undefined;
  /** The program that quantizes: "sedge 0.1.0". */
  readonly tool: string;
}

/** What was made from what and how: enough to make the same bytes again. */
export interface QuantizeResult {
  readonly file: string;
  readonly from: Digest;
  readonly out: string;
  readonly digest: Digest;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  readonly tool: string;
  readonly options: Omit<QuantizationOptions, "baseScales">;
  /** The quantized file whose scales were kept. */
  readonly base: Digest | undefined;
  readonly samples: number;
  readonly calibration: CalibrationSettings | undefined;
  readonly excluded: readonly string[];
  /** Relative error of the outputs against the float model on the samples; undefined without samples. */
  readonly relativeError: number | undefined;
  readonly report: QuantizationReport;
}

/**
 * Quantizes a model file. What is written has been run by onnxruntime (float-model.ts). Rejects with QuantizationError, SamplesError,
 * ModelRunError or the signal's reason; then no model is written.
 */
export async function quantizeFile(
  request: QuantizeRequest,
  progress: Progress,
  signal: AbortSignal,
): Promise<QuantizeResult> {
  const { file, out, calibration, recipe, rangesFile, reportFile, tool } = request;
  await checkPlaces(request);
  const source = await readNamedModel(file, signal);
  const inputs = acceptedInputs(source, file);
  checkDivisors(request.sampleOptions, inputs);
  const model = decodeModel(source);
  const from = digestOf(source);
  const known = rangesFile === undefined ? undefined : await readRanges(rangesFile);
  const knownNotes = known === undefined ? [] : notesOnRanges(known, from, model, rangesFile ?? "");
  const base = request.base === undefined ? undefined : await readBase(request.base, signal);

  const samples = calibration === undefined ? undefined : await openSamples(calibration, inputs, request.sampleOptions);
  if (samples !== undefined) await checkSamples(calibration ?? "", samples, inputs, progress, signal);
  const float = await openFloatModel(source, inputs, samples, signal);
  const builder = new VariantBuilder(model, samples, progress, signal);
  const options = { ...recipe.options, baseScales: base?.scales };
  const built = await builder.build({ ...recipe, ranges: known?.ranges, options });
  const relativeError = await float.errorOf(built.bytes);

  const settings = known?.calibration ?? built.calibration;
  const { method, perChannel, reduceRange, exclude, blockSize } = built.options;
  const result: QuantizeResult = {
    file: basename(file),
    from,
    out,
    digest: digestOf(built.bytes),
    bytesBefore: source.length,
    bytesAfter: built.bytes.length,
    tool,
    options: { method, perChannel, reduceRange, exclude, blockSize },
    base: base?.digest,
    samples: known?.samples ?? samples?.count ?? 0,
    calibration: settings,
    excluded: exclude,
    relativeError,
    report: { ...built.report, notes: [...farNotes(recipe, relativeError), ...knownNotes, ...built.report.notes] },
  };
  if (rangesFile !== undefined && known === undefined && built.ranges !== undefined && settings !== undefined) {
    const found = { model: from, calibration: settings, samples: result.samples, ranges: built.ranges };
    await writeFileAtomically(rangesFile, encodeRanges(found), signal);
  }
  if (reportFile !== undefined)
    await writeFileAtomically(reportFile, Buffer.from(`${JSON.stringify(result, undefined, 2)}\n`), signal);
  // Last: where the model is, the rest is too.
  await writeFileAtomically(out, built.bytes, signal);
  return result;
}

/** What can be known to fail before minutes are spent. */
async function checkPlaces({ file, base, out, rangesFile, reportFile }: QuantizeRequest): Promise<void> {
  const taken = new Map([[resolve(file), "is the float model itself"]]);
  if (base !== undefined) taken.set(resolve(base), "is the quantized file of the parent version");
  for (const path of [out, rangesFile, reportFile]) {
    if (path === undefined) continue;
    const whole = resolve(path);
    const what = taken.get(whole);
    if (what !== undefined) throw new QuantizationError(`${path} ${what}: write to another file`);
    taken.set(whole, "is named twice");
    const directory = await stat(dirname(whole)).catch(() => undefined);
    if (directory?.isDirectory() !== true)
      throw new QuantizationError(`${path} cannot be written: there is no directory ${dirname(whole)}`);
    const found = await stat(whole).catch(() => undefined);
    if (found?.isDirectory() === true)
      throw new QuantizationError(`${path} cannot be written: it is a directory; name a file`);
  }
}

/** A divisor of no input is a misspelt one: the input would be taken as it is. */
function checkDivisors({ divideBy = {} }: SampleOptions, inputs: readonly TensorSpec[]): void {
  const names = inputs.map(({ name }) => name);
  const unknown = Object.keys(divideBy).filter((name) => !names.includes(name));
  if (unknown.length === 0) return;
  const problems = unknown.map((name) => `the model has no input "${name}" to divide; it has ${names.join(", ")}`);
  throw new SamplesError("the calibration set", problems);
}

async function readNamedModel(file: string, signal: AbortSignal): Promise<Uint8Array> {
  return readModelFile(file, signal).catch((cause: unknown) => {
    if (!(cause instanceof OnnxFormatError)) throw cause;
    throw new QuantizationError(`${file} is not an ONNX model: ${cause.message}`, { cause });
  });
}

function acceptedInputs(bytes: Uint8Array, file: string): readonly TensorSpec[] {
  const problems = new Problems();
  const inspection = inspectOrNote(bytes, file, problems);
  if (inspection === undefined) throw new QuantizationError(problems.list.join("\n"));
  return inspection.inputs.map(tensorSpec);
}

async function readBase(file: string, signal: AbortSignal) {
  const bytes = await readNamedModel(file, signal);
  const scales = scalesOf(decodeModel(bytes));
  if (scales.size === 0)
    throw new QuantizationError(
      `${file} holds no int8 weights with scales: name the quantized file of the parent version`,
    );
  return { digest: digestOf(bytes), scales };
}

/** Ranges of another model may do, as those of a parent version do, if there is one for every value. */
function notesOnRanges(
  { model: calibrated, ranges }: RangesFile,
  digest: Digest,
  model: ModelProto,
  file: string,
): readonly string[] {
  if (calibrated === digest) return [];
  const missing = activationsToCalibrate(model).values.filter((value) => !ranges.has(value));
  if (missing.length > 0)
    throw new QuantizationError(
      `${file} was made from another model (${calibrated}): it has no range for ${missing.length} values, such as "${missing[0]}"; calibrate this model instead`,
    );
  return [`the ranges in ${file} were found with another model, ${calibrated}`];
}
