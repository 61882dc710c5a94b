import type { Tensor } from "../../../proto/tensors.ts";

/** One sample as a model answered it. */
export interface JudgedSample {
  /** Where it came from, for messages. */
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** What the most exact variant answered. */
  readonly reference: readonly Tensor[];
  /** What came with the sample as the right outputs, if anything did. */
  readonly expected: readonly Tensor[] | undefined;
  readonly label: number | string | undefined;
}

/** A number that says how well a model does its task. It is added up sample by sample, so that memory does not grow with them. */
export interface TaskMetric {
  readonly name: string;
  readonly better: "higher" | "lower";
  /** A share is shown in percent and compared in points; anything else as it is. */
  readonly isShare: boolean;
  /** It is the share of samples that count, each once. */
  readonly countsSamples?: boolean;
  start(): MetricSum;
}

export interface MetricSum {
  /** Throws MetricError for a sample that cannot be judged (it has no label, say). */
  add(sample: JudgedSample): void;
  /** NaN when nothing was added. */
  value(): number;
}

/** The task cannot be judged, for the reason in the message. */
export class MetricError extends Error {
  override readonly name = "MetricError";
}

/** A value as people read it. Examples: 0.9715 of a share is "97.15 %", 0.034 of another metric "0.034". */
export function formatMetric(value: number, { isShare }: Pick<TaskMetric, "isShare">): string {
  return isShare ? `${(100 * value).toFixed(2)} %` : String(Number(value.toPrecision(4)));
}
