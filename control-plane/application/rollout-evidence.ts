import type { DeviceId, Digest } from "../../proto/ids.ts";
import { minutes } from "../../proto/units.ts";
import type { Device } from "../domain/device.ts";
import type { ModelVersionRecord } from "../domain/model-version.ts";
import type { RolloutEvidence } from "../domain/rollout/evidence.ts";
import { gatherEvidence } from "../domain/rollout/evidence.ts";
import type { DeviceUpdate, Rollout } from "../domain/rollout/rollout.ts";
import { isOlder } from "./desired-delivery.ts";
import type { Database, ReceivedWindow } from "./ports.ts";

/** How long before the rollout the incumbent's windows begin to count. */
const lookbackMs = minutes(15);

/** Everything that a rollout is decided on, besides its own state. */
export interface RolloutFacts {
  readonly devices: readonly Device[];
  readonly catalogue: ReadonlyMap<Digest, ModelVersionRecord>;
  readonly behind: ReadonlySet<DeviceId>;
  readonly evidence: RolloutEvidence;
}

/**
 * Reads the facts from the database. What is read here may be a moment old when it is used; that does no harm, because whatever is
 * newer wakes the rollout again.
 */
export function createFactReader(database: Pick<Database, "devices" | "models" | "desired" | "telemetry">) {
  // Versions never change, so each is read once.
  const versions = new Map<Digest, ModelVersionRecord>();

  return async function readFacts(rollout: Rollout, updates: readonly DeviceUpdate[]): Promise<RolloutFacts> {
    const devices = await database.devices.list();
    const packages = packagesOf(rollout, updates, devices);
    for (const digest of packages) {
      const record = versions.get(digest) ?? (await database.models.byPackage(digest));
      if (record !== undefined) versions.set(digest, record);
    }
    const windows = isJudged(rollout) ? await readWindows(database, rollout, updates) : [];
    return {
      devices,
      catalogue: versions,
      behind: await readBehind(database, rollout, devices),
      evidence: gatherEvidence(rollout, updates, windows, versions),
    };
  };
}

function packagesOf(
  { spec }: Rollout,
  updates: readonly DeviceUpdate[],
  devices: readonly Device[],
): ReadonlySet<Digest> {
  const packages = new Set([spec.package]);
  for (const { incumbent } of updates) if (incumbent !== undefined) packages.add(incumbent.package);
  for (const { reported } of devices)
    for (const { model, active } of reported?.models ?? [])
      if (model === spec.model && active !== undefined) packages.add(active.package);
  return packages;
}

function isJudged({ phase }: Rollout): boolean {
  return phase.kind === "running" || phase.kind === "rolling-back";
}

async function readWindows(
  { telemetry }: Pick<Database, "telemetry">,
  { spec, createdAtMs }: Rollout,
  updates: readonly DeviceUpdate[],
): Promise<readonly ReceivedWindow[]> {
  const windows = [...(await telemetry.windows({ package: spec.package, sinceMs: createdAtMs }))];
  const incumbents = new Set(updates.flatMap(({ incumbent }) => (incumbent === undefined ? [] : [incumbent.package])));
  incumbents.delete(spec.package);
  const sinceMs = createdAtMs - lookbackMs;
  for (const digest of incumbents)
    for (const window of await telemetry.windows({ package: digest, sinceMs })) windows.push(window);
  return windows;
}

/** Few devices report a failure, so the desired state is read for those alone. */
async function readBehind(
  { desired }: Pick<Database, "desired">,
  { spec }: Rollout,
  devices: readonly Device[],
): Promise<ReadonlySet<DeviceId>> {
  const behind = new Set<DeviceId>();
  for (const { id, reported } of devices) {
    if (!reported?.models.some(({ model, failure }) => model === spec.model && failure !== undefined)) continue;
    const state = await desired.get(id);
    if (state !== undefined && isOlder(reported, state)) behind.add(id);
  }
  return behind;
}
