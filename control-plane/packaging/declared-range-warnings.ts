import type { FeatureSpec } from "../../proto/manifest.ts";
import { describeRange } from "../domain/declared-values.ts";
import type { StreamRow } from "./reference-profile.ts";

/**
 * Where the publisher's own reference rows have values that the publisher calls impossible: either the range is wrong, or rows are in the
 * reference that no device should see. The features are the first streams of each row.
 *
 * Example: `inputs: feature "temperature": 3 of 600 reference rows (0.5 %) are outside the declared range 0 to 60; they go from -4 to -1`.
 */
export function declaredRangeWarnings(features: readonly FeatureSpec[], rows: readonly StreamRow[]): readonly string[] {
  return features.flatMap(({ name, range }, stream) => {
    if (range === undefined) return [];
    const { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY } = range;
    let outside = 0;
    let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const row of rows) {
      const value = row[stream];
      if (value === undefined || !Number.isFinite(value) || (value >= min && value <= max)) continue;
      outside += 1;
      lowest = Math.min(lowest, value);
      highest = Math.max(highest, value);
    }
    if (outside === 0) return [];
    const share = `${((100 * outside) / rows.length).toFixed(1)} %`;
    const extent =
      lowest === highest ? `the value is ${figure(lowest)}` : `they go from ${figure(lowest)} to ${figure(highest)}`;
    return [
      `inputs: feature "${name}": ${outside} of ${rows.length} reference rows (${share}) are outside the declared range ` +
        `${describeRange(range)}; ${extent}`,
    ];
  });
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}
