import { wilsonInterval } from "../../domain/rollout/wilson-interval.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import { tensorValue } from "../../../proto/tensor-value.ts";
import type { StreamDistance } from "../../domain/version-comparison/stream-distance.ts";
import type { TaskMetric } from "../evaluation/task-metric.ts";
import type { ModelChild } from "../model-child.ts";
import type { Progress } from "../progress.ts";
import type { SampleSet } from "../samples/sample-set.ts";
import type { OutputStreams } from "./output-streams.ts";
import type { OutputDifference } from "./output-difference.ts";
import { largestOf, OutputComparison } from "./output-difference.ts";

export interface RunComparison {
  readonly samples: number;
  /** B against A, one for each output that both have. */
  readonly outputs: readonly OutputDifference[];
  /** Each model against the outputs that came with the samples. */
  readonly expected: { readonly a: readonly OutputDifference[]; readonly b: readonly OutputDifference[] } | undefined;
  /** Of the first output that offers a choice, where samples have labels. */
  readonly accuracy: { readonly a: Accuracy; readonly b: Accuracy } | undefined;
  /** How well each does the task, where a metric is given. */
  readonly task: TaskComparison | undefined;
  /** The distributions of what the outputs mean, where manifests say it. */
  readonly streams: readonly StreamDistance[] | undefined;
  readonly latency: { readonly a: Latency; readonly b: Latency };
}

/** What outputs are judged by, besides each other. */
export interface RunJudges {
  /** Names of classes, in the order of the scores: they give labels that are names their indices. */
  readonly classes: readonly string[];
  readonly metric: TaskMetric | undefined;
  readonly streams: OutputStreams | undefined;
}

export interface TaskComparison {
  readonly metric: string;
  readonly better: TaskMetric["better"];
  readonly isShare: boolean;
  readonly a: number;
  readonly b: number;
}

export interface Accuracy {
  readonly right: number;
  readonly samples: number;
  /** Wilson's 95 % interval. */
  readonly lower: number;
  readonly upper: number;
}

/** Milliseconds of one inference, measured inside the child process. */
export interface Latency {
  readonly runs: number;
  readonly p50: number;
  readonly p95: number;
}

/** Enough for a 95th percentile; more rounds over few samples than this tell nothing new. */
const fewestRuns = 60;
/** The first inferences prepare what the later ones use again. */
const warmUps = 3;

/**
 * Runs both models over the samples, one after the other on each: what slows the machine down for a moment slows both. Which of the
 * two goes first alternates.
 */
export async function compareRuns(
  a: ModelChild,
  b: ModelChild,
  samples: SampleSet,
  { classes, metric, streams }: RunJudges,
  progress: Progress,
  signal: AbortSignal,
): Promise<RunComparison> {
  const outputs = new Comparisons();
  const expected = { a: new Comparisons(), b: new Comparisons() };
  const right = { a: 0, b: 0, samples: 0 };
  const task = { a: metric?.start(), b: metric?.start() };
  const times = { a: [] as number[], b: [] as number[] };
  const rounds = Math.max(1, Math.ceil(fewestRuns / samples.count));
  progress.begin("comparing", samples.count);
  for (let index = 0; index < samples.count; index++) {
    signal.throwIfAborted();
    const sample = await samples.read(index);
    const [ofA, ofB] = [await a.run(sample.inputs), await b.run(sample.inputs)];
    outputs.add(ofA, ofB);
    streams?.add(sample.inputs, ofA, ofB);
    if (sample.outputs !== undefined) {
      expected.a.add(sample.outputs, ofA);
      expected.b.add(sample.outputs, ofB);
    }
    const judged = { ...sample, expected: sample.outputs, reference: ofA };
    task.a?.add({ ...judged, outputs: ofA });
    task.b?.add({ ...judged, outputs: ofB });
    const label = classOf(sample.label, classes);
    if (label !== undefined) {
      right.samples += 1;
      if (topOf(ofA) === label) right.a += 1;
      if (topOf(ofB) === label) right.b += 1;
    }
    if (index === 0) for (const child of [a, b]) await child.time(sample.inputs, warmUps);
    for (let round = 0; round < rounds; round++) {
      const inTurn = (round + index) % 2 === 0 ? (["a", "b"] as const) : (["b", "a"] as const);
      for (const which of inTurn) times[which].push(...(await (which === "a" ? a : b).time(sample.inputs, 1)));
    }
    progress.advance(index + 1);
  }
  const accuracy = (hits: number): Accuracy => ({
    right: hits,
    samples: right.samples,
    ...wilsonInterval(hits, right.samples),
  });
  return {
    samples: samples.count,
    outputs: outputs.results(),
    expected: expected.a.any ? { a: expected.a.results(), b: expected.b.results() } : undefined,
    accuracy: right.samples === 0 ? undefined : { a: accuracy(right.a), b: accuracy(right.b) },
    task:
      metric === undefined
        ? undefined
        : {
            metric: metric.name,
            better: metric.better,
            isShare: metric.isShare,
            a: task.a?.value() ?? Number.NaN,
            b: task.b?.value() ?? Number.NaN,
          },
    streams: streams?.result(),
    latency: { a: latencyOf(times.a), b: latencyOf(times.b) },
  };
}

/** One comparison for each name that both sides have. */
class Comparisons {
  readonly #byName = new Map<string, OutputComparison>();

  get any(): boolean {
    return this.#byName.size > 0;
  }

  add(a: readonly Tensor[], b: readonly Tensor[]): void {
    for (const tensor of a) {
      const other = b.find(({ name }) => name === tensor.name);
      if (other === undefined) continue;
      const comparison = this.#byName.get(tensor.name) ?? new OutputComparison(tensor.name);
      this.#byName.set(tensor.name, comparison);
      comparison.add(tensorValue(tensor), tensorValue(other));
    }
  }

  results(): readonly OutputDifference[] {
    return [...this.#byName.values()].map((comparison) => comparison.result());
  }
}

function classOf(label: number | string | undefined, classes: readonly string[]): number | undefined {
  if (typeof label !== "string") return label;
  const index = classes.indexOf(label);
  return index === -1 ? undefined : index;
}

/** The class of the first output that has several scores, of a single decision. */
function topOf(outputs: readonly Tensor[]): number | undefined {
  const scores = outputs.find(({ dims }) => (dims.at(-1) ?? 1) >= 2);
  if (scores === undefined) return undefined;
  const { data } = tensorValue(scores);
  return data.length === scores.dims.at(-1) ? largestOf(data, 0, data.length) : undefined;
}

function latencyOf(times: readonly number[]): Latency {
  const sorted = times.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { runs: sorted.length, p50: at(0.5), p95: at(0.95) };
}
