import { mebibytes, seconds } from "../../../proto/units.ts";
import { ChildConversation, forkChild } from "../child-conversation.ts";
import { childProgram } from "../child-program.ts";
import { encodeModelChunks } from "../onnx/encode.ts";
import { withOutputs } from "../onnx/graph/with-outputs.ts";
import type { Progress } from "../progress.ts";
import { withModelFile } from "../run-variant.ts";
import type { SampleSet } from "../samples/sample-set.ts";
import { SamplesError } from "../samples/sample-set.ts";
import type { ActivationHistogram } from "./activation-histogram.ts";
import { activationRange } from "./activation-range.ts";
import type { CalibrationAnswer, CalibrationQuestion } from "./calibration-messages.ts";
import type { CalibrationSettings } from "./calibration-settings.ts";
import type { ActivationRanges } from "./quantization.ts";
import { QuantizationError } from "./quantization.ts";
import { SamenessWatch } from "./sameness-watch.ts";
import type { ToCalibrate } from "./static-int8.ts";

const runMs = seconds(60);
const loadMs = seconds(60);

/**
 * Runs the samples through the float model, in a process of its own, and keeps a histogram of each value: from those the ranges follow by
 * any method (rangesBy). Each sample is read once, and memory does not grow with their number.
 *
 * Rejects with SamplesError when there are no samples, or all are alike or of one class; with QuantizationError when the model computes
 * a value that is infinite or no number; with ModelRunError; or with the signal's reason.
 */
export async function calibrate(
  { model, values, means }: ToCalibrate,
  samples: SampleSet,
  progress: Progress,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ActivationHistogram>> {
  const chunks = encodeModelChunks(withOutputs(model, values));
  const memoryBytes = mebibytes(2_048) + 8 * chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return withModelFile(chunks, signal, async (file) => {
    await using child = new ChildConversation<CalibrationQuestion, CalibrationAnswer>(
      forkChild(childProgram(import.meta.url, "calibration-child-program")),
      memoryBytes,
      signal,
    );
    await child.ask({ kind: "load", file, values, means }, loadMs, "loading the model");
    await observeAll(child, samples, progress, signal);
    const answer = await child.ask({ kind: "histograms" }, runMs, "collecting the histograms");
    const histograms = answer.kind === "histograms" ? answer.histograms : [];
    return new Map(
      values.flatMap((value, i) => {
        const histogram = histograms[i];
        return histogram === undefined ? [] : [[value, histogram]];
      }),
    );
  });
}

export function rangesBy(
  histograms: ReadonlyMap<string, ActivationHistogram>,
  { method, percentile }: CalibrationSettings,
): ActivationRanges {
  return new Map([...histograms].map(([value, seen]) => [value, activationRange(seen, method, percentile)]));
}

async function observeAll(
  child: ChildConversation<CalibrationQuestion, CalibrationAnswer>,
  samples: SampleSet,
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const sameness = new SamenessWatch();
  progress.begin("calibrating", samples.count);
  try {
    for (let i = 0; i < samples.count; i++) {
      signal.throwIfAborted();
      const sample = await samples.read(i);
      sameness.look(sample);
      const what = `calibrating with sample ${i} (${sample.name})`;
      const answer = await child.ask({ kind: "observe", inputs: sample.inputs }, runMs, what);
      if (answer.kind === "observed" && answer.notFinite !== undefined)
        throw new QuantizationError(
          `the float model itself computes an infinite value, or one that is no number, in "${answer.notFinite}" from sample ${i} (${sample.name}); it cannot be calibrated`,
        );
      progress.advance(i + 1);
    }
  } finally {
    progress.end();
  }
  const problems = sameness.problems();
  if (problems.length > 0) throw new SamplesError("the calibration set", problems);
}
