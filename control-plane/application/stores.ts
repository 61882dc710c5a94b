import type { ModelAssignment } from "../../proto/assignment-messages.ts";
import type { DeviceId, Digest, ModelName, ModelVersion, RolloutId, SettingsName } from "../../proto/ids.ts";
import type { Birth, ReportedState } from "../../proto/messages.ts";
import type { Device, Labels } from "../domain/device.ts";
import type { AliasMove } from "../domain/model-alias.ts";
import type { ArchiveStep } from "../domain/model-archive.ts";
import type { ModelVersionRecord } from "../domain/model-version.ts";
import type { Operator } from "../domain/operator.ts";
import type { Presence, PresenceCounts } from "../domain/presence.ts";
import type { ProductionChanges, ProductionStretch, Running } from "../domain/production.ts";
import type { DeviceUpdate, Rollout } from "../domain/rollout/rollout.ts";
import type { SettingsVersion, WantedSettings } from "../domain/settings-version.ts";
import type { VariantQuarantine } from "../domain/variant-quarantine.ts";
import type { DeltaStore, EventLog } from "./ports.ts";
import type {
  DeviceLogStore,
  DriftStore,
  HealthStore,
  SampleStore,
  TelemetryStore,
  ModelUseStore,
} from "./telemetry-stores.ts";

/** All stores inside one transaction, or outside of any for single reads. */
export interface Stores {
  readonly devices: DeviceStore;
  readonly tokens: EnrolmentTokenStore;
  readonly publishers: PublisherStore;
  readonly operators: OperatorStore;
  readonly models: ModelStore;
  readonly aliases: AliasStore;
  readonly archive: ArchiveStore;
  readonly production: ProductionStore;
  readonly desired: DesiredStore;
  readonly rollouts: RolloutStore;
  readonly telemetry: TelemetryStore;
  readonly drift: DriftStore;
  readonly uses: ModelUseStore;
  readonly events: EventLog;
  readonly deltas: DeltaStore;
  readonly samples: SampleStore;
  readonly health: HealthStore;
  readonly logs: DeviceLogStore;
  readonly quarantines: QuarantineStore;
  readonly settings: SettingsStore;
  readonly usage: UsageStore;
}

export interface Database extends Stores {
  /** Everything or nothing. `afterCommit` functions run once the commit is durable, in order; they must not throw. */
  transaction<T>(work: (stores: Stores, afterCommit: (effect: () => void) => void) => Promise<T>): Promise<T>;
}

export interface DeviceStore {
  /** False when the id is taken. */
  add(device: {
    id: DeviceId;
    labels: Labels;
    hardware: string;
    secretHash: Uint8Array;
    enrolledAtMs: number;
  }): Promise<boolean>;
  get(id: DeviceId): Promise<Device | undefined>;
  /** Undefined for an unknown or revoked device. */
  secretHash(id: DeviceId): Promise<Uint8Array | undefined>;
  /** By id. */
  list(): Promise<readonly Device[]>;
  /** By id, the first `limit` that come after `id`; "" is before all. */
  after(id: string, limit: number): Promise<readonly Device[]>;
  /** Revoked devices are counted only as such. */
  count(): Promise<PresenceCounts>;
  setLabels(id: DeviceId, labels: Labels): Promise<void>;
  revoke(id: DeviceId, atMs: number): Promise<void>;
  recordBirth(id: DeviceId, birth: Birth): Promise<void>;
  recordReported(id: DeviceId, reported: ReportedState): Promise<void>;
  setPresence(id: DeviceId, presence: Presence): Promise<void>;
  /** At start: nobody is known to be connected. */
  forgetPresence(): Promise<void>;
}

export interface EnrolmentTokenStore {
  add(token: { hash: Uint8Array; labels: Labels; createdAtMs: number; expiresAtMs: number }): Promise<void>;
  /** Takes the token: at most one caller gets its labels; undefined for a used, unknown or expired one. */
  take(hash: Uint8Array, device: DeviceId, atMs: number): Promise<{ labels: Labels } | undefined>;
}

export interface PublisherKey {
  readonly keyId: string;
  /** SubjectPublicKeyInfo, base64. */
  readonly publicKey: string;
  readonly addedAtMs: number;
}

export interface PublisherStore {
  list(): Promise<readonly PublisherKey[]>;
  add(key: PublisherKey): Promise<void>;
}

export interface OperatorStore {
  /** False when the name is taken. */
  add(operator: Operator, tokenHash: Uint8Array): Promise<boolean>;
  /** False when there is none of that name. */
  remove(name: string): Promise<boolean>;
  /** Whose token has that hash. */
  named(tokenHash: Uint8Array): Promise<string | undefined>;
  list(): Promise<readonly Operator[]>;
}

export interface ModelStore {
  /** False when this version exists already: versions are immutable. */
  add(record: ModelVersionRecord): Promise<boolean>;
  get(model: ModelName, version: ModelVersion): Promise<ModelVersionRecord | undefined>;
  byPackage(digest: Digest): Promise<ModelVersionRecord | undefined>;
  list(): Promise<readonly ModelVersionRecord[]>;
}

