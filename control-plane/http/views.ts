import type { HealthMark } from "../domain/health-marks.ts";
import type { FleetEvent } from "../application/ports.ts";
import type { DesiredState } from "../application/stores.ts";
import type { DeviceHealth, DriftAlertRecord, LaneAccount } from "../application/telemetry-stores.ts";
import type { ArchiveStep } from "../domain/model-archive.ts";
import { archivedBy } from "../domain/model-archive.ts";
import type { Device } from "../domain/device.ts";
import type { PresenceCounts } from "../domain/presence.ts";
import type { ModelVersionRecord } from "../domain/model-version.ts";
import type { DeviceUpdate, Rollout } from "../domain/rollout/rollout.ts";
import type { SettingsConflict } from "../domain/settings-conflicts.ts";
import type { StoredSamplingSettings } from "../domain/sampling-settings.ts";
import type { DeviceId, RolloutId, SampleRequestId } from "../../proto/ids.ts";
import type { SampleHead } from "../../proto/telemetry-messages.ts";
import type { Manifest, Quality } from "../../proto/manifest.ts";

/**
 * The JSON of /api/v1. Values of the domain that are plain data travel as they are (what is undefined is left out); the shapes here are what is
 * put together from several of them. Times are milliseconds since 1970, sizes are bytes, shares are 0 to 1.
 */
export interface DeviceDetail extends Device {
  /** Undefined: nothing was assigned to it yet. */
  readonly desired: DesiredState | undefined;
  readonly telemetry: readonly LaneAccount[];
  /** What it said last of its health, and by how much its clock was ahead. */
  readonly health: DeviceHealth | undefined;
  readonly clockOffsetMs: number | undefined;
  /** Settings that are for it and differ, where no priority says which counts. */
  readonly settingsConflicts: readonly SettingsConflict[];
  /** In ascending order. */
  readonly events: readonly FleetEvent[];
}

/** Devices by their id. */
export interface DevicePage {
  readonly devices: readonly DeviceLine[];
  /** There are more, and they come after this id; absent on the last page. */
  readonly next?: DeviceId;
}

/** Alerts, the newest first. */
export interface AlertPage {
  readonly alerts: readonly DriftAlertRecord[];
  /** There are older ones: asked for with `before=` and this; absent on the last page. */
  readonly next?: string;
}

/** A device as a line of a list. */
export interface DeviceLine extends Device {
  /** From what it said last of its health; empty for one that said nothing. */
  readonly marks: readonly HealthMark[];
  /** When it said that; undefined for one that said nothing. */
  readonly healthAtMs: number | undefined;
}

export interface HealthView {
  /** By how much the device's clock was ahead of the control plane's when it connected last; undefined: it never did. */
  readonly clockOffsetMs: number | undefined;
  /** Newest first. */
  readonly windows: readonly DeviceHealth[];
}

/** The newest first. */
export interface RolloutPage {
  readonly rollouts: readonly Rollout[];
  /** There are older ones, and they come after this id; absent on the last page. */
  readonly next?: RolloutId;
}

export interface RolloutDetail extends Rollout {
  readonly updates: readonly DeviceUpdate[];
}

/** A model version as a line of a list: the facts of its card, without the reference profile. */
export interface ModelSummary {
  readonly model: string;
  readonly version: string;
  readonly package: string;
  readonly publisher: string;
  readonly createdAt: string;
  readonly pushedAtMs: number;
  readonly pushedBy: string | undefined;
  /** Since when, by whom and why it is out of use; undefined for a version that is not archived. */
  readonly archived: Pick<ArchiveStep, "atMs" | "by" | "comment"> | undefined;
  readonly variants: readonly {
    readonly id: string;
    readonly precision: string;
    readonly size: number;
    /** What its task metric was on samples that had no part in making it. */
    readonly quality: Quality | undefined;
    /** Share of the labelled reference rows that it has right. */
    readonly accuracy: number | undefined;
  }[];
  /** What it was trained on from, where the manifest says so. */
  readonly parent: string | undefined;
  readonly codeRevision: string | undefined;
  readonly trainingData: readonly string[];
  readonly referenceRows: number;
  readonly streams: readonly string[];
}

export interface ModelDetail extends ModelSummary {
  /** Every step into the archive and out of it, oldest first. */
  readonly archiveSteps: readonly ArchiveStep[];
  readonly manifest: Manifest;
}

export interface StatusReport {
  readonly version: string;
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly addresses: { readonly http: string; readonly mqttTcp?: string; readonly mqttWebSocket?: string };
  readonly director: string;
  readonly devices: PresenceCounts;
  readonly modelVersions: number;
  readonly rollouts: Readonly<Record<Rollout["phase"]["kind"], number>>;
  readonly openAlerts: number;
  /** Nothing new is stored, reading works: there is no room on the disk of the data directory. */
  readonly storageFull: boolean;
  readonly counters: Readonly<Record<string, number>>;
}

/** `steps` may be those of other versions too. */
export function modelSummary({ manifest, ...record }: ModelVersionRecord, steps: readonly ArchiveStep[]): ModelSummary {
  const archived = archivedBy(steps, record.model, record.version);
  return {
    model: record.model,
    version: record.version,
    package: record.package,
    publisher: record.publisher,
    createdAt: manifest.createdAt,
    pushedAtMs: record.pushedAtMs,
    pushedBy: record.pushedBy,
    archived: archived && { atMs: archived.atMs, by: archived.by, comment: archived.comment },
    variants: manifest.variants.map(({ id, precision, file, quality, accuracy }) => ({
      id,
      precision,
      size: file.size,
      quality,
      accuracy,
    })),
    parent: manifest.lineage.parent?.version,
    codeRevision: manifest.lineage.codeRevision,
    trainingData: manifest.lineage.trainingData.map(({ reference }) => reference),
    referenceRows: manifest.reference.rows,
    streams: manifest.reference.streams.map((stream) => stream.name),
  };
}

export function modelDetail(record: ModelVersionRecord, steps: readonly ArchiveStep[]): ModelDetail {
  const archiveSteps = steps.filter(({ model, version }) => model === record.model && version === record.version);
  return { ...modelSummary(record, steps), archiveSteps, manifest: record.manifest };
}

export function countRollouts(rollouts: readonly Rollout[]): StatusReport["rollouts"] {
  const counts = { running: 0, paused: 0, "rolling-back": 0, complete: 0, aborted: 0, "rolled-back": 0 };
  for (const { phase } of rollouts) counts[phase.kind]++;
  return counts;
}

/** What is sampled of a model. */
export type SamplingView = Omit<StoredSamplingSettings, "salt">;

/** A sample as a line of a list: its content stays sealed. */
export interface SampleView extends SampleHead {
  readonly id: number;
  readonly device: DeviceId;
  readonly receivedAtMs: number;
  /** Which request it answers. */
  readonly request: SampleRequestId | undefined;
  readonly bytes: number;
}

export interface OpenedSampleView extends SampleView {
  /** A GoldenSet of one case, base64; undefined where the seal does not hold. */
  readonly content: string | undefined;
}
