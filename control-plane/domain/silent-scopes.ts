import type { DeviceId } from "../../proto/ids.ts";
import type { Labels } from "./device.ts";
import { groupBy } from "./group-by.ts";
import type { DriftScope } from "./drift/drift-scope.ts";

/** A device of which it is known how its model is used. */
export interface UsedDevice {
  readonly device: DeviceId;
  readonly labels: Labels;
  readonly isSilent: boolean;
}

export interface SilentScope {
  readonly scope: DriftScope;
  readonly devices: readonly DeviceId[];
}

/**
 * The largest groups in which every device is silent: the fleet, else values of the label that takes in most of the silent devices (of
 * two, the one with fewer values), and the other devices one by one. A group has at least two devices.
 *
 * Example: both devices of site=lyon are silent, and one of the three of site=nice: site=lyon, and that device.
 */
export function silentScopes(devices: readonly UsedDevice[]): readonly SilentScope[] {
  const silent = devices.filter(({ isSilent }) => isSilent);
  if (silent.length === 0) return [];
  const named = (scope: DriftScope, members: readonly UsedDevice[]): SilentScope => ({
    scope,
    devices: members.map(({ device }) => device).toSorted(),
  });
  if (silent.length === devices.length && silent.length > 1) return [named({ kind: "fleet" }, silent)];
  const keys = [...new Set(silent.flatMap(({ labels }) => Object.keys(labels)))].toSorted();
  const byKey = keys.map((key) =>
    [...groupBy(devices, ({ labels }) => labels[key])].flatMap(([value, members]) => {
      const isWhole = value !== undefined && members.length > 1 && members.every(({ isSilent }) => isSilent);
      return isWhole ? [{ scope: { kind: "cohort" as const, key, value }, members }] : [];
    }),
  );
  const taken = (groups: (typeof byKey)[number]) => groups.reduce((sum, { members }) => sum + members.length, 0);
  const cohorts = byKey.toSorted((a, b) => taken(b) - taken(a) || a.length - b.length)[0] ?? [];
  const inCohort = new Set(cohorts.flatMap(({ members }) => members));
  return [
    ...cohorts.map(({ scope, members }) => named(scope, members)),
    ...silent.filter((one) => !inCohort.has(one)).map((one) => named({ kind: "device", device: one.device }, [one])),
  ];
}
