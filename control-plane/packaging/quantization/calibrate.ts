import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mebibytes, seconds } from "../../../proto/units.ts";
import { ChildConversation, forkChild } from "../child-conversation.ts";
import { childProgram } from "../child-program.ts";
import { encodedBytes, encodeModelChunks } from "../onnx/encode.ts";
import { withOutputs } from "../onnx/graph/with-outputs.ts";
import type { Progress } from "../progress.ts";
import type { SampleSet } from "../samples/sample-set.ts";
import { SamplesError } from "../samples/sample-set.ts";
import { writeFileAtomically } from "../write-atomically.ts";
import type { Extremes } from "./activation-statistics.ts";
import { activationRange } from "./activation-statistics.ts";
import type { CalibrationAnswer, CalibrationQuestion } from "./calibration-messages.ts";
import type { ActivationRange, ActivationRanges, CalibrationMethod } from "./quantization.ts";
import { QuantizationError } from "./quantization.ts";
import type { ToCalibrate } from "./static-int8.ts";

export interface CalibrationSettings {
  readonly method: CalibrationMethod;
  /** Of the percentile method, 50 to 100. */
  readonly percentile: number;
}

export const defaultPercentile = 99.99;
const runMs = seconds(60);
const loadMs = seconds(60);

/** What was observed once, from which the ranges of every method follow. */
export interface CalibrationRecord {
  /** Without them every method is minmax. */
  readonly hasHistograms: boolean;
  rangesBy(settings: CalibrationSettings): ActivationRanges;
}

/**
 * Runs the samples through the float model, in a process of its own, and keeps extremes and a histogram of each value. With
 * `withHistograms` false the samples are read once, and only the method minmax can be asked for; otherwise twice.
 *
 * Rejects with SamplesError when there are no samples or all are alike, with QuantizationError when a value was infinite or no number,
 * with ModelRunError, or with the signal's reason.
 */
export async function calibrate(
  { model, values }: ToCalibrate,
  samples: SampleSet,
  withHistograms: boolean,
  progress: Progress,
  signal: AbortSignal,
): Promise<CalibrationRecord> {
  if (samples.count === 0) throw new SamplesError("the calibration set", ["there is no sample"]);
  const observable = withOutputs(model, values);
  const directory = await mkdtemp(join(tmpdir(), "sedge-calibration-"));
  const memoryBytes = mebibytes(2_048) + 8 * encodedBytes(observable);
  const program = childProgram(import.meta.url, "calibration-child-program");
  const file = join(directory, "model.onnx");
  try {
    await writeFileAtomically(file, encodeModelChunks(observable), signal);
    await using child = new ChildConversation<CalibrationQuestion, CalibrationAnswer>(
      forkChild(program),
      memoryBytes,
      signal,
    );
    await child.ask({ kind: "load", file, values }, loadMs, "loading the model");
    const seen = new AlikeWatch();
    await forEach(samples, "calibrating", progress, signal, async (inputs) => {
      seen.look(inputs);
      await child.ask({ kind: "extremes", inputs }, runMs, "one inference");
    });
    if (samples.count > 1 && seen.isAlike)
      throw new SamplesError("the calibration set", [`all ${samples.count} samples are the same`]);
    const first = await child.ask({ kind: "end-extremes" }, runMs, "collecting the ranges");
    if (first.kind !== "extremes") throw new QuantizationError("the process that calibrates gave a strange answer");
    if (first.notFinite.length > 0)
      throw new QuantizationError(
        `the float model computes values that are infinite or not a number, for example in "${first.notFinite[0]}"; it cannot be calibrated`,
      );
    if (!withHistograms) return recordOf(values, first.extremes, undefined);
    await forEach(samples, "counting", progress, signal, async (inputs) => {
      await child.ask({ kind: "histograms", inputs }, runMs, "one inference");
    });
    const second = await child.ask({ kind: "end-histograms" }, runMs, "collecting the histograms");
    return recordOf(values, first.extremes, second.kind === "histograms" ? second.counts : undefined);
  } finally {
    progress.end();
    await rm(directory, { recursive: true, force: true });
  }
}

function recordOf(
  values: readonly string[],
  extremes: readonly (Extremes | undefined)[],
  counts: readonly (Float64Array | undefined)[] | undefined,
): CalibrationRecord {
  return {
    hasHistograms: counts !== undefined,
    rangesBy({ method, percentile }) {
      const ranges = new Map<string, ActivationRange>();
      for (const [i, name] of values.entries()) {
        const found = extremes[i];
        if (found === undefined) continue;
        const histogram = counts?.[i];
        if (histogram === undefined) ranges.set(name, activationRange({ extremes: found, counts: none }, "minmax", 0));
        else ranges.set(name, activationRange({ extremes: found, counts: histogram }, method, percentile));
      }
      return ranges;
    },
  };
}

const none = new Float64Array();

async function forEach(
  samples: SampleSet,
  label: string,
  progress: Progress,
  signal: AbortSignal,
  look: (inputs: Awaited<ReturnType<SampleSet["read"]>>["inputs"]) => Promise<void>,
): Promise<void> {
  progress.begin(label, samples.count);
  for (let i = 0; i < samples.count; i++) {
    signal.throwIfAborted();
    const sample = await samples.read(i);
    await look(sample.inputs);
    progress.advance(i + 1);
  }
}

/** Notices a calibration set that is one sample many times: its ranges would fit nothing else. */
class AlikeWatch {
  #first: readonly Uint8Array[] | undefined;
  isAlike = true;

  look(inputs: readonly { readonly rawData: Uint8Array }[]): void {
    const bytes = inputs.map(({ rawData }) => rawData);
    if (this.#first === undefined) this.#first = bytes;
    else if (this.isAlike) this.isAlike = bytes.every((one, i) => Buffer.compare(one, this.#first?.[i] ?? one) === 0);
  }
}
