import type { DeviceId, Digest, RolloutId } from "../../proto/ids.ts";
import { minutes } from "../../proto/units.ts";
import type { Device } from "../domain/device.ts";
import type { ModelVersionRecord } from "../domain/model-version.ts";
import type { RolloutEvidence } from "../domain/rollout/gather-evidence.ts";
import { gatherEvidence, mergeRolloutEvidence } from "../domain/rollout/gather-evidence.ts";
import type { DeviceUpdate, ModelRolloutSpec, Rollout } from "../domain/rollout/rollout.ts";
import type { SpanAround } from "../domain/rollout/latency-around.ts";
import { nothingAround, spanAround } from "../domain/rollout/latency-around.ts";
import { isReverted } from "../domain/rollout/device-update.ts";
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
/** A rollout that nobody asked about for so long is over. */
const forgottenAfterMs = minutes(60);
/** Windows that were received within so long are read together. */
const sliceMs = minutes(5);

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

const nothingRead: WindowsOf = { candidate: [], others: [] };

/** A rollout at one moment, as far as it decides where a window counts. */
interface Standpoint {
  readonly rollout: Rollout;
  readonly updates: readonly DeviceUpdate[];
  readonly classOf: (device: DeviceId) => string | undefined;
  /** When the first windows that count were received. */
  readonly sinceMs: number;
  /** Where the windows of each device count. */
  readonly places: ReadonlyMap<DeviceId, string>;
  readonly span: SpanAround | undefined;
}

/** The sum of the windows that were received before `untilMs`, so that they need not be read again. */
interface SettledEvidence extends Pick<Standpoint, "sinceMs" | "places" | "span"> {
  readonly untilMs: number;
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

  /** A rollout that goes on or back is judged on all its windows; the old ones are added up once. In the other phases nothing is judged. */
  async function readTold(
    rollout: Rollout,
    updates: readonly DeviceUpdate[],
    devices: readonly Device[],
  ): Promise<Told> {
    const sinceMs = sinceOf(rollout);
    if (sinceMs === undefined) {
      settled.delete(rollout.id);
      return { evidence: gatherEvidence(rollout, updates, [], versions), variants: new Map() };
    }
    // What a device said counts no more when it is revoked, also what it said before: nobody trusts it.
    const revoked = new Set(devices.filter(({ revokedAtMs }) => revokedAtMs !== undefined).map(({ id }) => id));
    const heard = updates.filter(({ device }) => !revoked.has(device));
    const classes = deviceClassesOf(devices.filter(({ id }) => !revoked.has(id)));
    const classOf = (device: DeviceId) => classes.get(device);
    const places = placesOf(rollout, heard);
    const stand: Standpoint = { rollout, updates: heard, classOf, sinceMs, places, span: spanAround(rollout, heard) };
    const known = await caughtUp(settled.get(rollout.id), stand);
    const { untilMs, told } = known ?? { untilMs: sinceMs, told: gather(stand, nothingRead) };
    const horizonMs = Math.max(untilMs, clock.now() - settledAfterMs);
    const old = merged(told, await gatherBetween(stand, untilMs, horizonMs));
    for (const [id, one] of settled) if (one.untilMs < horizonMs - forgottenAfterMs) settled.delete(id);
    settled.set(rollout.id, { sinceMs, places, span: stand.span, untilMs: horizonMs, told: old });
    // Without an end: the clock may have been put back.
    return merged(old, gather(stand, await readSlice(stand, horizonMs, Number.MAX_SAFE_INTEGER)));
  }

  /**
   * What was added up, as if the rollout had always stood as it does. Of devices that joined the windows are read, and those around the
   * beginning of another stage; all are read again only where a device counts elsewhere than it did, because a sum forgets its parts.
   */
  async function caughtUp(known: SettledEvidence | undefined, stand: Standpoint): Promise<SettledEvidence | undefined> {
    const { sinceMs, places, span } = stand;
    if (known === undefined || known.sinceMs !== sinceMs) return undefined;
    for (const [device, place] of known.places) if (places.get(device) !== place) return undefined;
    let { evidence } = known.told;
    const joined = new Set([...places.keys()].filter((device) => !known.places.has(device)));
    if (joined.size > 0) {
      const ofJoined = await gatherBetween(stand, sinceMs, known.untilMs, joined);
      evidence = mergeRolloutEvidence(evidence, ofJoined.evidence);
    }
    if (!isSameSpan(span, known.span)) {
      const around = span && (await gatherBetween(stand, span.fromMs, known.untilMs)).evidence.around;
      evidence = { ...evidence, around: around ?? nothingAround };
    }
    return { ...known, told: { ...known.told, evidence } };
  }

