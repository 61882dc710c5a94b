import { requireSameBins, totalCount } from "./window-counts.ts";

/**
 * Jensen–Shannon divergence in bits (base 2; Lin, IEEE Trans. Inf. Theory 37, 1991): ½ KL(p‖m) + ½ KL(q‖m), m = (p + q) / 2.
 * 0 is alike, 1 has no bin in common. It needs no rule for empty bins. With no sample on one of the sides nothing is known
 * to differ: 0.
 *
 * Example: reference [1, 0], current [1, 1]: m = [0.75, 0.25];
 * ½ · 1 · log2(1 / 0.75) + ½ · (0.5 · log2(0.5 / 0.75) + 0.5 · log2(0.5 / 0.25)) = 0.3113.
 */
export function jensenShannonDivergence(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  requireSameBins(reference, current);
  const m = totalCount(reference);
  const n = totalCount(current);
  if (m === 0 || n === 0) return 0;
  let bits = 0;
  for (let bin = 0; bin < reference.length; bin++) {
    const p = (reference[bin] as number) / m;
    const q = (current[bin] as number) / n;
    const middle = (p + q) / 2;
    if (p > 0) bits += (p / 2) * Math.log2(p / middle);
    if (q > 0) bits += (q / 2) * Math.log2(q / middle);
  }
  // Rounding can leave the last bit outside.
  return Math.min(1, Math.max(0, bits));
}

/**
 * The square root of the divergence: a metric (Endres and Schindelin, 2003), 0 to 1. Most published limits (0.1) mean this one.
 * Mind the base where numbers are compared: with the natural logarithm it ends at √ln 2 = 0.8326.
 *
 * Example: reference [1, 0], current [1, 1]: √0.3113 = 0.5579.
 */
export function jensenShannonDistance(reference: ArrayLike<number>, current: ArrayLike<number>): number {
  return Math.sqrt(jensenShannonDivergence(reference, current));
}
