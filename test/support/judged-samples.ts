import type { JudgedSample, TaskMetric } from "../../control-plane/packaging/evaluation/task-metric.ts";
import { tensorOf } from "../../control-plane/packaging/tensor-of.ts";
import type { Tensor } from "../../proto/tensors.ts";

/** One output "scores" of the rows given, each a step or a single decision. */
export function scores(...rows: readonly (readonly number[])[]): readonly Tensor[] {
  return [tensorOf("scores", "float32", [rows.length, rows[0]?.length ?? 0], rows.flat())];
}

export function judged(sample: Partial<JudgedSample>): JudgedSample {
  const outputs = sample.outputs ?? scores([0]);
  return {
    name: "sample 0",
    inputs: [],
    outputs,
    reference: outputs,
    expected: undefined,
    label: undefined,
    ...sample,
  };
}

/** The metric over samples of which only the relevant parts are given. */
export function metricOver(metric: TaskMetric, samples: readonly Partial<JudgedSample>[]): number {
  const sum = metric.start();
  for (const sample of samples) sum.add(judged(sample));
  return sum.value();
}
