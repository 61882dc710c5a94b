import type { Quality } from "../../../proto/manifest.ts";
import { wilsonInterval } from "../../domain/rollout/wilson-interval.ts";

/**
 * What so many samples can tell, in a sentence. Where each sample counts once, a small set hides small differences: the sentence then
 * says so.
 *
 * Example: an accuracy of 0.96 over 25 samples with a tolerance of 0.01: "Judged on 25 samples: the float model's accuracy lies between
 * 80.46 % and 99.29 % (95 % confidence). One sample makes 4.00 points, so a tolerance of 1.00 lets no sample differ."
 */
export function sampleNote({ metric, reference, tolerance, samples }: Quality, countsSamples: boolean): string {
  const judged = `Judged on ${samples} ${samples === 1 ? "sample" : "samples"}`;
  if (!countsSamples) return `${judged}.`;
  const { lower, upper } = wilsonInterval(reference * samples, samples);
  const percent = (share: number) => (100 * share).toFixed(2);
  const known = `the float model's ${metric} lies between ${percent(lower)} % and ${percent(upper)} % (95 % confidence).`;
  const isCoarse = tolerance > 0 && tolerance * samples < 1;
  return `${judged}: ${known}${
    isCoarse
      ? ` One sample makes ${percent(1 / samples)} points, so a tolerance of ${percent(tolerance)} lets no sample differ.`
      : ""
  }`;
}
