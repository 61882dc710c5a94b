import { normalQuantile999 } from "./chi-square-quantile.ts";

/** A share that can only do harm by growing: rows without a value, values out of range. */
export interface ShareIncrease {
  /** The share now, 0 to 1. */
  readonly share: number;
  /** How much larger it is than in the reference; 0 when it is not. */
  readonly increase: number;
  /** The increase that chance alone exceeds once in a thousand windows. */
  readonly chance: number;
}

/**
 * Compares `hits` of `all` now with the same in the reference. The limit of chance is that of the two-sample test of
 * proportions, z · √(p̄(1 − p̄)(1/n + 1/m)), z = 3.09, p̄ the pooled share with half a hit and half a miss added, so that a share of
 * exactly 0 does not make every first hit certain evidence. Without rows on one of the sides nothing has grown.
 *
 * Example: 12 of 200 now, 6 of 600 in the reference: share 0.06, increase 0.05; p̄ = 18.5 / 801 = 0.0231,
 * chance = 3.09 · √(0.0231 · 0.9769 · (1/200 + 1/600)) = 0.0379.
 */
export function shareIncrease(
  now: { readonly hits: number; readonly all: number },
  reference: { readonly hits: number; readonly all: number },
): ShareIncrease {
  const share = now.all === 0 ? 0 : now.hits / now.all;
  if (now.all === 0 || reference.all === 0) return { share, increase: 0, chance: 0 };
  const pooled = (now.hits + reference.hits + 0.5) / (now.all + reference.all + 1);
  const chance = normalQuantile999 * Math.sqrt(pooled * (1 - pooled) * (1 / now.all + 1 / reference.all));
  return { share, increase: Math.max(0, share - reference.hits / reference.all), chance };
}
