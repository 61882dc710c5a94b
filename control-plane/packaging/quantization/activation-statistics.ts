import { entropyThreshold } from "./entropy-threshold.ts";
import { roundedOutward } from "./rounded-outward.ts";
import type { ActivationRange, CalibrationMethod } from "./quantization.ts";

/** Bins of a histogram from -peak to +peak. */
export const histogramBins = 2_048;

/** What the first look at a value finds out. */
export interface Extremes {
  readonly min: number;
  readonly max: number;
}

/** How often the value lay in each of the bins between -peak and +peak, where peak = max(|min|, |max|). */
export interface ActivationHistogram {
  readonly extremes: Extremes;
  readonly counts: Float64Array;
}

/**
 * The range that int8 shall cover, zero always among it.
 *
 * - minmax: everything that was seen. One outlier costs all other values their precision.
 * - percentile: `percentile` % of what was seen, the rest cut off at both ends alike. The default of 99.99 lets one of 10,000 be
 *   clipped: 99.999, which onnxruntime's quantizer takes, needs 100,000 values before it differs from minmax at all.
 * - entropy: of all cuts the one after which the distribution, told in 128 steps, says most about the one before
 *   (entropy-threshold.ts).
 *
 * The result is rounded outward to a number of ten significant bits, so that the last bits of float kernels, in which processors differ,
 * hardly ever change it: the same samples give the same file on other machines.
 */
export function activationRange(
  histogram: ActivationHistogram,
  method: CalibrationMethod,
  percentile: number,
): ActivationRange {
  const { min, max } = histogram.extremes;
  const cut = cutOf(histogram, method, percentile);
  return {
    min: roundedOutward(Math.min(0, Math.max(min, cut.min))),
    max: roundedOutward(Math.max(0, Math.min(max, cut.max))),
  };
}

function cutOf(
  { extremes, counts }: ActivationHistogram,
  method: CalibrationMethod,
  percentile: number,
): ActivationRange {
  const peak = peakOf(extremes);
  switch (method) {
    case "minmax":
      return extremes;
    case "percentile":
      return percentileCut(counts, peak, percentile);
    case "entropy": {
      const threshold = entropyThreshold(counts, peak);
      return { min: -threshold, max: threshold };
    }
  }
}

export function peakOf({ min, max }: Extremes): number {
  return Math.max(Math.abs(min), Math.abs(max));
}

/** The bin of a value between -peak and +peak. */
export function binOf(value: number, peak: number): number {
  const bin = Math.floor(((value + peak) / (2 * peak)) * histogramBins);
  return bin < 0 ? 0 : bin >= histogramBins ? histogramBins - 1 : bin;
}

/**
 * Cuts (100 - percentile) / 2 % off each end, at the edges of bins.
 *
 * Example: with peak 1, 100 values in bin 0 and 9,900 in the middle, the percentile 98 leaves out bin 0: it holds 1 % at one end.
 */
function percentileCut(counts: Float64Array, peak: number, percentile: number): ActivationRange {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const allowed = (total * (100 - percentile)) / 200;
  let low = 0;
  for (let left = allowed; low < counts.length && (counts[low] as number) <= left; low++) left -= counts[low] as number;
  let high = counts.length;
  for (let left = allowed; high > low && (counts[high - 1] as number) <= left; high--)
    left -= counts[high - 1] as number;
  const edge = (bin: number) => ((2 * bin) / counts.length - 1) * peak;
  return { min: edge(low), max: edge(high) };
}
