import type { DeviceCounts } from "./drift-scope.ts";
import { mergeByDevice } from "./drift-scope.ts";
import { scoreStream } from "./drift-score.ts";
import type { Information } from "./g-statistic.ts";
import { splitInformation } from "./g-statistic.ts";
import type { StreamReference } from "../../../proto/manifest.ts";
import type { WindowCounts } from "./window-counts.ts";
import { mergeWindowCounts, totalCount } from "./window-counts.ts";

/** Where the difference from the reference sits. Shares are 0 to 1, less what chance explains; all are 0 when nothing is left. */
export interface DriftExplanation {
  /** What all devices have in common. With `withinShare` and the share of the first label it adds up to 1. */
  readonly fleetShare: number;
  /** The best label first, the others by their share. */
  readonly byLabel: readonly LabelExplanation[];
  /** What only single devices have, within the values of the first label. */
  readonly withinShare: number;
}

interface LabelExplanation {
  readonly key: string;
  /** What the values of this label explain: how far they are from each other. */
  readonly share: number;
  /** The most drifted first. */
  readonly values: readonly LabelValue[];
}

interface LabelValue {
  readonly value: string;
  readonly samples: number;
  /** Of the value's devices together against the reference. */
  readonly psiExcess: number;
}

/** The value under which devices without the label are gathered. */
export const unlabelled = "(none)";

/**
 * Which label explains the drift of a stream: for each label key, the exact split of the information (`splitInformation`)
 * into fleet, between its values, and within them. Missing values count as one more bin, so that a sensor that went silent
 * is found the same way. Chance is taken off each part: half its degrees of freedom, and for the fleet also the uncertainty of
 * the reference itself (N / m more).
 *
 * A key with more values explains at least as much as a coarser one that it refines (a serial number explains everything), so
 * among the keys that explain at least 90 % of the most, the one with the fewest values is the best.
 *
 * The fleet's share is large also when one cohort is very far away, because it pulls the fleet's sum along: read who
 * drifted from the values, not from the shares (`nameCause` does).
 *
 * Example: 12 devices at 3 sites, the 4 of site=lyon moved by half a standard deviation: about a third of the drift is the fleet's,
 * two thirds are between the sites, and a label that has nothing to do with it explains nothing.
 */
export function explainDrift(parts: readonly DeviceCounts[], reference: StreamReference): DriftExplanation {
  const devices = mergeByDevice(parts, reference.counts.length);
  const withBin = devices.map((device) => ({ ...device, counts: countsWithMissing(device), missing: 0 }));
  const shares = referenceShares(reference, withBin);
  const samples = withBin.reduce((all, device) => all + totalCount(device.counts), 0);
  const referenceSize = totalCount(reference.counts) + reference.missing;
  const uncertainty = referenceSize === 0 ? Number.POSITIVE_INFINITY : samples / referenceSize;

  const partsOf = (groups: readonly (readonly WindowCounts[])[]) => {
    const split = splitInformation(groups, shares);
    const { degrees } = split.fleet;
    const fleet = degrees === 0 ? 0 : beyondChance({ nats: split.fleet.nats, degrees: degrees * (1 + uncertainty) });
    return shared(fleet, beyondChance(split.between), beyondChance(split.within));
  };

  const keys = [...new Set(devices.flatMap((device) => Object.keys(device.labels)))].sort();
  const candidates = keys.map((key) => {
    const groups = groupByLabel(withBin, key);
    return { key, groups, parts: partsOf([...groups.values()]) };
  });
  const most = Math.max(0, ...candidates.map(({ parts }) => parts.between));
  const best = candidates
    .filter(({ parts }) => parts.between >= 0.9 * most)
    .sort((a, b) => a.groups.size - b.groups.size || b.parts.between - a.parts.between)[0];
  const rest = candidates.filter((candidate) => candidate !== best).sort((a, b) => b.parts.between - a.parts.between);

  const { fleet, within } = best?.parts ?? partsOf([withBin]);
  return {
    fleetShare: fleet,
    byLabel: [...(best ? [best] : []), ...rest].map(({ key, parts }) => ({
      key,
      share: parts.between,
      values: labelValues(groupByLabel(devices, key), reference),
    })),
    withinShare: within,
  };
}

export function labelValue(labels: DeviceCounts["labels"], key: string): string {
  return Object.hasOwn(labels, key) ? (labels[key] as string) : unlabelled;
}

/** The devices under each value of a label; those without it under `unlabelled`. */
export function groupByLabel<Device extends DeviceCounts>(
  devices: readonly Device[],
  key: string,
): ReadonlyMap<string, readonly Device[]> {
  const groups = new Map<string, Device[]>();
  for (const device of devices) {
    const value = labelValue(device.labels, key);
    const group = groups.get(value);
    if (group === undefined) groups.set(value, [device]);
    else group.push(device);
  }
  return groups;
}

function labelValues(
  groups: ReadonlyMap<string, readonly DeviceCounts[]>,
  reference: StreamReference,
): readonly LabelValue[] {
  return [...groups]
    .map(([value, members]) => {
      const { samples, psiExcess } = scoreStream(reference, mergeWindowCounts(members, reference.counts.length));
      return { value, samples, psiExcess };
    })
    .sort((a, b) => b.psiExcess - a.psiExcess || (a.value < b.value ? -1 : 1));
}

function countsWithMissing(part: WindowCounts): readonly number[] {
  return [...Array.from(part.counts), part.missing];
}

/** Half a sample is added to each bin that holds anything on either side, so that a bin new to the reference stays finite. */
function referenceShares(reference: StreamReference, devices: readonly WindowCounts[]): readonly number[] {
  const counts = countsWithMissing({ counts: reference.counts, missing: reference.missing });
  const fleet = mergeWindowCounts(devices, counts.length).counts;
  const smoothed = counts.map((count, bin) => (count + (fleet[bin] as number) > 0 ? count + 0.5 : 0));
  const all = totalCount(smoothed);
  return smoothed.map((count) => (all === 0 ? 0 : count / all));
}

function beyondChance({ nats, degrees }: Information): number {
  return Math.max(0, nats - degrees / 2);
}

function shared(fleet: number, between: number, within: number) {
  const all = fleet + between + within;
  if (all === 0) return { fleet: 0, between: 0, within: 0 };
  return { fleet: fleet / all, between: between / all, within: within / all };
}
