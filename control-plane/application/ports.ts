import type { DeviceId, Digest, ModelName, ModelVersion, RolloutId, SettingsName } from "../../proto/ids.ts";
import type { Assignment, ModelAssignment, SignedStatement } from "../../proto/assignment-messages.ts";
import type { Birth, ControlMessage, ReportedState } from "../../proto/messages.ts";
import type {
  HealthWindow,
  Lane,
  LogLevel,
  LogLine,
  Sample,
  SampleHead,
  TakenReason,
  SealedPayload,
  TelemetryRecord,
  Window,
} from "../../proto/telemetry-messages.ts";
import type { GoldenCase } from "../../proto/tensors.ts";
import type { Device, Labels } from "../domain/device.ts";
import type { AliasMove } from "../domain/model-alias.ts";
import type { ArchiveStep } from "../domain/model-archive.ts";
import type { ProductionChanges, ProductionStretch, Running } from "../domain/production.ts";
import type { Operator } from "../domain/operator.ts";
import type { ModelVersionRecord } from "../domain/model-version.ts";
import type { Presence } from "../domain/presence.ts";
import type { VariantQuarantine } from "../domain/variant-quarantine.ts";
import type { SettingsVersion, WantedSettings } from "../domain/settings-version.ts";
import type { StoredSampleRequest } from "../domain/sample-request.ts";
import type { StoredSamplingSettings } from "../domain/sampling-settings.ts";
import type { DeviceUpdate, Rollout } from "../domain/rollout/rollout.ts";

/** What the use cases need of the world. */

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
  readonly events: EventLog;
  readonly deltas: DeltaStore;
  readonly samples: SampleStore;
  readonly health: HealthStore;
  readonly logs: DeviceLogStore;
  readonly quarantines: QuarantineStore;
  readonly settings: SettingsStore;
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
  list(): Promise<readonly Device[]>;
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
  /** Rollouts that are not over, and the newest complete one of every model: it takes in devices that join later. */
  live(): Promise<readonly Rollout[]>;
  save(rollout: Rollout): Promise<void>;
  updates(id: RolloutId): Promise<readonly DeviceUpdate[]>;
  saveUpdates(id: RolloutId, updates: readonly DeviceUpdate[]): Promise<void>;
}

export interface TelemetryStore {
  /** Highest sequence number that is stored or accounted for; 0 for none. */
  cursor(device: DeviceId, lane: Lane, epoch: string): Promise<number>;
  /** Stores records above the cursor and moves it; the caller has made sure that there is no hole. */
  append(entries: readonly TelemetryEntry[]): Promise<void>;
  /** Moves the cursor over records that can never come. */
  noteGap(gap: TelemetryGap): Promise<void>;
  /** What the record at the cursor is told by (see record-mark.ts); undefined where nothing can be said. */
  lastMark(device: DeviceId, lane: Lane, epoch: string): Promise<string | undefined>;
  /** False when it was noted before. */
  noteConflict(device: DeviceId, lane: Lane, epoch: string, atMs: number): Promise<boolean>;
  /** What became of every record that each lane of the device ever numbered. */
  accounts(device: DeviceId): Promise<readonly LaneAccount[]>;
  /** Windows of one package, received at or after a time, of these devices (all when undefined). */
  windows(query: {
    package: Digest;
    devices?: ReadonlySet<DeviceId>;
    sinceMs: number;
  }): Promise<readonly ReceivedWindow[]>;
  /** The newest windows of one package, newest first. */
  newestWindows(digest: Digest, limit: number): Promise<readonly ReceivedWindow[]>;
  /** Windows received in [fromMs, toMs), of every package. */
  windowsBetween(fromMs: number, toMs: number): Promise<readonly ReceivedWindow[]>;
  /** Deletes a slice of the records received before that time, small enough not to hold up writers; 0: none is left. */
  deleteWindowsBefore(ms: number): Promise<number>;
}

export interface TelemetryEntry {
  readonly device: DeviceId;
  readonly lane: Lane;
  readonly epoch: string;
  readonly record: TelemetryRecord;
  readonly receivedAtMs: number;
}

/** Records `from`, the one behind the cursor, to `through`. */
export interface TelemetryGap {
  readonly device: DeviceId;
  readonly lane: Lane;
  readonly epoch: string;
  readonly from: number;
  readonly through: number;
  readonly notedAtMs: number;
}

