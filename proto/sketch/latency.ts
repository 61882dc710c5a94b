/**
 * Latency in milliseconds, in fixed bins that every agent and every version shares: four bins to the octave from 0.01 ms to 84 s,
 * so a percentile read from merged counts is at most 19 % (2^(1/4)) above the true one.
 */
export const latencyEdges: readonly number[] = Array.from({ length: 93 }, (_, i) => 0.01 * 2 ** (i / 4));

/**
 * The `q` quantile (0 < q <= 1) of counts over `edges`, linear inside the bin; undefined when nothing was counted.
 * Below the first edge it answers the first edge, above the last the last: the bins are open there.
 *
 * Example: edges [1, 2, 4], counts [0, 2, 2, 0]: the median is 2, the 0.75 quantile is 3.
 */
export function quantileOfCounts(counts: ArrayLike<number>, edges: readonly number[], q: number): number | undefined {
  let all = 0;
  for (let bin = 0; bin < counts.length; bin++) all += counts[bin] as number;
  if (all === 0) return undefined;
  const target = q * all;
  let seen = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin] as number;
    if (count > 0 && seen + count >= target) {
      if (bin === 0) return edges[0];
      const low = edges[bin - 1] as number;
      const high = edges[bin] ?? low;
      return low + ((target - seen) / count) * (high - low);
    }
    seen += count;
  }
  return edges.at(-1);
}
