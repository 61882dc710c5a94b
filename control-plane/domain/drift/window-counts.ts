import type { DetectedCounts } from "../../../proto/detected-counts.ts";
import { sumOfDetected } from "../../../proto/detected-counts.ts";
import { HistogramShapeError } from "../../../proto/sketch/histogram.ts";

/**
 * What was counted of one stream: samples per bin, and rows that had no value. A device's `Histogram` is one.
 * Sums over devices are plain numbers, because a fleet's counts outgrow the 32 bits of one device's; they are exact up to 2^53.
 */
export interface WindowCounts extends DetectedCounts {
  readonly counts: ArrayLike<number>;
  readonly missing: number;
}

export interface MergedCounts extends WindowCounts {
  readonly counts: readonly number[];
}

export function totalCount(counts: ArrayLike<number>): number {
  let all = 0;
  for (let bin = 0; bin < counts.length; bin++) all += counts[bin] as number;
  return all;
}

/** Throws HistogramShapeError: counts over different bins belong to different references and cannot be compared or added. */
export function requireSameBins(a: ArrayLike<number>, b: ArrayLike<number>): void {
  if (a.length !== b.length) throw new HistogramShapeError(`cannot compare ${a.length} bins with ${b.length} bins`);
}

/**
 * The sum of all parts over `bins` bins; of no parts, zeros. Integer addition: the order of the parts does not matter.
 *
 * Example: [1, 0, 2] with 1 missing and [0, 5, 1] with none make [1, 5, 3] with 1 missing.
 */
export function mergeWindowCounts(parts: Iterable<WindowCounts>, bins: number): MergedCounts {
  const counts = Array.from({ length: bins }, () => 0);
  let missing = 0;
  let detected: DetectedCounts = {};
  for (const part of parts) {
    requireSameBins(part.counts, counts);
    for (let bin = 0; bin < bins; bin++) counts[bin] = (counts[bin] as number) + (part.counts[bin] as number);
    missing += part.missing;
    detected = sumOfDetected(detected, part);
  }
  return { counts, missing, ...detected };
}
