import type { DeviceId, Digest, RolloutId } from "../../proto/ids.ts";
import { stableHash } from "../../proto/ids.ts";
import { minutes } from "../../proto/units.ts";
import type { Device } from "../domain/device.ts";
import type { ModelVersionRecord } from "../domain/model-version.ts";
import type { RolloutEvidence } from "../domain/rollout/evidence.ts";
import { gatherEvidence, mergeRolloutEvidence } from "../domain/rollout/evidence.ts";
import type { DeviceUpdate, Rollout } from "../domain/rollout/rollout.ts";
import { isOlder } from "./desired-delivery.ts";
import type { Clock, Database, ReceivedWindow } from "./ports.ts";

/** How long before the rollout the incumbent's windows begin to count. */
const lookbackMs = minutes(15);
/** What was received longer ago than this is in the database, or never will be. */
const settledAfterMs = minutes(1);

/** Everything that a rollout is decided on, besides its own state. */
export interface RolloutFacts {
  readonly devices: readonly Device[];
  readonly catalogue: ReadonlyMap<Digest, ModelVersionRecord>;
  readonly behind: ReadonlySet<DeviceId>;
  readonly evidence: RolloutEvidence;
}

export interface FactReaderOptions {
  readonly database: Pick<Database, "devices" | "models" | "desired" | "telemetry">;
  readonly clock: Pick<Clock, "now">;
}

/** The sum of the windows that were received before `untilMs`, so that they need not be read again. */
interface SettledEvidence {
  readonly untilMs: number;
  readonly members: number;
  readonly evidence: RolloutEvidence;
}

/**
 * Reads the facts from the database. What is read here may be a moment old when it is used; that does no harm, because whatever is
 * newer wakes the rollout again. What the reader remembers could all be read again.
 */
export function createFactReader({ database, clock }: FactReaderOptions) {
  // Versions never change, so each is read once.
  const versions = new Map<Digest, ModelVersionRecord>();
  const settled = new Map<RolloutId, SettledEvidence>();

  async function readVersions(packages: ReadonlySet<Digest>): Promise<void> {
    for (const digest of packages) {
      const record = versions.get(digest) ?? (await database.models.byPackage(digest));
      if (record !== undefined) versions.set(digest, record);
    }
  }

  /** A rollout that runs is judged on all its windows; the old ones are added up once. */
  async function readForward(rollout: Rollout, updates: readonly DeviceUpdate[]): Promise<RolloutEvidence> {
    const gather = (windows: readonly ReceivedWindow[]) => gatherEvidence(rollout, updates, windows, versions);
    const known = settled.get(rollout.id);
    const members = membershipOf(updates);
    const before = known?.members === members ? known : undefined;
    const since = before?.untilMs ?? 0;
    const horizonMs = clock.now() - settledAfterMs;
    const windows = [
      ...(await readWindows(database, [rollout.spec.package], Math.max(since, rollout.createdAtMs))),
      ...(await readWindows(
        database,
        incumbentsOf(rollout, updates),
        Math.max(since, rollout.createdAtMs - lookbackMs),
      )),
    ];
    const plus = (evidence: RolloutEvidence) =>
      before === undefined ? evidence : mergeRolloutEvidence(before.evidence, evidence);
    if (horizonMs > since) {
      const old = windows.filter(({ receivedAtMs }) => receivedAtMs < horizonMs);
      settled.set(rollout.id, { untilMs: horizonMs, members, evidence: plus(gather(old)) });
    }
    return plus(gather(windows));
  }

  async function readEvidence(rollout: Rollout, updates: readonly DeviceUpdate[]): Promise<RolloutEvidence> {
    if (rollout.phase.kind === "running") return readForward(rollout, updates);
    settled.delete(rollout.id);
    // A rollback is judged on what the old versions do since they are back; in the other phases nothing is judged.
    const windows =
      rollout.phase.kind === "rolling-back"
        ? await readWindows(database, incumbentsOf(rollout, updates), rollout.phase.enteredAtMs)
        : [];
    return gatherEvidence(rollout, updates, windows, versions);
  }

  return async function readFacts(rollout: Rollout, updates: readonly DeviceUpdate[]): Promise<RolloutFacts> {
    const devices = await database.devices.list();
    await readVersions(packagesOf(rollout, updates, devices));
    const behind = await readBehind(database, rollout, devices);
    return { devices, catalogue: versions, behind, evidence: await readEvidence(rollout, updates) };
  };
}

/** Changes when a window would be counted elsewhere: when devices join, or begin to run another version while they wait. */
function membershipOf(updates: readonly DeviceUpdate[]): number {
  return stableHash(updates.map(({ device, incumbent }) => `${device} ${incumbent?.package ?? ""}`).join());
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

function incumbentsOf({ spec }: Rollout, updates: readonly DeviceUpdate[]): readonly Digest[] {
  const incumbents = new Set(updates.flatMap(({ incumbent }) => (incumbent === undefined ? [] : [incumbent.package])));
  incumbents.delete(spec.package);
  return [...incumbents];
}

async function readWindows(
  { telemetry }: Pick<Database, "telemetry">,
  packages: readonly Digest[],
  sinceMs: number,
): Promise<readonly ReceivedWindow[]> {
  const parts: (readonly ReceivedWindow[])[] = [];
  for (const digest of packages) parts.push(await telemetry.windows({ package: digest, sinceMs }));
  return parts.flat();
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
