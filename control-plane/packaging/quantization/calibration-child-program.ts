/**
 * The child process that calibrates: it runs a model whose inner values are outputs, and keeps of each value only its extremes and a
 * histogram. However many samples there are, it takes the memory of one.
 */
import { InferenceSession } from "onnxruntime-node";
import type { Tensor } from "../../../proto/messages.ts";
import { answerQuestions } from "../answer-questions.ts";
import { runtimeTensor } from "../runtime-tensor.ts";
import type { Extremes } from "./activation-statistics.ts";
import { binOf, histogramBins, peakOf } from "./activation-statistics.ts";
import type { CalibrationAnswer, CalibrationQuestion } from "./calibration-messages.ts";

/** Values that are asked for in one run of the model: all of a large one together could be gigabytes. */
const valuesPerRun = 64;

let session: InferenceSession | undefined;
let values: readonly string[] = [];
const extremes = new Map<string, Extremes>();
const notFinite = new Set<string>();
const histograms = new Map<string, Float64Array>();

async function answerTo(question: CalibrationQuestion): Promise<CalibrationAnswer> {
  switch (question.kind) {
    case "load":
      values = question.values;
      session = await InferenceSession.create(question.file, {
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        executionMode: "sequential",
        // Optimized away, a value could not be observed; and the kernels of other processors would be others.
        graphOptimizationLevel: "disabled",
        logSeverityLevel: 3,
      });
      return { kind: "done" };
    case "extremes":
      await observe(question.inputs, widen);
      return { kind: "done" };
    case "end-extremes":
      for (const [name, found] of extremes)
        if (peakOf(found) > 0) histograms.set(name, new Float64Array(histogramBins));
      return { kind: "extremes", extremes: values.map((name) => extremes.get(name)), notFinite: [...notFinite] };
    case "histograms":
      await observe(question.inputs, count);
      return { kind: "done" };
    case "end-histograms":
      return { kind: "histograms", counts: values.map((name) => histograms.get(name)) };
  }
}

async function observe(inputs: readonly Tensor[], look: (name: string, data: Float32Array) => void): Promise<void> {
  if (session === undefined) throw new Error("no model is loaded");
  const feeds = Object.fromEntries(inputs.map((input) => [input.name, runtimeTensor(input)]));
  for (const name of values) {
    const input = feeds[name];
    if (input?.type === "float32") look(name, input.data as Float32Array);
  }
  const made = values.filter((name) => feeds[name] === undefined);
  for (let from = 0; from < made.length; from += valuesPerRun) {
    const results = await session.run(feeds, made.slice(from, from + valuesPerRun));
    for (const [name, tensor] of Object.entries(results))
      if (tensor.type === "float32") look(name, tensor.data as Float32Array);
  }
}

function widen(name: string, data: Float32Array): void {
  const before = extremes.get(name);
  let min = before?.min ?? Number.POSITIVE_INFINITY;
  let max = before?.max ?? Number.NEGATIVE_INFINITY;
  for (const value of data) {
    if (value < min) min = value;
    if (value > max) max = value;
    if (Number.isNaN(value)) notFinite.add(name);
  }
  if (data.length === 0) return;
  if (!Number.isFinite(min) || !Number.isFinite(max)) notFinite.add(name);
  else extremes.set(name, { min, max });
}

function count(name: string, data: Float32Array): void {
  const found = extremes.get(name);
  const counts = histograms.get(name);
  if (found === undefined || counts === undefined) return;
  const peak = peakOf(found);
  for (const value of data) {
    const bin = binOf(value, peak);
    counts[bin] = (counts[bin] as number) + 1;
  }
}

answerQuestions(answerTo);
