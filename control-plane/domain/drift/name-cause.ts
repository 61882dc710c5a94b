import type { DeviceId } from "../../../proto/ids.ts";
import type { DriftPolicy } from "./drift-policy.ts";
import type { DeviceCounts } from "./drift-scope.ts";
import { mergeByDevice, scopeName } from "./drift-scope.ts";
import type { DriftBaseline, DriftScore } from "./drift-score.ts";
import { scoreStream } from "./drift-score.ts";
import type { Judge } from "./judge-score.ts";
import { judgeScore } from "./judge-score.ts";
import { explainDrift, groupByLabel, unlabelled } from "./localise.ts";
import type { StreamReference } from "../../../proto/manifest.ts";
import { mergeWindowCounts } from "./window-counts.ts";

/** Who drifted. `unclear` is an answer: the drift is there, but no group stands out and no single device can be judged. */
export type DriftCause =
  | { readonly kind: "cohort"; readonly key: string; readonly values: readonly string[] }
  | { readonly kind: "devices"; readonly devices: readonly DeviceId[] }
  | { readonly kind: "fleet" }
  | { readonly kind: "unclear" };

/**
 * Names the smallest group that the drift of a stream belongs to, for an alert that is open. The answers are tried in this order:
 *
 * 1. A *cohort*: values of the best label (`explainDrift`) whose devices drifted together, and which also differ from the
 *    devices beside them in the same windows. Without that comparison, a fleet that moved as a whole would be
 *    blamed on whichever cohort chance put first over the limit.
 * 2. The *fleet*.
 * 3. Single *devices* whose own windows drifted.
 *
 * A cohort or the fleet is blamed as a whole only when it is still drifted, by half the limits, without the worse half of its
 * devices: one broken camera must not put the blame on its site. The worse half is gone, so what remains is milder than the whole by
 * selection alone; hence half the limits.
 */
export function nameCause(
  parts: readonly DeviceCounts[],
  reference: StreamReference,
  policy: DriftPolicy,
  judge: Judge = judgeScore,
): DriftCause {
  const devices = mergeByDevice(parts, reference.counts.length);
  const score = (group: readonly DeviceCounts[], against: DriftBaseline = reference) =>
    scoreStream(against, mergeWindowCounts(group, reference.counts.length));
  const drifted = (group: readonly DeviceCounts[], against: DriftBaseline = reference, limits = policy) =>
    judge(score(group, against), limits).kind === "drifted";
  const driftedAsWhole = (group: readonly DeviceCounts[]) =>
    drifted(group) && drifted(milderHalf(group, score), reference, halved(policy));

  const key = explainDrift(devices, reference).byLabel[0]?.key;
  if (key !== undefined) {
    const groups = [...groupByLabel(devices, key)];
    // Devices that only lack the label have nothing in common to be named by.
    const named = groups.filter(([value, members]) => value !== unlabelled && driftedAsWhole(members));
    const namedDevices = named.flatMap(([, members]) => members);
    const beside = devices.filter((device) => !namedDevices.includes(device));
    if (named.length > 0 && beside.length > 0) {
      if (drifted(namedDevices, { ...reference, ...mergeWindowCounts(beside, reference.counts.length) }))
        return { kind: "cohort", key, values: named.map(([value]) => value).sort() };
    }
  }
  if (driftedAsWhole(devices)) return { kind: "fleet" };
  const single = devices.filter((device) => drifted([device])).map(({ device }) => device);
  return single.length > 0 ? { kind: "devices", devices: single.sort() } : { kind: "unclear" };
}

/** Example: `site=lyon`, `device cam-3, device cam-7`, `the whole fleet`. */
export function describeCause(cause: DriftCause): string {
  switch (cause.kind) {
    case "cohort":
      return cause.values.map((value) => scopeName({ kind: "cohort", key: cause.key, value })).join(", ");
    case "devices":
      return cause.devices.map((device) => `device ${device}`).join(", ");
    case "fleet":
      return "the whole fleet";
    case "unclear":
      return "no cohort or device stands out";
  }
}

/** The half of the devices (at least one) that differ least from the reference. */
function milderHalf(
  group: readonly DeviceCounts[],
  score: (group: readonly DeviceCounts[]) => DriftScore,
): readonly DeviceCounts[] {
  return group
    .map((device) => ({ device, score: score([device]) }))
    .sort((a, b) => severity(a.score) - severity(b.score) || (a.device.device < b.device.device ? -1 : 1))
    .slice(0, Math.ceil(group.length / 2))
    .map(({ device }) => device);
}

/** One order for all ways to drift: the largest of the effects, each of which is 0 without drift. */
function severity(score: DriftScore): number {
  return Math.max(
    score.psiExcess,
    score.outOfRangeIncrease,
    score.missingIncrease,
    score.farOutsideIncrease,
    score.stuckIncrease,
  );
}

function halved(policy: DriftPolicy): DriftPolicy {
  return {
    ...policy,
    psiExcess: policy.psiExcess / 2,
    outOfRangeIncrease: policy.outOfRangeIncrease / 2,
    missingIncrease: policy.missingIncrease / 2,
    farOutsideShare: policy.farOutsideShare / 2,
    stuckShare: policy.stuckShare / 2,
  };
}
