import { chiSquareQuantile, normalQuantile999 } from "./chi-square-quantile.ts";
import { requireSameBins, totalCount } from "./window-counts.ts";

/**
 * What is added to every compared bin of both sides (Jeffreys' prior for a multinomial).
 * A PSI is a number only together with its rule for empty bins: over the same data, a floor of 1e-6 and one of 1e-2 differ by a
 * factor of three. Half a sample fades as samples come in, treats both sides alike, and leaves the law under no drift intact.
 */
const prior = 0.5;

/**
 * Population stability index Σ (p − q) · ln(p / q), natural logarithm, p and q the shares of reference and current: the
 * symmetric Kullback–Leibler divergence of Jeffreys (1946). 0 is alike; there is no upper end.
 *
 * Zero rule: bins that are empty on both sides are left out, 0.5 is added to each other bin of both sides, and both are
 * brought to the sum 1 again. So it is not comparable with a PSI that was computed under another rule.
 * With no sample on one of the sides nothing is known to differ: 0.
 *
 * Example: reference [50, 50], current [30, 70]: p = [0.5, 0.5], q = [30.5, 70.5] / 101 = [0.30198, 0.69802];
 * PSI = 0.19802 · ln(0.5 / 0.30198) + (−0.19802) · ln(0.5 / 0.69802) = 0.1659.
 */
export function populationStabilityIndex(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  const bins = comparedBins(reference, current);
  const m = totalCount(reference);
  const n = totalCount(current);
  if (m === 0 || n === 0) return 0;
  let psi = 0;
  for (let bin = 0; bin < reference.length; bin++) {
    const before = reference[bin] as number;
    const now = current[bin] as number;
    if (before === 0 && now === 0) continue;
    const p = (before + prior) / (m + prior * bins);
    const q = (now + prior) / (n + prior * bins);
    psi += (p - q) * Math.log(p / q);
  }
  return psi;
}

/** How many bins hold anything on either side. Bins that are empty on both say nothing and cost no degree of freedom. */
export function comparedBins(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  requireSameBins(reference, current);
  let bins = 0;
  for (let bin = 0; bin < reference.length; bin++) {
    if ((reference[bin] as number) > 0 || (current[bin] as number) > 0) bins += 1;
  }
  return bins;
}

/**
 * The PSI that `n` current and `m` reference samples of the same law show on average over `bins` bins:
 * (B − 1) · (1/n + 1/m), because PSI · nm/(n+m) follows chi-square with B − 1 degrees of freedom when nothing has changed.
 * This is why a fixed limit of 0.1 or 0.2 is wrong: 0 without samples, where PSI is 0 by definition too.
 *
 * Example: 10 bins, n = 100, m = 1000: 9 · 0.011 = 0.099, so an undrifted device is "above 0.1" every second time.
 */
export function expectedPsi(bins: number, n: number, m: number): number {
  if (n === 0 || m === 0) return 0;
  return Math.max(0, bins - 1) * (1 / n + 1 / m);
}

/**
 * The size of the effect: PSI less what chance explains on average, not below 0.
 *
 * Example: PSI 0.35 over 10 bins with n = 100, m = 1000: 0.35 − 0.099 = 0.251.
 */
export function psiExcess(psi: number, bins: number, n: number, m: number): number {
  return Math.max(0, psi - expectedPsi(bins, n, m));
}

/**
 * The PSI that chance alone exceeds once in a thousand windows: the 99.9 % quantile of chi-square with B − 1 degrees of freedom
 * (Wilson–Hilferty), times (1/n + 1/m).
 *
 * Example: 10 bins, n = 100, m = 1000: 28.06 · 0.011 = 0.309.
 */
export function psiNullQuantile(bins: number, n: number, m: number): number {
  if (n === 0 || m === 0) return 0;
  return chiSquareQuantile(bins - 1, normalQuantile999) * (1 / n + 1 / m);
}
