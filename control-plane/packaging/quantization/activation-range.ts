import type { ActivationHistogram } from "./activation-histogram.ts";
import { entropyThreshold } from "./entropy-threshold.ts";
import type { ActivationRange, CalibrationMethod } from "./quantization.ts";
import { roundedOutward } from "./rounded-outward.ts";

/**
 * The range that int8 shall cover, zero always among it.
 *
 * - minmax: everything that was seen. One outlier costs all other values their precision.
 * - percentile: `percentile` % of what was seen, the rest cut off at both ends alike. The default of 99.99 lets one of 10,000 be
 *   clipped: 99.999, which onnxruntime's quantizer takes, needs 100,000 values before it differs from minmax at all.
 * - entropy: cut where the coarse values say most about the fine ones (entropy-threshold.ts).
 *
 * The result is rounded outward to a number of ten significant bits, so that the last bits of float kernels, in which processors differ,
 * hardly ever change it: the same samples give the same file on other machines. Where that must never happen, the ranges are kept in a
 * file (ranges-file.ts).
 */
export function activationRange(
  histogram: ActivationHistogram,
  method: CalibrationMethod,
  percentile: number,
): ActivationRange {
  const { min, max, channelMeans } = histogram;
  const cut = cutOf(histogram, method, percentile);
  return {
    min: roundedOutward(Math.min(0, Math.max(min, cut.min))),
    max: roundedOutward(Math.max(0, Math.min(max, cut.max))),
    ...(channelMeans === undefined ? {} : { channelMeans }),
  };
}

function cutOf(histogram: ActivationHistogram, method: CalibrationMethod, percentile: number): ActivationRange {
  switch (method) {
    case "minmax":
      return histogram;
    case "percentile":
      return percentileCut(histogram, percentile);
    case "entropy": {
      const threshold = entropyThreshold(histogram);
      return { min: -threshold, max: threshold };
    }
  }
}

/**
 * Cuts (100 - percentile) / 2 % off each end, at the edges of bins.
 *
 * Example: of 9,900 values of 0.5 and 100 of -3, the percentile 98 leaves out those of -3: they are 1 % at one end.
 */
function percentileCut({ counts, reach }: ActivationHistogram, percentile: number): ActivationRange {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const allowed = (total * (100 - percentile)) / 200;
  let low = 0;
  for (let left = allowed; low < counts.length && (counts[low] as number) <= left; low++) left -= counts[low] as number;
  let high = counts.length;
  for (let left = allowed; high > low && (counts[high - 1] as number) <= left; high--)
    left -= counts[high - 1] as number;
  const edge = (bin: number) => ((2 * bin) / counts.length - 1) * reach;
  return { min: edge(low), max: edge(high) };
}
