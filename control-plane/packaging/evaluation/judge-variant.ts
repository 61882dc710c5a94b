import type { Quality } from "../../../proto/manifest.ts";
import type { TaskMetric } from "./task-metric.ts";
import { formatMetric } from "./task-metric.ts";

export interface Judgement {
  readonly quality: Quality;
  /** The metric is a share: shown in percent. */
  readonly isShare: boolean;
  readonly isWithin: boolean;
  /** In words, with the numbers. */
  readonly reason: string;
}

/**
 * May the variant be used? It may be worse than the most exact one by `tolerance`, in the metric's own unit.
 *
 * Example: a character error rate of 0.982 against 0.0014, tolerance 0.01: no, "character error rate 98.20 % is 98.06 points worse than
 * the 0.14 % of the float model; 1.00 are allowed".
 */
export function judgeVariant(
  metric: TaskMetric,
  reference: number,
  value: number,
  tolerance: number,
  samples: number,
): Judgement {
  const quality: Quality = { metric: metric.name, better: metric.better, value, reference, tolerance, samples };
  const worse = metric.better === "higher" ? reference - value : value - reference;
  // A difference that is not a number is never within anything.
  const isWithin = worse <= tolerance + 1e-12;
  const said = `${metric.name} ${formatMetric(value, metric)}`;
  const before = formatMetric(reference, metric);
  if (!Number.isFinite(worse))
    return {
      quality: withNumbers(quality),
      isShare: metric.isShare,
      isWithin: false,
      reason: `${said}: its outputs cannot be judged`,
    };
  const distance = metric.isShare
    ? `${(100 * Math.abs(worse)).toFixed(2)} points`
    : String(Number(Math.abs(worse).toPrecision(3)));
  const allowed = metric.isShare ? (100 * tolerance).toFixed(2) : String(tolerance);
  if (!isWithin)
    return {
      quality,
      isShare: metric.isShare,
      isWithin,
      reason: `${said} is ${distance} worse than the ${before} of the float model; ${allowed} are allowed`,
    };
  const compared =
    worse > 0
      ? `${distance} worse than the float model`
      : worse < 0
        ? `${distance} better than the float model`
        : "as the float model";
  return { quality, isShare: metric.isShare, isWithin, reason: `${said}, ${compared}` };
}

/** The manifest holds finite numbers only. */
function withNumbers(quality: Quality): Quality {
  const finite = (value: number) => (Number.isFinite(value) ? value : Number.MAX_VALUE);
  return { ...quality, value: finite(quality.value), reference: finite(quality.reference) };
}
