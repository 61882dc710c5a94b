import { pathToFileURL } from "node:url";
import type { TensorValue } from "../../../proto/streams.ts";
import { tensorValues } from "../../../proto/tensor-value.ts";
import type { JudgedSample, TaskMetric } from "./task-metric.ts";
import { MetricError } from "./task-metric.ts";

/**
 * What a user's own module exports: the metric's name, whether higher is better, and the score of one sample. The metric is the mean of
 * all scores. Outputs are maps from name to { dims, data }.
 */
interface MetricModule {
  readonly name: string;
  readonly better: "higher" | "lower";
  readonly score: (sample: {
    readonly inputs: ReadonlyMap<string, TensorValue>;
    readonly outputs: ReadonlyMap<string, TensorValue>;
    readonly reference: ReadonlyMap<string, TensorValue>;
    readonly expected: ReadonlyMap<string, TensorValue> | undefined;
    readonly label: number | string | undefined;
  }) => unknown;
}

/** Loads a metric from a JavaScript module. It runs here, with the rights of the person who packs the model: it is their own. */
export async function moduleMetric(file: string): Promise<TaskMetric> {
  const loaded: unknown = await import(pathToFileURL(file).href).catch((cause: unknown) => {
    throw new MetricError(`the metric ${file} cannot be loaded: ${String(cause)}`, { cause });
  });
  const { name, better, score } = exportsOf(loaded);
  if (
    typeof name !== "string" ||
    name.trim() === "" ||
    (better !== "higher" && better !== "lower") ||
    typeof score !== "function"
  )
    throw new MetricError(`${file} must export name (text), better ("higher" or "lower") and score (a function)`);
  return {
    name,
    better,
    isShare: false,
    start() {
      let sum = 0;
      let samples = 0;
      return {
        add(sample) {
          sum += scoreOf(score, sample, file);
          samples += 1;
        },
        value: () => sum / samples,
      };
    },
  };
}

/** What a CommonJS module exports is found under `default`: not all of it can be told by its names before it runs. */
function exportsOf(loaded: unknown): Partial<MetricModule> {
  const { default: whole, ...named } = loaded as { readonly default?: unknown };
  return typeof whole === "object" ? { ...whole, ...named } : named;
}

function scoreOf(score: MetricModule["score"], sample: JudgedSample, file: string): number {
  const value = scored(score, sample, file);
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new MetricError(`score() of ${file} gave ${String(value)} for ${sample.name}; it must give a finite number`);
}

function scored(score: MetricModule["score"], sample: JudgedSample, file: string): unknown {
  const { name, inputs, outputs, reference, expected, label } = sample;
  try {
    return score({
      inputs: tensorValues(inputs),
      outputs: tensorValues(outputs),
      reference: tensorValues(reference),
      expected: expected && tensorValues(expected),
      label,
    });
  } catch (cause) {
    throw new MetricError(`score() of ${file} failed for ${name}: ${String(cause)}`, { cause });
  }
}