/** received + dropped + lost = through - countedFrom, always. */
export interface LaneAccount {
  readonly lane: Lane;
  readonly epoch: string;
  /** Every record up to this one is accounted for. */
  readonly through: number;
  /** Records up to this one came before accounts were kept; 0 for a lane that began later. */
  readonly countedFrom: number;
  readonly received: number;
  /** The device had to drop them, and accounted for them with tombstones. */
  readonly dropped: number;
  /** They were acknowledged, and then this database was set back to an older copy. */
  readonly lost: number;
  /** When another disk was seen to use the same epoch. */
  readonly conflictAtMs: number | undefined;
}

export interface ReceivedWindow {
  readonly device: DeviceId;
  readonly receivedAtMs: number;
  readonly window: Window;
}

/** State of the drift monitors and their alerts, as JSON-safe values of domain/drift. */
export interface DriftStore {
  load(): Promise<readonly { readonly stream: string; readonly state: unknown }[]>;
  save(states: readonly { readonly stream: string; readonly state: unknown }[]): Promise<void>;
  addAlert(alert: DriftAlertRecord): Promise<void>;
  closeAlert(id: string, atMs: number, reason: string): Promise<void>;
  alerts(): Promise<readonly DriftAlertRecord[]>;
}

export interface DriftAlertRecord {
  readonly id: string;
  readonly model: ModelName;
  readonly version: ModelVersion;
  /** "fleet", "site=lyon" or a device id. */
  readonly scope: string;
  readonly scopeKind: "fleet" | "cohort" | "device";
  readonly stream: string;
  readonly openedAtMs: number;
  readonly closedAtMs: number | undefined;
  /** In words, with numbers. */
  readonly reason: string;
  readonly score: number;
}

/** What happened, for people and programs: `sedge events tail`. */
export interface FleetEvent {
  readonly seq: number;
  readonly atMs: number;
  /** Such as "device.enrolled", "rollout.stage-started", "drift.opened". */
  readonly kind: string;
  readonly device: DeviceId | undefined;
  readonly rollout: RolloutId | undefined;
  /** The operator who did it; absent where a device or the control plane itself did. */
  readonly by?: string | undefined;
  readonly text: string;
}

export interface EventLog {
  add(event: Omit<FleetEvent, "seq">): Promise<FleetEvent>;
  /** In ascending order. */
  after(seq: number, limit: number): Promise<readonly FleetEvent[]>;
  last(limit: number): Promise<readonly FleetEvent[]>;
  /** The last events of one device, in ascending order. */
  lastOf(device: DeviceId, limit: number): Promise<readonly FleetEvent[]>;
  /** Deletes a slice of the events that happened before that time, small enough not to hold up writers; 0: none is left. */
  deleteBefore(ms: number): Promise<number>;
}

/** Content-addressed files. Present means complete and hashed. */
export interface ArtifactStore {
  has(digest: Digest): Promise<boolean>;
  /** Stores a whole file; rejects with ArtifactMismatchError when the content is not what the digest says. */
  put(digest: Digest, bytes: AsyncIterable<Uint8Array>): Promise<void>;
  size(digest: Digest): Promise<number | undefined>;
  readRange(digest: Digest, offset: number, length: number): Promise<Uint8Array | undefined>;
  /** For the HTTP server: a stream of [from, to). */
  stream(digest: Digest, from: number, to: number): AsyncIterable<Uint8Array>;
}

/** Samples as devices sent them, sealed, and what was decided about them. */
export interface SampleStore {
  add(device: DeviceId, sample: Sample, receivedAtMs: number): Promise<void>;
  /**
   * Keeps a part, and answers the whole sample when it is the last. A device sends them in order: with the first part of another
   * sample, and with a part that does not follow, what was kept of a sample before is forgotten, because it can never be whole.
   */
  addPart(device: DeviceId, part: Sample, receivedAtMs: number): Promise<Sample | undefined>;
  /** Newest first. */
  list(query: SampleQuery): Promise<readonly SampleLine[]>;
  /** Undefined when it gave way to newer ones meanwhile. */
  sealed(id: number): Promise<SealedPayload | undefined>;
  /** Deletes a slice of those received before that time; 0: none is left. */
  deleteBefore(ms: number): Promise<number>;
  /** Deletes a slice of the oldest where all of them have more bytes than that; 0: they have no more. */
  deleteBeyond(bytes: number): Promise<number>;
  /** Undefined while nothing of the model is sampled. */
  settings(model: ModelName): Promise<StoredSamplingSettings | undefined>;
  /** Undefined: nothing is sampled any more. */
  setSettings(model: ModelName, settings: StoredSamplingSettings | undefined): Promise<void>;
  addRequest(request: StoredSampleRequest): Promise<void>;
  /** Those that have not ended at that time; the oldest first. */
  requests(atMs: number): Promise<readonly StoredSampleRequest[]>;
}

