import type { DeviceId } from "../../../proto/ids.ts";
import type { MergedCounts, WindowCounts } from "./window-counts.ts";
import { mergeWindowCounts } from "./window-counts.ts";

/** Where a stream is watched. A cohort is here all devices that carry the label `key=value`. */
export type DriftScope =
  | { readonly kind: "device"; readonly device: DeviceId }
  | { readonly kind: "cohort"; readonly key: string; readonly value: string }
  | { readonly kind: "fleet" };

/** What one device counted of one stream in the windows that are judged together. */
export interface DeviceCounts extends WindowCounts {
  readonly device: DeviceId;
  readonly labels: Readonly<Record<string, string>>;
}

export interface ScopedCounts extends MergedCounts {
  readonly scope: DriftScope;
  readonly devices: number;
}

/** The name of a scope as people read it: `cam-3`, `site=lyon`, `fleet`. A device could be called "fleet": see `scopeKey`. */
export function scopeName(scope: DriftScope): string {
  switch (scope.kind) {
    case "device":
      return scope.device;
    case "cohort":
      return `${scope.key}=${scope.value}`;
    case "fleet":
      return "fleet";
  }
}

/** Unique among all scopes, because the key of a label holds no `=`: `device cam-3`, `cohort site=lyon`, `fleet`. */
export function scopeKey(scope: DriftScope): string {
  return scope.kind === "fleet" ? scope.kind : `${scope.kind} ${scopeName(scope)}`;
}

/**
 * One stream's counts, merged per device, per label and for the fleet, sorted by name within each kind of scope.
 * A device may appear more than once (several of its windows): its counts add, and it is still one device.
 *
 * Example: cam-1 {site: lyon} [1, 2] and cam-2 {site: nice} [0, 3] make cam-1 [1, 2], cam-2 [0, 3],
 * site=lyon [1, 2], site=nice [0, 3], fleet [1, 5].
 */
export function mergeByScope(parts: readonly DeviceCounts[], bins: number): readonly ScopedCounts[] {
  const members = new Map<string, { readonly scope: DriftScope; readonly parts: DeviceCounts[] }>();
  const join = (scope: DriftScope, part: DeviceCounts) => {
    const id = scopeKey(scope);
    const known = members.get(id);
    if (known === undefined) members.set(id, { scope, parts: [part] });
    else known.parts.push(part);
  };
  for (const part of parts) {
    join({ kind: "device", device: part.device }, part);
    for (const [key, value] of Object.entries(part.labels)) join({ kind: "cohort", key, value }, part);
    join({ kind: "fleet" }, part);
  }
  return [...members.entries()]
    .sort(([keyA, a], [keyB, b]) => order[a.scope.kind] - order[b.scope.kind] || (keyA < keyB ? -1 : 1))
    .map(([, { scope, parts: own }]) => ({
      scope,
      devices: new Set(own.map((part) => part.device)).size,
      ...mergeWindowCounts(own, bins),
    }));
}

const order: Readonly<Record<DriftScope["kind"], number>> = { device: 0, cohort: 1, fleet: 2 };

/** One entry for each device, in the order of their first appearance: several windows of a device add up. Its newest labels count. */
export function mergeByDevice(parts: readonly DeviceCounts[], bins: number): readonly DeviceCounts[] {
  const own = new Map<DeviceId, DeviceCounts[]>();
  for (const part of parts) {
    const known = own.get(part.device);
    if (known === undefined) own.set(part.device, [part]);
    else known.push(part);
  }
  return [...own].map(([device, windows]) => ({
    device,
    labels: windows.at(-1)?.labels ?? {},
    ...mergeWindowCounts(windows, bins),
  }));
}
