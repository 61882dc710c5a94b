/**
 * Counts in fixed bins: the summary that agent, control plane and package agree on. Because the bin edges travel in the signed
 * package, two histograms of the same stream add bin by bin without error: merging is associative, commutative and exact.
 *
 * `edges` e0 < e1 < … < ek make k + 2 bins: bin 0 is below e0, bin i is [e(i-1), ei), the last bin is ek and above.
 * Values that are not finite numbers count as missing.
 *
 * Example: edges [0, 1, 2] make 4 bins; the values -1, 0, 0.5, 2, NaN give counts [1, 2, 0, 1] and missing 1.
 */
export interface Histogram {
  readonly counts: Uint32Array;
  missing: number;
}

export function binCount(edges: readonly number[]): number {
  return edges.length + 1;
}

export function emptyHistogram(bins: number): Histogram {
  return { counts: new Uint32Array(bins), missing: 0 };
}

/** Index of the bin that holds `value`: the number of edges that are not above it. Binary search. */
export function binOf(edges: readonly number[], value: number): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((edges[middle] as number) <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function addValue(histogram: Histogram, edges: readonly number[], value: number | undefined): void {
  if (value === undefined || !Number.isFinite(value)) {
    histogram.missing += 1;
    return;
  }
  const bin = binOf(edges, value);
  histogram.counts[bin] = (histogram.counts[bin] as number) + 1;
}

export function addCategory(histogram: Histogram, category: number | undefined): void {
  if (category === undefined || !Number.isInteger(category) || category < 0 || category >= histogram.counts.length) {
    histogram.missing += 1;
    return;
  }
  histogram.counts[category] = (histogram.counts[category] as number) + 1;
}

export class HistogramShapeError extends Error {
  override readonly name = "HistogramShapeError";
}

/** The sum of both, as a new histogram. Throws HistogramShapeError when the bins differ: the two belong to different references. */
export function mergeHistograms(a: Histogram, b: Histogram): Histogram {
  if (a.counts.length !== b.counts.length)
    throw new HistogramShapeError(`cannot merge ${a.counts.length} bins with ${b.counts.length} bins`);
  const counts = Uint32Array.from(a.counts, (count, bin) => count + (b.counts[bin] as number));
  return { counts, missing: a.missing + b.missing };
}

export function total(histogram: Histogram): number {
  return histogram.counts.reduce((sum, count) => sum + count, 0);
}
