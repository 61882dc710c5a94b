import type { DeviceId, ModelName, ModelVersion } from "../../proto/ids.ts";
import type { ReportedState } from "../../proto/messages.ts";

/** A stretch of time in which a device had one variant of a version as its active model. */
export interface ProductionStretch {
  readonly device: DeviceId;
  readonly model: ModelName;
  readonly version: ModelVersion;
  readonly variant: string;
  readonly startedAtMs: number;
  /** Undefined: it still runs. */
  readonly endedAtMs: number | undefined;
}

export interface ProductionChanges {
  /** Models whose stretch on this device is over. */
  readonly ended: readonly ModelName[];
  readonly begun: readonly Pick<ProductionStretch, "model" | "version" | "variant">[];
}

/**
 * What ended and what began between two reports of one device. Nothing is guessed of the time between them: a stretch begins and ends
 * when the control plane hears of it.
 */
export function productionChanges(before: ReportedState | undefined, after: ReportedState): ProductionChanges {
  const ran = new Map((before?.models ?? []).map(({ model, active }) => [model, active]));
  const ended: ModelName[] = [];
  const begun: Pick<ProductionStretch, "model" | "version" | "variant">[] = [];
  for (const { model, active } of after.models) {
    const old = ran.get(model);
    ran.delete(model);
    if (old?.version === active?.version && old?.variant === active?.variant) continue;
    if (old !== undefined) ended.push(model);
    if (active !== undefined) begun.push({ model, version: active.version, variant: active.variant });
  }
  for (const [model, old] of ran) if (old !== undefined) ended.push(model);
  return { ended, begun };
}

/** One version's time in production, over all devices. */
export interface VersionInProduction {
  readonly version: ModelVersion;
  readonly devicesNow: number;
  readonly devicesEver: number;
  readonly firstAtMs: number;
  /** Undefined while it runs somewhere. */
  readonly lastAtMs: number | undefined;
  /** Time of all devices together. */
  readonly deviceMs: number;
}

/** In the order in which versions first ran. */
export function versionsInProduction(
  stretches: readonly ProductionStretch[],
  nowMs: number,
): readonly VersionInProduction[] {
  const byVersion = new Map<ModelVersion, ProductionStretch[]>();
  for (const stretch of stretches) byVersion.set(stretch.version, [...(byVersion.get(stretch.version) ?? []), stretch]);
  return [...byVersion]
    .map(([version, own]): VersionInProduction => {
      const running = own.filter(({ endedAtMs }) => endedAtMs === undefined);
      return {
        version,
        devicesNow: new Set(running.map(({ device }) => device)).size,
        devicesEver: new Set(own.map(({ device }) => device)).size,
        firstAtMs: Math.min(...own.map(({ startedAtMs }) => startedAtMs)),
        lastAtMs: running.length > 0 ? undefined : Math.max(...own.map(({ endedAtMs }) => endedAtMs ?? 0)),
        deviceMs: own.reduce(
          (sum, { startedAtMs, endedAtMs }) => sum + Math.max(0, (endedAtMs ?? nowMs) - startedAtMs),
          0,
        ),
      };
    })
    .toSorted((a, b) => a.firstAtMs - b.firstAtMs);
}
