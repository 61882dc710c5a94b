import type { Progress } from "../progress.ts";
import type { ActivationHistogram } from "./activation-histogram.ts";
import { rangesBy } from "./calibrate.ts";
import type { CalibrationSettings } from "./calibration-settings.ts";
import { defaultPercentile } from "./calibration-settings.ts";
import type { ActivationRanges } from "./quantization.ts";

export interface ChosenCalibration {
  readonly ranges: ActivationRanges;
  readonly settings: CalibrationSettings;
}

const candidates: readonly CalibrationSettings[] = [
  { method: "minmax", percentile: 100 },
  { method: "percentile", percentile: defaultPercentile },
  { method: "entropy", percentile: 100 },
];

/** A method that clips must come so much nearer: on a few samples less than that says nothing. */
const clearlyNearer = 0.8;

/**
 * Tries every method on what was seen and takes the one whose ranges come nearest to the float model by `distance`, the extremes unless
 * another one is clearly nearer: what a method clips may be what the task needs. None is best for all: a percentile ruins one model and
 * saves the next.
 */
export async function chooseCalibration(
  histograms: ReadonlyMap<string, ActivationHistogram>,
  distance: (ranges: ActivationRanges) => Promise<number>,
  progress: Progress,
): Promise<ChosenCalibration> {
  progress.begin("choosing ranges", candidates.length);
  const tried: (ChosenCalibration & { readonly distance: number })[] = [];
  for (const settings of candidates) {
    const ranges = rangesBy(histograms, settings);
    tried.push({ ranges, settings, distance: await distance(ranges) });
    progress.advance(tried.length);
  }
  progress.end();
  const { ranges, settings } = tried.reduce((best, one) => (one.distance < clearlyNearer * best.distance ? one : best));
  return { ranges, settings };
}
