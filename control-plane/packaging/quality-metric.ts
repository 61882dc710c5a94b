import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { accuracyMetric, agreementMetric, errorRateMetric } from "./evaluation/class-metrics.ts";
import { moduleMetric } from "./evaluation/module-metric.ts";
import {
  intersectionOverUnionMetric,
  meanAbsoluteErrorMetric,
  relativeErrorMetric,
  rootMeanSquareErrorMetric,
} from "./evaluation/number-metrics.ts";
import type { TaskMetric } from "./evaluation/task-metric.ts";
import { MetricError } from "./evaluation/task-metric.ts";
import { characterErrorRateMetric, wordErrorRateMetric } from "./evaluation/text-metrics.ts";
import type { ModelSpec } from "./model-spec.ts";

export interface QualityGate {
  readonly metric: TaskMetric;
  readonly tolerance: number;
}

/**
 * What variants are judged by: the specification's metric and tolerance, or what the output and the labels suggest. `symbols` is the size
 * of the output's last dimension where it is fixed. Throws MetricError.
 */
export async function qualityGate(spec: ModelSpec, hasLabels: boolean, directory: string): Promise<QualityGate> {
  const named = spec.quality.metric ?? suggested(spec, hasLabels);
  const metric = await metricNamed(named, spec, directory);
  return { metric, tolerance: spec.quality.tolerance ?? defaultTolerances[named] ?? 0 };
}

const defaultTolerances: Readonly<Record<string, number>> = {
  accuracy: 0.005,
  "error-rate": 0.005,
  agreement: 0.01,
  "relative-error": 0.05,
  "intersection-over-union": 0.02,
  "character-error-rate": 0.01,
  "word-error-rate": 0.02,
};

function suggested({ output }: ModelSpec, hasLabels: boolean): string {
  switch (output.kind) {
    case "classification":
      return hasLabels ? "accuracy" : "agreement";
    case "sequence":
      return hasLabels ? "character-error-rate" : "relative-error";
    case "regression":
      return "relative-error";
  }
}

async function metricNamed(name: string, spec: ModelSpec, directory: string): Promise<TaskMetric> {
  const { output } = spec;
  const labels = output.kind === "classification" ? output.labels : [];
  switch (name) {
    case "accuracy":
      return accuracyMetric(output.name, labels);
    case "error-rate":
      return errorRateMetric(output.name, labels);
    case "agreement":
      return agreementMetric(output.name);
    case "mean-absolute-error":
      return meanAbsoluteErrorMetric(output.name);
    case "root-mean-square-error":
      return rootMeanSquareErrorMetric(output.name);
    case "relative-error":
      return relativeErrorMetric(output.name);
    case "intersection-over-union":
      return intersectionOverUnionMetric(output.name, spec.quality.threshold);
    case "character-error-rate":
      return characterErrorRateMetric(await textReading(spec));
    case "word-error-rate":
      return wordErrorRateMetric(await textReading(spec));
    default:
      if (/\.[cm]?js$/.test(name)) return moduleMetric(resolve(directory, name));
      throw new MetricError(
        `quality.metric: "${name}" is not known; there are ${known.join(", ")}, or a module of your own (./metric.mjs)`,
      );
  }
}

const known = [
  "accuracy",
  "error-rate",
  "agreement",
  "mean-absolute-error",
  "root-mean-square-error",
  "relative-error",
  "intersection-over-union",
  "character-error-rate",
  "word-error-rate",
];

/** The alphabet's file has one symbol a line; models commonly add the blank before and a space behind it. */
async function textReading({ output, quality }: ModelSpec) {
  if (quality.alphabet === undefined)
    throw new MetricError("quality.alphabet: a text is read with an alphabet, a file with one symbol a line");
  const symbols = (await readFile(quality.alphabet, "utf8")).replace(/\r?\n$/, "").split(/\r?\n/);
  const blank = output.kind === "sequence" ? output.blank : 0;
  const alphabet = [...symbols];
  alphabet.splice(blank, 0, "");
  return { output: output.name, alphabet: alphabet.includes(" ") ? alphabet : [...alphabet, " "], blank };
}
