import type { DeviceId, Digest, RolloutId } from "../../proto/ids.ts";
import { stableHash } from "../../proto/ids.ts";
import { minutes } from "../../proto/units.ts";
import type { Device } from "../domain/device.ts";
import type { ModelVersionRecord } from "../domain/model-version.ts";
import type { RolloutEvidence } from "../domain/rollout/gather-evidence.ts";
import { gatherEvidence, mergeRolloutEvidence } from "../domain/rollout/gather-evidence.ts";
import type { DeviceUpdate, ModelRolloutSpec, Rollout } from "../domain/rollout/rollout.ts";
import { spanAround } from "../domain/rollout/latency-around.ts";
import { incumbentKey, standingOf } from "../domain/rollout/standing.ts";
import { deviceClassesOf } from "../domain/device-class.ts";
import type { FleetEvidence } from "../domain/variant-evidence.ts";
import type { VariantQuarantine } from "../domain/variant-quarantine.ts";
import { gatherVariantEvidence, mergeVariantEvidence } from "../domain/variant-evidence.ts";
import { isOlder } from "./desired-delivery.ts";
import type { Clock } from "./ports.ts";
import type { Database } from "./stores.ts";
import type { ReceivedWindow } from "./telemetry-stores.ts";

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
  /** What the rollout's devices measured of the new version's variants: where those that follow look first. */
  readonly variants: FleetEvidence;
  /** Variants of the new version that devices found bad. */
  readonly quarantines: readonly VariantQuarantine[];
}

/** What windows tell: how a version does, and how fast its variants are. */
type Told = Pick<RolloutFacts, "evidence" | "variants">;

export interface FactReaderOptions {
  readonly database: Pick<Database, "devices" | "models" | "desired" | "telemetry" | "quarantines">;
  readonly clock: Pick<Clock, "now">;
}

interface WindowsOf {
  /** Where the new version answered. */
  readonly candidate: readonly ReceivedWindow[];
  /** Those of the versions before, and those in which the new one answered nobody. */
  readonly others: readonly ReceivedWindow[];
}

/** The sum of the windows that were received before `untilMs`, so that they need not be read again. */
interface SettledEvidence {
  readonly untilMs: number;
  readonly members: number;
  readonly told: Told;
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
  async function readForward(
    rollout: Rollout,
    updates: readonly DeviceUpdate[],
    devices: readonly Device[],
  ): Promise<Told> {
    const classes = deviceClassesOf(devices);
    const gather = ({ candidate, others }: WindowsOf): Told => ({
      evidence: gatherEvidence(rollout, updates, [...candidate, ...others], versions),
      variants: gatherVariantEvidence(candidate, (device) => classes.get(device)),
    });
    const known = settled.get(rollout.id);
    const members = membershipOf(rollout, updates);
    const before = known?.members === members ? known : undefined;
    const since = before?.untilMs ?? 0;
    const horizonMs = clock.now() - settledAfterMs;
    const windows = await readWindowsOf(rollout, updates, since);
    const plus = (told: Told): Told =>
      before === undefined
        ? told
        : {
            evidence: mergeRolloutEvidence(before.told.evidence, told.evidence),
            variants: mergeVariantEvidence(before.told.variants, told.variants),
          };
    if (horizonMs > since) {
      const isOld = ({ receivedAtMs }: ReceivedWindow) => receivedAtMs < horizonMs;
      const told = plus(gather({ candidate: windows.candidate.filter(isOld), others: windows.others.filter(isOld) }));
      settled.set(rollout.id, { untilMs: horizonMs, members, told });
    }
    return plus(gather(windows));
  }

  async function readWindowsOf(
    { spec, phase, createdAtMs }: Rollout,
    updates: readonly DeviceUpdate[],
    since: number,
  ): Promise<WindowsOf> {
    const sinceIncumbent = Math.max(since, createdAtMs - lookbackMs);
    // A window does not say under which settings it was counted: all are read, and told apart by when they came.
    if (spec.kind === "settings")
      return { candidate: [], others: await database.telemetry.windowsBetween(sinceIncumbent, clock.now() + 1) };
    const sinceCandidate = Math.max(since, createdAtMs);
    const isInShadow = phase.kind === "running" && spec.stages[phase.stage]?.shadow !== undefined;
    const inShadow = { package: spec.package, sinceMs: sinceCandidate };
    return {
      candidate: await readWindows(database, [spec.package], sinceCandidate),
      others: [
        ...(await readWindows(database, incumbentsOf(spec, updates), sinceIncumbent)),
        ...(isInShadow ? await database.telemetry.shadowWindows(inShadow) : []),
      ],
    };
  }

  async function readTold(
    rollout: Rollout,
    updates: readonly DeviceUpdate[],
    devices: readonly Device[],
  ): Promise<Told> {
    if (rollout.phase.kind === "running") return readForward(rollout, updates, devices);
    settled.delete(rollout.id);
    // A rollback is judged on what the old versions do since they are back; in the other phases nothing is judged.
    const { phase, spec } = rollout;
    const windows =
      phase.kind !== "rolling-back"
        ? []
        : spec.kind === "settings"
          ? await database.telemetry.windowsBetween(phase.enteredAtMs, clock.now() + 1)
          : await readWindows(database, incumbentsOf(spec, updates), phase.enteredAtMs);
    return { evidence: gatherEvidence(rollout, updates, windows, versions), variants: new Map() };
  }

  return async function readFacts(rollout: Rollout, updates: readonly DeviceUpdate[]): Promise<RolloutFacts> {
    const devices = await database.devices.list();
    await readVersions(packagesOf(rollout, updates, devices));
    const behind = await readBehind(database, rollout, devices);
    const quarantines = rollout.spec.kind === "model" ? await database.quarantines.of(rollout.spec.package) : [];
    return { devices, catalogue: versions, behind, quarantines, ...(await readTold(rollout, updates, devices)) };
  };
}

/**
 * Changes when a window would be counted elsewhere: when devices join, begin to run another version while they wait, are assigned, leave
 * the shadow, are revoked in it, or settle before the next stage begins.
 */
function membershipOf(rollout: Rollout, updates: readonly DeviceUpdate[]): number {
  const place = ({ device, stage, assignedAtMs, incumbent }: DeviceUpdate) =>
    `${device} ${stage} ${assignedAtMs === undefined ? "" : "assigned"} ${incumbentKey(incumbent) ?? ""}`;
  const span = spanAround(rollout, updates);
  return stableHash(`${span?.stage} ${span?.fromMs} ${span?.beganMs} ${updates.map(place).join()}`);
}

function packagesOf(
  { spec }: Rollout,
  updates: readonly DeviceUpdate[],
  devices: readonly Device[],
): ReadonlySet<Digest> {
  // Nothing of settings is judged by what a package says.
  if (spec.kind === "settings") return new Set();
  const packages = new Set([spec.package, ...incumbentsOf(spec, updates)]);
  for (const { reported } of devices)
    for (const { model, active } of reported?.models ?? [])
      if (model === spec.model && active !== undefined) packages.add(active.package);
  return packages;
}

function incumbentsOf(spec: ModelRolloutSpec, updates: readonly DeviceUpdate[]): readonly Digest[] {
  const incumbents = new Set(
    updates.flatMap(({ incumbent }) => (incumbent?.kind === "model" ? [incumbent.package] : [])),
  );
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
    if (reported === undefined || standingOf({ reported }, spec)?.failure === undefined) continue;
    const state = await desired.get(id);
    if (state !== undefined && isOlder(reported, state)) behind.add(id);
  }
  return behind;
}
