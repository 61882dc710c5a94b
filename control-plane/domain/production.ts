import type { DeviceId, ModelName, ModelVersion } from "../../proto/ids.ts";
import type { ReportedState } from "../../proto/messages.ts";
import { groupBy } from "./group-by.ts";

/** What a device has as its active model. */
export interface Running {
  readonly model: ModelName;
  readonly version: ModelVersion;
  readonly variant: string;
}

/** A stretch of time in which a device had one variant of a version as its active model. */
export interface ProductionStretch extends Running {
  readonly device: DeviceId;
  readonly startedAtMs: number;
  /** Undefined: it still runs. */
  readonly endedAtMs: number | undefined;
}

export interface ProductionChanges {
  /** Models whose stretch on this device is over. */
  readonly ended: readonly ModelName[];
  readonly begun: readonly Running[];
}

/**
 * What ends and what begins when a device whose open stretches are `running` reports. It is held against the stretches and not against the
 * report before, so that a database that knows nothing of the device's past has it right after one report. Nothing is guessed of the time
 * between two reports: a stretch begins and ends when the control plane hears of it.
 */
export function productionChanges(running: readonly Running[], reported: ReportedState): ProductionChanges {
  const left = new Map(running.map((one) => [one.model, one]));
  const ended: ModelName[] = [];
  const begun: Running[] = [];
  for (const { model, active } of reported.models) {
    const open = left.get(model);
    left.delete(model);
    if (open?.version === active?.version && open?.variant === active?.variant) continue;
    if (open !== undefined) ended.push(model);
    if (active !== undefined) begun.push({ model, version: active.version, variant: active.variant });
  }
  return { ended: [...ended, ...left.keys()], begun };
}

/** One version's time in production, over all devices. */
export interface VersionInProduction {
  readonly version: ModelVersion;
  readonly devicesNow: number;
  /** The most at one time. */
  readonly devicesAtMost: number;
  readonly devicesEver: number;
  readonly firstAtMs: number;
  /** Undefined while it runs somewhere. */
  readonly lastAtMs: number | undefined;
  /** Time of all devices together. */
  readonly deviceMs: number;
  /** What most devices that had it ran next; undefined where most of them run it or ran nothing after it. */
  readonly followedBy: ModelVersion | undefined;
}

/** Of the stretches of one model, in the order in which they began; versions in the order in which they first ran. */
export function versionsInProduction(
  stretches: readonly ProductionStretch[],
  nowMs: number,
): readonly VersionInProduction[] {
  const followers = followersOf(stretches);
  return [...groupBy(stretches, ({ version }) => version)]
    .map(([version, own]): VersionInProduction => {
      const running = own.filter(({ endedAtMs }) => endedAtMs === undefined);
      return {
        version,
        devicesNow: new Set(running.map(({ device }) => device)).size,
        devicesAtMost: mostAtOnce(own),
        devicesEver: new Set(own.map(({ device }) => device)).size,
        firstAtMs: own.reduce((first, { startedAtMs }) => Math.min(first, startedAtMs), Number.POSITIVE_INFINITY),
        lastAtMs:
          running.length > 0 ? undefined : own.reduce((last, { endedAtMs = 0 }) => Math.max(last, endedAtMs), 0),
        deviceMs: own.reduce((sum, one) => sum + Math.max(0, (one.endedAtMs ?? nowMs) - one.startedAtMs), 0),
        followedBy: mostFrequent(followers.get(version) ?? []),
      };
    })
    .toSorted((a, b) => a.firstAtMs - b.firstAtMs);
}

/** For each version what each device that had it did after it had it last. */
function followersOf(
  stretches: readonly ProductionStretch[],
): ReadonlyMap<ModelVersion, readonly (ModelVersion | undefined)[]> {
  const followers = new Map<ModelVersion, (ModelVersion | undefined)[]>();
  for (const own of groupBy(stretches, ({ device }) => device).values()) {
    const last = new Map<ModelVersion, ModelVersion | undefined>();
    for (const [i, { version }] of own.entries()) {
      const next = own[i + 1]?.version;
      if (next !== version) last.set(version, next);
    }
    for (const [version, next] of last) followers.set(version, [...(followers.get(version) ?? []), next]);
  }
  return followers;
}

function mostFrequent<T>(values: readonly T[]): T | undefined {
  const counted = [...groupBy(values, (value) => value)].toSorted(([, a], [, b]) => b.length - a.length);
  return counted[0]?.[0];
}

/** A device has one active version of a model at a time, so its stretches never overlap. */
function mostAtOnce(stretches: readonly ProductionStretch[]): number {
  const steps = stretches.flatMap(({ startedAtMs, endedAtMs }) => [
    { atMs: startedAtMs, change: 1 },
    ...(endedAtMs === undefined ? [] : [{ atMs: endedAtMs, change: -1 }]),
  ]);
  let now = 0;
  let most = 0;
  for (const { change } of steps.toSorted((a, b) => a.atMs - b.atMs || a.change - b.change)) {
    now += change;
    most = Math.max(most, now);
  }
  return most;
}
