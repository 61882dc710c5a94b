/**
 * The child process that calibrates: it runs a model whose inner values are outputs, and keeps only a histogram of each. However many
 * samples there are, it takes the memory of one.
 */
import type { Tensor as RuntimeTensor } from "onnxruntime-node";
import { InferenceSession } from "onnxruntime-node";
import type { Tensor } from "../../../proto/tensors.ts";
import { mebibytes } from "../../../proto/units.ts";
import { answerQuestions } from "../answer-questions.ts";
import { runtimeTensor } from "../runtime-tensor.ts";
import type { ActivationHistogram } from "./activation-histogram.ts";
import { HistogramBuilder } from "./activation-histogram.ts";
import { ChannelMeans } from "./channel-means.ts";
import type { CalibrationAnswer, CalibrationQuestion } from "./calibration-messages.ts";
import type { ObservedSize } from "./observation-groups.ts";
import { observationGroups } from "./observation-groups.ts";

/** What the values of one run may take. Those of the run before may still wait to be collected. */
const budgetBytes = mebibytes(128);

let session: InferenceSession | undefined;
const histograms = new Map<string, HistogramBuilder>();
const channelMeans = new Map<string, ChannelMeans>();
const sizes = new Map<string, ObservedSize>();

async function answerTo(question: CalibrationQuestion): Promise<CalibrationAnswer> {
  switch (question.kind) {
    case "load":
      for (const value of question.values) histograms.set(value, new HistogramBuilder());
      for (const value of question.means) channelMeans.set(value, new ChannelMeans());
      session = await InferenceSession.create(question.file, {
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        executionMode: "sequential",
        // Optimized away, a value could not be observed; and the kernels of other processors would be others.
        graphOptimizationLevel: "disabled",
        logSeverityLevel: 3,
      });
      return { kind: "loaded" };
    case "observe":
      return { kind: "observed", notFinite: await observe(question.inputs) };
    case "histograms":
      return { kind: "histograms", histograms: [...histograms.keys()].map(histogramOf) };
  }
}

/** Answers the first value that is infinite or no number. */
async function observe(inputs: readonly Tensor[]): Promise<string | undefined> {
  if (session === undefined) throw new Error("no model is loaded");
  const feeds = Object.fromEntries(inputs.map((input) => [input.name, runtimeTensor(input)]));
  const inputBytes = inputs.reduce((sum, { rawData }) => sum + rawData.length, 0);
  const values = [...histograms.keys()];
  for (const name of values) {
    const input = feeds[name];
    if (input?.type === "float32" && !isNumbers(name, input)) return name;
  }
  const computed = values.filter((name) => feeds[name] === undefined);
  for (const group of observationGroups(computed, sizes, inputBytes, budgetBytes)) {
    const results = await session.run(feeds, [...group]);
    for (const name of group) {
      const result = results[name];
      const isFloat = result?.type === "float32";
      sizes.set(name, { bytes: isFloat ? 4 * result.size : 0, inputBytes });
      if (isFloat && !isNumbers(name, result)) return name;
    }
  }
  return undefined;
}

/** Counts the values; false, and nothing is counted, where one is infinite or no number. */
function isNumbers(name: string, { data, dims }: RuntimeTensor): boolean {
  if (histograms.get(name)?.add(data as Float32Array) === false) return false;
  channelMeans.get(name)?.add(data as Float32Array, dims);
  return true;
}

function histogramOf(name: string): ActivationHistogram | undefined {
  const histogram = histograms.get(name)?.histogram();
  const means = channelMeans.get(name)?.means();
  return histogram === undefined || means === undefined ? histogram : { ...histogram, channelMeans: means };
}

answerQuestions(answerTo);
