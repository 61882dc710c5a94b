import { requireSameBins, totalCount } from "./window-counts.ts";

/** Between these two lies the D of the raw values; `low` is D over the bins. */
export interface KolmogorovSmirnovBounds {
  readonly low: number;
  readonly high: number;
}

/**
 * Kolmogorov–Smirnov distance D = sup |F − G| of two empirical distribution functions, from their counts in the same ordered bins.
 *
 * At the edges D is known exactly: `low` is the largest |F − G| there. Inside bin k, which starts with the difference
 * a = F − G and holds the shares p and q, the difference reaches at most a + p (all of the reference before all of the current)
 * and at least a − q; `high` is the largest of these in size. It is attained when the values inside the bin lie that way, and it is
 * never above low + max_k min(p_k, q_k). Small bins make the two close: over 16 equal bins of the reference, at most 1/16 apart.
 *
 * Example: reference [2, 2], current [1, 3]: |F − G| at the edge is 0.25. First bin: a = 0, p = 0.5, q = 0.25, at most 0.5;
 * second: a = 0.25, p = 0.5, q = 0.75, from −0.5 to 0.75. So 0.25 ≤ D ≤ 0.75.
 * Without samples on one of the sides nothing is known: 0 ≤ D ≤ 1.
 */
export function kolmogorovSmirnovBounds(
  reference: ArrayLike<number>,
  current: ArrayLike<number>,
): KolmogorovSmirnovBounds {
  requireSameBins(reference, current);
  const m = totalCount(reference);
  const n = totalCount(current);
  if (m === 0 || n === 0) return { low: 0, high: 1 };
  let before = 0;
  let now = 0;
  let low = 0;
  let high = 0;
  for (let bin = 0; bin < reference.length; bin++) {
    // Divided after adding up, so that a sum of all samples is exactly 1.
    const start = before / m - now / n;
    const reached = (before + (reference[bin] as number)) / m - now / n;
    const sunk = before / m - (now + (current[bin] as number)) / n;
    before += reference[bin] as number;
    now += current[bin] as number;
    low = Math.max(low, Math.abs(start));
    high = Math.max(high, reached, -sunk);
  }
  return { low, high };
}

/**
 * The D that chance alone exceeds with probability `alpha` when both sides follow the same law:
 * c(α) · √((n + m) / (n·m)) with c(α) = √(−½ · ln(α/2)) (asymptotic; Smirnov 1948). For continuous values; with ties and over bins
 * it is on the careful side. Without samples no D is significant: 1, which D never exceeds.
 *
 * Example: n = 100, m = 400, α = 0.05: 1.3581 · √(500 / 40,000) = 0.1518.
 */
export function kolmogorovSmirnovThreshold(n: number, m: number, alpha: number): number {
  if (n === 0 || m === 0) return 1;
  return Math.min(1, Math.sqrt(-0.5 * Math.log(alpha / 2)) * Math.sqrt((n + m) / (n * m)));
}
