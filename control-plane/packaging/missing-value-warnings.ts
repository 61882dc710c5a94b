import type { FeatureSpec } from "../../proto/manifest.ts";
import type { StreamRow } from "./reference-profile.ts";

/**
 * Where the publisher's own reference rows give a feature no value: gaps in the data, or a statistic that such rows do not have (a silent
 * sound has no spectrum, a constant signal no autocorrelation). The features are the first streams of each row.
 *
 * Example: `inputs: feature "pitch": 30 of 600 reference rows (5.0 %) give it no value; devices count such rows as missing`.
 */
export function missingValueWarnings(features: readonly FeatureSpec[], rows: readonly StreamRow[]): readonly string[] {
  return features.flatMap(({ name }, stream) => {
    const missing = rows.filter((row) => !Number.isFinite(row[stream])).length;
    if (missing === 0) return [];
    const share = `${((100 * missing) / rows.length).toFixed(1)} %`;
    return [
      `inputs: feature "${name}": ${missing} of ${rows.length} reference rows (${share}) give it no value; ` +
        "devices count such rows as missing",
    ];
  });
}
