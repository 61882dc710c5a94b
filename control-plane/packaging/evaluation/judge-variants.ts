import type { Tensor } from "../../../proto/tensors.ts";
import { mebibytes, seconds } from "../../../proto/units.ts";
import { ModelRunError } from "../child-conversation.ts";
import type { ModelChild } from "../model-child.ts";
import { startModelChild } from "../model-child.ts";
import type { Progress } from "../progress.ts";
import type { QualityGate } from "../quality-metric.ts";
import { withModelFile } from "../run-variant.ts";
import type { SampleSet } from "../samples/sample-set.ts";
import type { Judgement } from "./judge-variant.ts";
import { judgeVariant } from "./judge-variant.ts";
import type { TaskMetric } from "./task-metric.ts";
import type { Timed } from "./measure-latency.ts";
import { measureLatency } from "./measure-latency.ts";

export interface CandidateModel {
  readonly id: string;
  readonly bytes: Uint8Array;
}

export interface JudgedModel {
  readonly id: string;
  /** Undefined for a model that onnxruntime cannot load or run; `failure` says why. */
  readonly judgement: Judgement | undefined;
  readonly failure: string | undefined;
  readonly timed: Timed | undefined;
}

/**
 * Runs every model on samples that had no part in making it, judges each against the float model, and times those that can be run, in
 * turns. Rejects with MetricError, or with the signal's reason.
 */
export async function judgeVariants(
  models: readonly CandidateModel[],
  float: CandidateModel,
  samples: SampleSet,
  gate: QualityGate,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly JudgedModel[]> {
  const judged = await judgeQuality(models, float, samples, gate, progress, signal);
  return timeJudged(models, judged, samples, progress, signal);
}

/** Judges without timing. A model with the very bytes of the float model is that model, whatever it is called. */
export async function judgeQuality(
  models: readonly CandidateModel[],
  float: CandidateModel,
  samples: SampleSet,
  { metric, tolerance }: QualityGate,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly JudgedModel[]> {
  const floatValue = await valueOf(float, float, metric, samples, progress, signal);
  const judged: JudgedModel[] = [];
  for (const model of models)
    try {
      const isFloat = model.bytes === float.bytes;
      const value = isFloat ? floatValue : await valueOf(model, float, metric, samples, progress, signal);
      const judgement = judgeVariant(metric, floatValue, value, tolerance, samples.count);
      judged.push({ id: model.id, judgement, failure: undefined, timed: undefined });
    } catch (error) {
      if (!(error instanceof ModelRunError)) throw error;
      judged.push({ id: model.id, judgement: undefined, failure: error.message, timed: undefined });
    }
  return judged;
}

/** Times the models that could be run, in turns, on the first sample. `judged` are theirs, in the same order. */
export async function timeJudged(
  models: readonly CandidateModel[],
  judged: readonly JudgedModel[],
  samples: SampleSet,
  progress: Progress,
  signal: AbortSignal,
): Promise<readonly JudgedModel[]> {
  const runnable = models.filter((_model, i) => judged[i]?.judgement !== undefined);
  const timed = await timeAll(runnable, (await samples.read(0)).inputs, progress, signal);
  return judged.map((one) => ({ ...one, timed: timed.get(one.id) }));
}

/** Both models side by side, sample by sample: nothing is kept of a sample once it has been judged. */
async function valueOf(
  model: CandidateModel,
  float: CandidateModel,
  metric: TaskMetric,
  samples: SampleSet,
  progress: Progress,
  signal: AbortSignal,
): Promise<number> {
  await using child = await started(model, signal);
  await using floatChild = model.bytes === float.bytes ? undefined : await started(float, signal);
  const sum = metric.start();
  progress.begin(`judging ${model.id}`, samples.count);
  for (let i = 0; i < samples.count; i++) {
    const { name, inputs, outputs: expected, label } = await samples.read(i);
    const outputs = await child.run(inputs);
    const reference = floatChild === undefined ? outputs : await floatChild.run(inputs);
    sum.add({ name, inputs, outputs, reference, expected, label });
    progress.advance(i + 1);
  }
  progress.end();
  return sum.value();
}

async function timeAll(
  models: readonly CandidateModel[],
  inputs: readonly Tensor[],
  progress: Progress,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Timed>> {
  const children: ModelChild[] = [];
  try {
    for (const model of models) children.push(await started(model, signal));
    const timed = await measureLatency(children, inputs, (round, of) => {
      if (round === 1) progress.begin("timing", of);
      progress.advance(round);
    });
    progress.end();
    return new Map(models.map(({ id }, i) => [id, timed[i] as Timed]));
  } finally {
    await Promise.all(children.map((child) => child[Symbol.asyncDispose]()));
  }
}

/** The file is needed only until the model is loaded. */
function started({ bytes }: CandidateModel, signal: AbortSignal): Promise<ModelChild> {
  const limits = { loadMs: seconds(60), runMs: seconds(60), memoryBytes: mebibytes(1_024) + 8 * bytes.length };
  return withModelFile(bytes, signal, (file) => startModelChild(file, limits, signal));
}
