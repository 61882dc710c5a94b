export interface Sample {
  readonly at: number;
  readonly value: number;
}

export interface Slope {
  /** By how much the value grows for one unit of `at`. */
  readonly slope: number;
  /** Its standard error. */
  readonly error: number;
  readonly mean: number;
}

export type Verdict = "flat" | "grows" | "inconclusive";

/**
 * What a slope and its error, in per cent a day, say about a limit: two errors to both sides hold the true slope in 19 of 20 runs.
 * (0.3 ± 0.2) % is flat below 1 %, (2 ± 0.4) % grows, and (0.3 ± 0.4) % says too little.
 */
export function judgeGrowth(percent: number, error: number, mostPercent: number): Verdict {
  if (percent + 2 * error < mostPercent) return "flat";
  return percent - 2 * error >= mostPercent ? "grows" : "inconclusive";
}

/** Of several things that should not grow. */
export function overall(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes("grows")) return "grows";
  return verdicts.includes("inconclusive") ? "inconclusive" : "flat";
}

/**
 * The least-squares line through the samples, with the standard error of its slope: s / √Σ(at − mean)², where s² is the sum of the
 * squared residuals over n − 2 (Draper and Smith, Applied Regression Analysis, 1.4).
 *
 * For (0, 1), (1, 3), (2, 4), (3, 6): slope 1.6, residuals −0.1, 0.3, −0.3, 0.1, s² = 0.2 / 2, error √(0.1 / 5) = 0.1414.
 */
export function slopeOf(samples: readonly Sample[]): Slope {
  const count = samples.length;
  if (count < 3) throw new RangeError(`a slope with an error needs three samples or more, and there are ${count}`);
  const meanOf = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / count;
  const middle = meanOf(samples.map(({ at }) => at));
  const mean = meanOf(samples.map(({ value }) => value));
  const sum = (term: (sample: Sample) => number) => samples.reduce((all, sample) => all + term(sample), 0);
  const spread = sum(({ at }) => (at - middle) ** 2);
  const slope = sum(({ at, value }) => (at - middle) * (value - mean)) / spread;
  const residuals = sum(({ at, value }) => (value - mean - slope * (at - middle)) ** 2);
  return { slope, error: Math.sqrt(residuals / (count - 2) / spread), mean };
}
