import { requireSameBins, totalCount } from "./window-counts.ts";

export interface FoldedCounts {
  readonly reference: readonly number[];
  readonly current: readonly number[];
  /** What lay in the open bins that were folded: values outside the range that the reference covers. */
  readonly outside: { readonly reference: number; readonly current: number };
}

/**
 * Merges an open outermost bin of a numeric stream into its neighbour, in both counts, and says how much lay there.
 *
 * The reference has (almost) nothing beyond its own range. Left alone, such a bin makes PSI an answer to the zero rule: one
 * stray value in it weighs ln(1/almost nothing). So the shape is compared without it, and the share outside is judged by itself.
 *
 * An open bin is kept where the reference lives in it, with at least half of an even share (1 / (2 · bins)). Saturated values
 * are like that: a sensor at its end stop, a confidence of exactly 1. What is folded is decided by the reference alone, so that
 * every window of a stream is compared over the same bins.
 *
 * Example: reference [0, 40, 60, 0] and current [10, 30, 50, 10] become [40, 60] and [40, 60], with 0 and 20 outside.
 */
export function foldTails(reference: ArrayLike<number>, current: ArrayLike<number>): FoldedCounts {
  requireSameBins(reference, current);
  const bins = reference.length;
  const livesThere = totalCount(reference) / (2 * bins);
  const foldable = (bin: number) => bins > 1 && ((reference[bin] as number) < livesThere || livesThere === 0);
  const first = foldable(0);
  const last = foldable(bins - 1);
  return {
    reference: fold(reference, first, last),
    current: fold(current, first, last),
    outside: { reference: tails(reference, first, last), current: tails(current, first, last) },
  };
}

function tails(counts: ArrayLike<number>, first: boolean, last: boolean): number {
  return (first ? (counts[0] as number) : 0) + (last ? (counts[counts.length - 1] as number) : 0);
}

function fold(counts: ArrayLike<number>, first: boolean, last: boolean): readonly number[] {
  const folded = Array.from(counts);
  if (first && folded.length > 1) {
    const below = folded.shift() as number;
    folded[0] = (folded[0] as number) + below;
  }
  if (last && folded.length > 1) {
    const above = folded.pop() as number;
    folded[folded.length - 1] = (folded.at(-1) as number) + above;
  }
  return folded;
}
