import type { Quality } from "../../../proto/manifest.ts";
import { sampleNote } from "./sample-note.ts";
import type { TaskMetric } from "./task-metric.ts";
import { formatMetric } from "./task-metric.ts";

/** What the last bits of a difference may be off by. */
const rounding = 1e-12;
const mostDigits = 12;

export interface Judgement {
  readonly quality: Quality;
  /** The metric is a share: shown in percent. */
  readonly isShare: boolean;
  /** What so many samples can tell, in a sentence. */
  readonly sampleNote: string;
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
  const isWithin = worse <= tolerance + rounding;
  const about = { isShare: metric.isShare, sampleNote: sampleNote(quality, metric.countsSamples === true) };
  const said = `${metric.name} ${formatMetric(value, metric)}`;
  const before = formatMetric(reference, metric);
  if (!Number.isFinite(worse))
    return {
      quality: withNumbers(quality),
      ...about,
      isWithin: false,
      reason: `${said}: its outputs cannot be judged`,
    };
  const [far, allowed] = toldApart(Math.abs(worse), tolerance, metric);
  const distance = metric.isShare ? `${far} points` : far;
  if (!isWithin)
    return {
      quality,
      ...about,
      isWithin,
      reason: `${said} is ${distance} worse than the ${before} of the float model; ${allowed} are allowed`,
    };
  const compared =
    worse > 0
      ? `${distance} worse than the float model`
      : worse < 0
        ? `${distance} better than the float model`
        : "as the float model";
  return { quality, ...about, isWithin, reason: `${said}, ${compared}` };
}

/**
 * Two numbers with as many digits as it takes to see that they differ.
 *
 * Example: 0.01003 and 0.01 of a share are "1.003" and "1.000".
 */
function toldApart(a: number, b: number, { isShare }: Pick<TaskMetric, "isShare">): readonly [string, string] {
  for (let digits = 2; ; digits++) {
    const told = (value: number): string =>
      isShare ? (100 * value).toFixed(digits) : String(Number(value.toPrecision(digits + 1)));
    if (told(a) !== told(b) || Math.abs(a - b) <= rounding || digits === mostDigits) return [told(a), told(b)];
  }
}

/** The manifest holds finite numbers only: what is none becomes the worst one. */
function withNumbers(quality: Quality): Quality {
  const worst = quality.better === "higher" ? -Number.MAX_VALUE : Number.MAX_VALUE;
  const finite = (value: number) => (Number.isFinite(value) ? value : worst);
  return { ...quality, value: finite(quality.value), reference: finite(quality.reference) };
}