/** From when to when each device ran which version. */
export interface ProductionStore {
  /** The open stretches of one device. */
  running(device: DeviceId): Promise<readonly Running[]>;
  change(device: DeviceId, changes: ProductionChanges, atMs: number): Promise<void>;
  /** In the order in which they began. */
  of(model: ModelName): Promise<readonly ProductionStretch[]>;
}

/** The variants that devices found bad: evidence for other devices of their kind. */
export interface QuarantineStore {
  /** Takes the place of what the device said of the same variant and runtime, but for the time. */
  note(quarantine: VariantQuarantine): Promise<void>;
  /** The device runs it after all. */
  lift(device: DeviceId, digest: Digest, variant: string): Promise<void>;
  of(digest: Digest): Promise<readonly VariantQuarantine[]>;
}

/** The moves of every alias, which are never changed or deleted. */
export interface AliasStore {
  add(move: Omit<AliasMove, "seq">): Promise<void>;
  /** In their order; of all models when none is named. */
  moves(model?: ModelName): Promise<readonly AliasMove[]>;
}

/** The steps of versions into the archive and out of it, which are never changed or deleted. */
export interface ArchiveStore {
  add(step: Omit<ArchiveStep, "seq">): Promise<void>;
  /** In their order; of all models when none is named. */
  steps(model?: ModelName): Promise<readonly ArchiveStep[]>;
}

/**
 * The desired state of every device: the truth that is pushed to it. Each change raises its generation. Generation 0: nothing was
 * ever wanted of the device, so nothing is pushed and it keeps what it has.
 */
export interface DesiredStore {
  get(device: DeviceId): Promise<DesiredState | undefined>;
  /** Adds or replaces one model's assignment (undefined takes the model away) and answers the new state. */
  set(device: DeviceId, model: ModelName, assignment: ModelAssignment | undefined): Promise<DesiredState>;
  /** The version of these settings that the device is to have; undefined: none. Answers the new state. */
  setSettings(device: DeviceId, name: SettingsName, version: number | undefined): Promise<DesiredState>;
  /** The devices of which this version is wanted; any version of the model when none is named. */
  wanting(model: ModelName, version?: ModelVersion): Promise<readonly DeviceId[]>;
  /** A device reported more than the database knows (it was restored from a backup): goes past both, its own epoch and `epoch`. */
  raiseEpoch(device: DeviceId, epoch: number): Promise<DesiredState>;
}

export interface DesiredState {
  readonly epoch: number;
  readonly generation: number;
  readonly models: readonly ModelAssignment[];
  readonly settings: readonly WantedSettings[];
  /** Nothing was ever wanted of its models: only settings are. It keeps the models that it has. */
  readonly keepsModels: boolean;
}

/** Every version of all settings that were ever made. */
export interface SettingsStore {
  /** False when there is that version already. */
  add(version: SettingsVersion): Promise<boolean>;
  get(name: SettingsName, version: number): Promise<SettingsVersion | undefined>;
  /** Oldest first. */
  versions(name: SettingsName): Promise<readonly SettingsVersion[]>;
  /** The newest version under each name, in the order of the names. */
  newest(): Promise<readonly SettingsVersion[]>;
}

export interface RolloutStore {
  add(rollout: Rollout): Promise<void>;
  get(id: RolloutId): Promise<Rollout | undefined>;
  list(): Promise<readonly Rollout[]>;
  /** The newest first, from the one on that was begun before `after`; undefined when no rollout is called so. */
  page(after: RolloutId | undefined, limit: number): Promise<readonly Rollout[] | undefined>;
  /** Rollouts that are not over, and the newest complete one of every model: it takes in devices that join later. */
  live(): Promise<readonly Rollout[]>;
  countByPhase(): Promise<Readonly<Record<Rollout["phase"]["kind"], number>>>;
  save(rollout: Rollout): Promise<void>;
  updates(id: RolloutId): Promise<readonly DeviceUpdate[]>;
  saveUpdates(id: RolloutId, updates: readonly DeviceUpdate[]): Promise<void>;
  /**
   * Deletes what each device did in a slice of the rollouts that began before that time and are over, the newest complete one of every model
   * not among them: nobody takes such a one back any more. The rollout itself stays. 0: none is left.
   */
  deleteUpdatesBefore(ms: number): Promise<number>;
}

/** How much is stored of what grows with time, and how much of it was ever deleted. */
export interface UsageStore {
  /** In the order of their names. */
  families(): Promise<readonly StoredFamily[]>;
}

/** What is kept and deleted together. */
export type StoredFamilyName =
  | "telemetry"
  | "samples"
  | "logs"
  | "events"
  | "alerts"
  | "sample-requests"
  | "device-updates"
  | "gaps";

export interface StoredFamily {
  readonly family: StoredFamilyName;
  /** Both 0 for those that are only counted when they are deleted. */
  readonly rows: number;
  readonly bytes: number;
  readonly deletedRows: number;
  readonly deletedBytes: number;
}