/** How devices were, as they said themselves; the oldest windows of a device give way to newer ones. */
export interface HealthStore {
  add(device: DeviceId, window: HealthWindow, receivedAtMs: number): Promise<void>;
  /** By how much the device's clock was ahead of this one's when it connected last. */
  setClockOffset(device: DeviceId, offsetMs: number): Promise<void>;
  /** The last window of every device that ever told one. */
  latest(): Promise<readonly DeviceHealth[]>;
  /** Newest first. */
  of(device: DeviceId, limit: number): Promise<readonly DeviceHealth[]>;
  clockOffset(device: DeviceId): Promise<number | undefined>;
}

export interface DeviceHealth {
  readonly device: DeviceId;
  readonly receivedAtMs: number;
  /** Both by the device's clock. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly measures: HealthWindow["measures"];
}

/** Lines of devices' logs; the oldest of a device give way to newer ones. */
export interface DeviceLogStore {
  add(device: DeviceId, lines: readonly NewLogLine[], receivedAtMs: number): Promise<void>;
  /** The oldest of them first. */
  newest(device: DeviceId, query: LogQuery): Promise<readonly StoredLogLine[]>;
  /** Those that came after one, the oldest first. */
  after(device: DeviceId, id: number, query: LogQuery): Promise<readonly StoredLogLine[]>;
  /** Deletes a slice of those received before that time; 0: none is left. */
  deleteBefore(ms: number): Promise<number>;
}

export interface LogQuery {
  /** The least. */
  readonly level: LogLevel;
  readonly limit: number;
}

export interface NewLogLine extends Omit<LogLine, "kind"> {
  /** By the device's clock. */
  readonly loggedAtMs: number;
}

export interface StoredLogLine extends NewLogLine {
  readonly id: number;
  readonly device: DeviceId;
  readonly receivedAtMs: number;
}

export interface SampleQuery {
  readonly model?: ModelName | undefined;
  readonly device?: DeviceId | undefined;
  readonly reason?: TakenReason | undefined;
  readonly sinceMs?: number | undefined;
  /** For the next page: the lowest id of this one. */
  readonly beforeId?: number | undefined;
  readonly limit: number;
}

/** What is known of a stored sample without a look into it. */
export interface SampleLine {
  readonly id: number;
  readonly device: DeviceId;
  readonly receivedAtMs: number;
  readonly head: SampleHead;
  /** Of the ciphertext. */
  readonly bytes: number;
}

/** Holds the key for which devices seal samples. */
export interface SampleOpener {
  /** SubjectPublicKeyInfo, base64. */
  readonly publicKey: string;
  /** Undefined where the seal does not hold. */
  open(device: DeviceId, sample: Sample): GoldenCase | undefined;
}

/** What became of the attempt to make `target` out of `base`. */
export type DeltaRecord = { readonly base: Digest; readonly target: Digest; readonly madeAtMs: number } & (
  | { readonly kind: "made"; readonly digest: Digest; readonly size: number }
  | { readonly kind: "useless"; readonly reason: string }
);

export interface DeltaStore {
  get(base: Digest, target: Digest): Promise<DeltaRecord | undefined>;
  /** Takes the place of what was known of the same pair. */
  put(record: DeltaRecord): Promise<void>;
}

export interface DeltaMaker {
  /**
   * Makes the delta between two artifacts, applies it as a check, and stores it as an artifact when it has no more than `mostBytes`.
   * Rejects when it could not be tried.
   */
  make(
    base: Digest,
    target: Digest,
    mostBytes: number,
    signal: AbortSignal,
  ): Promise<
    | { readonly kind: "made"; readonly digest: Digest; readonly size: number }
    | { readonly kind: "useless"; readonly reason: string }
  >;
}

/** The way to connected devices. */
export interface DeviceGateway {
  /** Resolves to whether the device is connected here; a device that is not gets its desired state when it connects. */
  send(device: DeviceId, message: ControlMessage): Promise<boolean>;
  disconnect(device: DeviceId): void;
}

export interface DirectorSigner {
  /** Signs with the control plane's own key. */
  sign(assignment: Assignment): SignedStatement;
  readonly keyId: string;
  /** SubjectPublicKeyInfo, base64. */
  readonly publicKey: string;
}

export interface SecretHasher {
  hash(secret: string): Uint8Array;
  /** In constant time. */
  matches(secret: string, hash: Uint8Array): boolean;
  newSecret(): string;
}

export interface Clock {
  now(): number;
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export interface Ids {
  /** Short, sortable by time, unlikely to collide. */
  next(prefix: string): string;
}

export interface Logger {
  debug(fields: object, sentence: string): void;
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
  error(fields: object, sentence: string): void;
}
