import type { SettingValues } from "../../proto/device-settings.ts";
import type { DeclaredValues, StreamReference } from "../../proto/manifest.ts";
import type { EffectiveSettings } from "./effective-settings.ts";

/**
 * Where the detectors of a stream begin to count. Three people have a say: the publisher, who declares what the values of a feature can
 * be; whoever runs the device, by its settings; and where neither says anything, the reference does. What is declared holds against a
 * number in the settings, which is for all streams of all models; "off" in the settings holds against everything.
 */
export interface DetectorLimits {
  /** Values below and above are far outside. */
  readonly low: number;
  readonly high: number;
  /** A run of more equal values is stuck. */
  readonly longestRun: number;
}

export interface DetectorSettings {
  readonly farOutside: SettingValues["detectors.farOutside"];
  readonly stuckAfter: SettingValues["detectors.stuckAfter"];
}

export const usualDetectorSettings: DetectorSettings = { farOutside: 3, stuckAfter: "reference" };

export function detectorSettingsOf(settings: EffectiveSettings): DetectorSettings {
  return { farOutside: settings["detectors.farOutside"].value, stuckAfter: settings["detectors.stuckAfter"].value };
}

export type NumericReference = Extract<StreamReference, { kind: "numeric" }>;

/** Example: the range {min: 0} is declared, and the settings are the usual ones: 0 is the low end, the reference's fence the high one. */
export function detectorLimits(
  reference: NumericReference,
  { range, stuckAfter, mayRest }: DeclaredValues,
  settings: DetectorSettings,
): DetectorLimits {
  const fences = settings.farOutside === undefined ? undefined : fencesOf(reference, settings.farOutside);
  const declaredRun = mayRest === true ? Number.POSITIVE_INFINITY : stuckAfter;
  return {
    low: fences === undefined ? nowhere.low : (range?.min ?? fences.low),
    high: fences === undefined ? nowhere.high : (range?.max ?? fences.high),
    longestRun:
      settings.stuckAfter === undefined
        ? Number.POSITIVE_INFINITY
        : (declaredRun ?? (settings.stuckAfter === "reference" ? plausibleRunOf(reference) : settings.stuckAfter)),
  };
}

const nowhere = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

/**
 * What is further out is far outside: `spans` times the distance of the outermost edges beyond each of them. With 3, these are Tukey's
 * outer fences (Exploratory Data Analysis, 1977, 2D) with the outermost edges, quantiles of the reference, in place of the
 * quartiles; a normal stream in 16 bins has them 10.7 standard deviations from its mean. A reference of which more than half lies in
 * one bin does not say how far the others may lie: it has no fences.
 *
 * Example: edges from 0.2 to 0.6, with no bin that holds more than half, have the fences -1 and 1.8 at three spans.
 */
export function fencesOf(reference: NumericReference, spans: number): Pick<DetectorLimits, "low" | "high"> {
  const first = reference.edges[0];
  const last = reference.edges.at(-1);
  if (first === undefined || last === undefined || first === last || largestShare(reference) > 0.5) return nowhere;
  const margin = spans * (last - first);
  return { low: first - margin, high: last + margin };
}

/** Below this nobody waits for chance: at five inferences a second it comes once in days. */
const implausible = 1e-6;
/** Neighbouring inferences are not independent: a few equal values of a slow sensor say nothing, whatever the reference is. */
const shortestPlausibleRun = 30;

/**
 * The longest run of exactly equal values that the reference makes plausible. Equal values lie in one bin, and a bin holds at most the
 * share p of the reference: of independent values, those after the first of L are all in its bin with a probability of at most
 * p^(L - 1). The longest L for which that is not below 1e-6 is 1 + floor(ln 1e-6 / ln p), and never less than 30. p is
 * (rows of the fullest bin + 1) / (all rows + 2), which stays below 1.
 *
 * Examples: 16 even bins of 1,000 rows each: p = 1001 / 16002, 1 + floor(13.816 / 2.772) = 5, so 30. All of 998 rows in one bin:
 * p = 999 / 1000, 1 + floor(13.816 / 0.0010005) = 13,809.
 */
export function plausibleRunOf(reference: NumericReference): number {
  const rows = reference.counts.reduce((sum, count) => sum + count, 0);
  if (rows === 0) return Number.POSITIVE_INFINITY;
  const share = (Math.max(...reference.counts) + 1) / (rows + 2);
  return Math.max(shortestPlausibleRun, 1 + Math.floor(Math.log(implausible) / Math.log(share)));
}

function largestShare({ counts }: NumericReference): number {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  return rows === 0 ? 1 : Math.max(...counts) / rows;
}