  /** Slice by slice: the windows of thousands of devices and many hours would not fit into memory together. */
  async function gatherBetween(
    stand: Standpoint,
    fromMs: number,
    untilMs: number,
    devices?: ReadonlySet<DeviceId>,
  ): Promise<Told> {
    let told = gather(stand, nothingRead);
    for (let at = fromMs; at < untilMs; at += sliceMs) {
      const windows = await readSlice(stand, at, Math.min(at + sliceMs, untilMs), devices);
      if (windows.candidate.length + windows.others.length > 0) told = merged(told, gather(stand, windows));
    }
    return told;
  }

  function gather({ rollout, updates, classOf }: Standpoint, { candidate, others }: WindowsOf): Told {
    return {
      evidence: gatherEvidence(rollout, updates, [...candidate, ...others], versions),
      variants: gatherVariantEvidence(candidate, classOf),
    };
  }

  async function readSlice(
    { rollout: { spec, phase, createdAtMs }, updates }: Standpoint,
    sinceMs: number,
    untilMs: number,
    devices?: ReadonlySet<DeviceId>,
  ): Promise<WindowsOf> {
    const { telemetry } = database;
    const those = devices === undefined ? {} : { devices };
    const of = (windows: readonly ReceivedWindow[]) =>
      devices === undefined ? windows : windows.filter(({ device }) => devices.has(device));
    // A window does not say under which settings it was counted: all are read, and told apart by when they came.
    if (spec.kind === "settings")
      return { candidate: [], others: of(await telemetry.windowsBetween(sinceMs, untilMs)) };
    const others: (readonly ReceivedWindow[])[] = [];
    for (const digest of incumbentsOf(spec, updates))
      others.push(await telemetry.windows({ package: digest, sinceMs, untilMs, ...those }));
    // A rollback is judged on what the old versions do since they are back.
    if (phase.kind !== "running") return { candidate: [], others: others.flat() };
    const ofNew = { package: spec.package, sinceMs: Math.max(sinceMs, createdAtMs), untilMs };
    if (spec.stages[phase.stage]?.shadow !== undefined) others.push(of(await telemetry.shadowWindows(ofNew)));
    return { candidate: await telemetry.windows({ ...ofNew, ...those }), others: others.flat() };
  }

  return async function readFacts(rollout: Rollout, updates: readonly DeviceUpdate[]): Promise<RolloutFacts> {
    const devices = await database.devices.list();
    await readVersions(packagesOf(rollout, updates, devices));
    const behind = await readBehind(database, rollout, devices);
    const quarantines = rollout.spec.kind === "model" ? await database.quarantines.of(rollout.spec.package) : [];
    return { devices, catalogue: versions, behind, quarantines, ...(await readTold(rollout, updates, devices)) };
  };
}

/** From when on windows tell something of a rollout in its phase; undefined where nothing is judged. */
function sinceOf({ phase, createdAtMs }: Rollout): number | undefined {
  if (phase.kind === "running") return createdAtMs - lookbackMs;
  return phase.kind === "rolling-back" ? phase.enteredAtMs : undefined;
}

/**
 * Where the windows of each device count. It changes when a device waits with another version than before, leaves the shadow, or is told
 * to go back. That it is assigned moves a window only in shadow and of settings: elsewhere a window says itself of which version it is.
 */
function placesOf({ spec }: Rollout, updates: readonly DeviceUpdate[]): ReadonlyMap<DeviceId, string> {
  const place = (update: DeviceUpdate) => {
    const { stage, state, assignedAtMs, incumbent } = update;
    const isAskedFor = spec.kind === "settings" || spec.stages[stage]?.shadow !== undefined;
    const wasAsked = isAskedFor && assignedAtMs !== undefined ? "assigned" : "";
    const part = !isReverted(update) ? wasAsked : spec.kind === "settings" ? state : "back";
    return `${stage} ${part} ${incumbentKey(incumbent) ?? ""}`;
  };
  return new Map(updates.map((update) => [update.device, place(update)]));
}

function merged(a: Told, b: Told): Told {
  return {
    evidence: mergeRolloutEvidence(a.evidence, b.evidence),
    variants: mergeVariantEvidence(a.variants, b.variants),
  };
}

function isSameSpan(a: SpanAround | undefined, b: SpanAround | undefined): boolean {
  return a?.stage === b?.stage && a?.fromMs === b?.fromMs && a?.beganMs === b?.beganMs;
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
