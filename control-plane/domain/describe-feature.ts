import type { FeatureSpec } from "../../proto/manifest.ts";
import type { Measure, Statistic } from "../../proto/measures/measure.ts";
import { isShare } from "../../proto/measures/measure.ts";
import { describeDeclared } from "./declared-values.ts";

/**
 * What is to be known of a feature beyond its name: how it is measured where that is more than one word, and what was declared. Undefined
 * where that is nothing.
 *
 * Example: `laplacian-variance of channel 1 (channels first), one position of 7; at least 0`.
 */
export function describeFeature(feature: FeatureSpec): string | undefined {
  const parts = [describeReading(feature), describeDeclared(feature)].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts.join("; ");
}

function describeReading(feature: FeatureSpec): string | undefined {
  if (feature.kind === "unknown") return `not known to this version (${feature.stated})`;
  return feature.kind === "measure" ? describeMeasure(feature.measure) : undefined;
}

function describeMeasure(measure: Measure): string {
  const { channel, every } = measure;
  const ofChannel = channel === undefined ? "" : ` of channel ${channel.index} (channels ${channel.axis})`;
  const thinned = every === undefined ? "" : `, one ${"frame" in measure ? "frame" : "position"} of ${every}`;
  return `${describeStatistic(measure)}${ofChannel}${thinned}`;
}

function describeStatistic(measure: Statistic): string {
  const { statistic } = measure;
  if (isShare(measure)) return `${statistic} ${measure.from ?? "any"} to ${measure.to ?? "any"}`;
  if (statistic === "root-mean-square")
    return measure.fullScale === undefined ? statistic : `${statistic} in dB of ${measure.fullScale}`;
  if (statistic === "band-energy")
    return `${statistic} from ${measure.fromHz} to ${measure.toHz} Hz at ${measure.sampleRate} Hz`;
  return statistic === "spectral-centroid" ? `${statistic} at ${measure.sampleRate} Hz` : statistic;
}
