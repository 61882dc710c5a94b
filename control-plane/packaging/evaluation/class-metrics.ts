import { topOf } from "../../../proto/tensor-difference.ts";
import { outputOf } from "./outputs-of.ts";
import type { JudgedSample, TaskMetric } from "./task-metric.ts";
import { MetricError } from "./task-metric.ts";

/** The share of samples that `counts`. */
function shareMetric(
  name: string,
  better: TaskMetric["better"],
  counts: (sample: JudgedSample) => boolean,
): TaskMetric {
  return {
    name,
    better,
    isShare: true,
    countsSamples: true,
    start() {
      let counted = 0;
      let samples = 0;
      return {
        add(sample) {
          if (counts(sample)) counted += 1;
          samples += 1;
        },
        value: () => counted / samples,
      };
    },
  };
}

/** How often the class is that of the most exact variant. Needs no labels. */
export function agreementMetric(output: string): TaskMetric {
  return shareMetric("agreement", "higher", ({ name, outputs, reference }) => {
    const top = topOf(outputOf(outputs, output, name));
    // Two variants that both answer no numbers agree on nothing.
    return top !== undefined && top === topOf(outputOf(reference, output, name));
  });
}

/** How often the class is the label: an index, or one of `labels`. */
export function accuracyMetric(output: string, labels: readonly string[]): TaskMetric {
  return shareMetric("accuracy", "higher", (sample) => isRight(sample, output, labels));
}

export function errorRateMetric(output: string, labels: readonly string[]): TaskMetric {
  return shareMetric("error rate", "lower", (sample) => !isRight(sample, output, labels));
}

function isRight({ name, outputs, label }: JudgedSample, output: string, labels: readonly string[]): boolean {
  const wanted = typeof label === "string" ? labels.indexOf(label) : label;
  if (wanted === undefined) throw new MetricError(`${name} has no label`);
  if (!Number.isInteger(wanted) || wanted < 0 || wanted >= labels.length)
    throw new MetricError(`${name} has the label "${label}", which is none of ${labels.join(", ")}`);
  return topOf(outputOf(outputs, output, name)) === wanted;
}
