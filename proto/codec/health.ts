import type { sedge } from "../generated/sedge.js";
import type { HealthMeasure, HealthRange, HealthWindow } from "../telemetry-messages.ts";
import { healthMeasures } from "../telemetry-messages.ts";
import type { Problems } from "../problems.ts";
import { numberOfName, quantityField } from "./narrow.ts";

/** Many more than there are names for: a newer agent may know more. */
const mostRanges = 64;

export function rawHealth({ startedAtMs, endedAtMs, measures }: HealthWindow): sedge.v1.Health.$Properties {
  return {
    started_at_ms: startedAtMs,
    ended_at_ms: endedAtMs,
    ranges: healthMeasures.flatMap((measure) => {
      const range = measures[measure];
      return range === undefined ? [] : [{ measure: numberOfName(healthMeasures, measure), ...range }];
    }),
  };
}

export function narrowHealth(raw: sedge.v1.Health.$Properties, path: string, problems: Problems): HealthWindow {
  const ranges = raw.ranges ?? [];
  if (ranges.length > mostRanges) problems.add(`${path}.ranges`, `${ranges.length} are more than ${mostRanges}`);
  const measures: Partial<Record<HealthMeasure, HealthRange>> = {};
  for (const [i, range] of ranges.slice(0, mostRanges).entries()) {
    const narrowed = narrowRange(range, `${path}.ranges[${i}]`, problems);
    const measure = healthMeasures[(range.measure ?? 0) - 1];
    if (measure !== undefined && measures[measure] !== undefined)
      problems.add(`${path}.ranges[${i}]`, `${measure} is there twice`);
    // A measure without a name here is a newer agent's.
    if (measure !== undefined) measures[measure] = narrowed;
  }
  return {
    kind: "health",
    startedAtMs: quantityField(problems, `${path}.started_at_ms`, raw.started_at_ms),
    endedAtMs: quantityField(problems, `${path}.ended_at_ms`, raw.ended_at_ms),
    measures,
  };
}

function narrowRange(raw: sedge.v1.HealthRange.$Properties, path: string, problems: Problems): HealthRange {
  const [min, mean, max] = [raw.min ?? 0, raw.mean ?? 0, raw.max ?? 0];
  if (!raw.measure) problems.add(path, "names no measure");
  if (![min, mean, max].every((value) => Number.isFinite(value)) || min > mean || mean > max)
    problems.add(path, `${min}, ${mean}, ${max} are not a least, a mean and a largest value`);
  return { min, mean, max };
}
