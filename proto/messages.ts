import type { DeviceId, Digest, ModelName, ModelVersion, RolloutId, SampleRequestId, SettingsName } from "./ids.ts";
import type { FileReference } from "./manifest.ts";
import type { Histogram } from "./sketch/histogram.ts";

/** The messages as the code speaks of them: narrowed, readonly, told apart by `kind`. codec.ts is the only file that also knows the bytes. */

export type DeviceMessage = Birth | Status | TelemetryBatch | ReportedStateMessage | BlockRequest | DeltaRequest;
export type ControlMessage = DesiredMessage | Ack | BlockData | DeltaOffer;

export interface Birth {
  readonly kind: "birth";
  readonly bootId: string;
  readonly connection: number;
  readonly agentVersion: string;
  readonly profile: DeviceProfile;
  readonly reported: ReportedState;
  readonly deviceTimeMs: number;
  readonly uptimeMs: number;
}

/** What a device can run. */
export interface DeviceProfile {
  readonly architecture: string;
  readonly operatingSystem: string;
  readonly cpuFlags: readonly string[];
  readonly memoryBytes: number;
  readonly runtimes: readonly { readonly name: string; readonly version: string }[];
  /** The hardware's own name, such as "rpi-5" or "jetson-nano". */
  readonly hardware: string;
}

export interface Status {
  readonly kind: "status";
  readonly state: "online" | "offline";
  readonly bootId: string;
  readonly connection: number;
}

export interface ReportedStateMessage {
  readonly kind: "reported";
  readonly reported: ReportedState;
}

/** What the device says it has. `epoch` and `generation` name the assignment it last accepted (0, 0: none yet). */
export interface ReportedState {
  readonly epoch: number;
  readonly generation: number;
  readonly models: readonly ModelReport[];
  /** Why the newest assignment was refused, or "". */
  readonly refusal: string;
  /** Absent: the device was never told of any, or knows none. */
  readonly settings?: readonly SettingsReport[];
}

export interface SettingsReport {
  readonly name: SettingsName;
  /** In force; undefined: none. */
  readonly version: number | undefined;
  /** Wanted, and not applicable on this device. */
  readonly refused: { readonly version: number; readonly reason: string } | undefined;
  /** Keys that the owner of the device fixed: what these settings say of them changes nothing there. */
  readonly pinned: readonly string[];
}

export const updatePhases = ["idle", "fetching", "verified", "preflight", "trial"] as const;
/** Where the update of one model stands; `idle` between updates. */
export type UpdatePhase = (typeof updatePhases)[number];

export interface ModelReport {
  readonly model: ModelName;
  readonly active: SlotReport | undefined;
  readonly candidate: SlotReport | undefined;
  readonly previous: SlotReport | undefined;
  readonly phase: UpdatePhase;
  /** The last update that did not succeed, kept until another one is tried. */
  readonly failure: UpdateFailure | undefined;
  /** Variants that this device found bad, newest last; absent where there is none. */
  readonly quarantined?: readonly QuarantineReport[];
  /** What came with the device's image, and serves where nothing is active; absent where nothing did. */
  readonly factory?: SlotReport;
}

export const quarantineCauses = ["wrong-outputs", "not-loadable", "no-answer"] as const;
/** What a variant did on a device: other golden outputs than the package's, no start, or no answer (an error, or the end of its process). */
export type QuarantineCause = (typeof quarantineCauses)[number];

export interface QuarantineReport {
  readonly package: Digest;
  readonly variant: string;
  readonly cause: QuarantineCause;
  readonly reason: string;
  /** Name and version of what ran it, such as "onnxruntime-node 1.30.0". */
  readonly runtime: string;
}

export interface SlotReport {
  readonly version: ModelVersion;
  /** Digest of the package's signed manifest. */
  readonly package: Digest;
  readonly variant: string;
}

/** `rejected`: this device can never run it; `failed`: it was tried and did not work; `rolled-back`: it ran in trial and was not healthy. */
export const failureKinds = ["rejected", "failed", "rolled-back"] as const;
export type FailureKind = (typeof failureKinds)[number];

export interface UpdateFailure {
  readonly package: Digest;
  readonly kind: FailureKind;
  readonly reason: string;
}

/** A lane is a class of telemetry with its own sequence, quota and order; a drop in one never blocks another. */
export const lanes = ["lifecycle", "windows", "samples", "health", "logs"] as const;
export type Lane = (typeof lanes)[number];

export function forEachLane<T>(make: (lane: Lane) => T): Readonly<Record<Lane, T>> {
  return Object.fromEntries(lanes.map((lane) => [lane, make(lane)])) as Record<Lane, T>;
}

export interface TelemetryBatch {
  readonly kind: "telemetry";
  readonly lane: Lane;
  /** Names one life of the spool: a new one when the spool was created or found damaged. Sequences restart with it. */
  readonly epoch: string;
  /** In ascending order of `seq`, without a hole: a tombstone accounts for the range it covers. */
  readonly records: readonly TelemetryRecord[];
  /** The first record is the oldest that the device still has: what is missing before it can never come. */
  readonly startsAtOldest?: true;
}

export interface TelemetryRecord {
  readonly seq: number;
  readonly timeMs: number;
  readonly body: Window | LifecycleEvent | Tombstone | Sample | HealthWindow | LogLine;
}

/** One span of counted inferences of one model version on one device. */
export interface Window {
  readonly kind: "window";
  readonly model: ModelName;
  readonly version: ModelVersion;
  readonly package: Digest;
  readonly variant: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  /** Inferences asked for, the failed ones included. */
  readonly inferences: number;
  readonly errors: readonly { readonly class: string; readonly count: number }[];
  /** Over `latencyEdges`. */
  readonly latency: Uint32Array;
  /** Counts for each stream of the package's reference profile, in its order; streams without a value are absent. */
  readonly streams: readonly StreamCounts[];
  /** Counted while the version was on trial on this device. */
  readonly trial: boolean;
  /** Absent when nobody told the truth about an answer. */
  readonly feedback?: FeedbackCounts;
}

/** What was told about answers in a span, whenever they were given. `values` of a regression have `absoluteError` as their sum. */
export interface FeedbackCounts {
  readonly right: number;
  readonly wrong: number;
  readonly values: number;
  readonly absoluteError: number;
}

export interface StreamCounts {
  readonly stream: number;
  readonly histogram: Histogram;
}

export const lifecycleEventNames = [
  "agent-started",
  "assignment-refused",
  "update-started",
  "update-fetched",
  "variant-quarantined",
  "trial-started",
  "update-confirmed",
  "update-rejected",
  "update-failed",
  "update-rolled-back",
  "model-activated",
  "worker-stopped",
  "spool-reset",
] as const;
export type LifecycleEventName = (typeof lifecycleEventNames)[number];

export interface LifecycleEvent {
  readonly kind: "event";
  /** One of `lifecycleEventNames`, or the name that a newer agent knows. */
  readonly name: string;
  readonly model: ModelName | undefined;
  readonly version: ModelVersion | undefined;
  readonly package: Digest | undefined;
  readonly reason: string;
}

/** Accounts for records `from` to the record's own `seq` that the device had to drop. */
export interface Tombstone {
  readonly kind: "tombstone";
  readonly from: number;
  readonly count: number;
  readonly bytes: number;
  readonly reason: string;
}

/**
 * What a device says of itself. Bytes; shares from 0 to 1 (of the whole processor for `cpu`, of one core for `agent-cpu`, of the highest
 * clock for `frequency`, of its charge for `battery`, of its quota for `spool`); degrees Celsius of the hottest sensor. `throttled` and
 * `on-battery` are 1 or 0, so that their mean is a share of the time.
 */
export const healthMeasures = [
  "cpu",
  "agent-cpu",
  "agent-memory",
  "models-memory",
  "memory-available",
  "disk-free",
  "temperature",
  "frequency",
  "throttled",
  "battery",
  "on-battery",
  "spool",
] as const;
export type HealthMeasure = (typeof healthMeasures)[number];

/** How a device was in a span of time. What its system does not show is absent, never zero. */
export interface HealthWindow {
  readonly kind: "health";
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly measures: Readonly<Partial<Record<HealthMeasure, HealthRange>>>;
}

/** Each a number of single precision. */
export interface HealthRange {
  readonly min: number;
  readonly mean: number;
  readonly max: number;
}

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

/** A line of the agent's log, cut to what one line may be. Its record's time is its own. */
export interface LogLine {
  readonly kind: "log";
  readonly level: LogLevel;
  readonly sentence: string;
  /** Texts as they are, everything else as JSON. */
  readonly fields: readonly { readonly name: string; readonly value: string }[];
  /** So many lines before it were not sent, because there were too many at once. */
  readonly leftOut: number;
}

/** What a device can choose inferences by. */
export const sampleReasons = ["uniform", "low-confidence", "novelty", "rare-class"] as const;
export type SampleReason = (typeof sampleReasons)[number];

/** Why an inference was taken: by what the device chose it, or because somebody asked for the next ones. */
export const takenReasons = [...sampleReasons, "requested"] as const;
export type TakenReason = (typeof takenReasons)[number];

/** What everybody on the way may know of a sample. */
export interface SampleHead {
  readonly model: ModelName;
  readonly version: ModelVersion;
  readonly package: Digest;
  readonly variant: string;
  readonly takenAtMs: number;
  readonly reason: TakenReason;
  /**
   * The chance that this inference was taken for this reason, in (0, 1]: the sum of y / probability over the samples estimates the sum
   * of y over all inferences.
   */
  readonly inclusionProbability: number;
}

export interface Sample extends SampleHead {
  readonly kind: "sample";
  /** Where it is in parts, that part of the ciphertext. */
  readonly sealed: SealedPayload;
  /** From 1. Absent: it is whole. */
  readonly part?: { readonly index: number; readonly of: number };
}

/** What only the holder of one private key can read (proto/sealing.ts says how it is made). */
export interface SealedPayload {
  /** Uncompressed P-256 point, 65 bytes, made for this payload alone. */
  readonly ephemeralKey: Uint8Array;
  /** AES-256-GCM, ending with the tag of 16 bytes. */
  readonly ciphertext: Uint8Array;
}

export interface Ack {
  readonly kind: "ack";
  readonly lane: Lane;
  readonly epoch: string;
  /** Every record up to and including this one is committed in the control plane's database. */
  readonly through: number;
  /** Something before the batch is missing: send again from `through + 1`. */
  readonly rewind: boolean;
  /** Time from one batch of this lane to the next that the device keeps to, until the next acknowledgement; absent: none. */
  readonly minIntervalMs?: number;
  /** A number that was sent is stored with other content: two disks use one epoch, and this one must begin another. */
  readonly conflict?: true;
}

export interface BlockRequest {
  readonly kind: "block-request";
  readonly digest: Digest;
  readonly offset: number;
  readonly length: number;
}

export interface BlockData {
  readonly kind: "block-data";
  readonly digest: Digest;
  readonly offset: number;
  /** Size of the whole file. */
  readonly size: number;
  readonly data: Uint8Array;
  /** Why there is no data, or "". */
  readonly error: string;
}

/** Which file makes `target` out of `base`, a file that the device has? */
export interface DeltaRequest {
  readonly kind: "delta-request";
  readonly base: Digest;
  readonly target: Digest;
}

export interface DeltaOffer {
  readonly kind: "delta-offer";
  readonly base: Digest;
  readonly target: Digest;
  readonly answer: DeltaAnswer;
}

export type DeltaAnswer =
  /** The delta is a file, and is fetched like any other. */
  | { readonly kind: "ready"; readonly file: FileReference }
  | { readonly kind: "being-made"; readonly retryAfterMs: number }
  | { readonly kind: "none" };

export interface DesiredMessage {
  readonly kind: "desired";
  readonly statement: SignedStatement;
}

/** DSSE: the signatures cover `preAuthEncoding(payloadType, payload)`. */
export interface SignedStatement {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly { readonly keyId: string; readonly signature: Uint8Array }[];
}

/** The whole desired state of one device; the payload of a `desired` statement. */
export interface Assignment {
  readonly device: DeviceId;
  /** (epoch, generation) only goes up. The epoch is raised when the control plane was restored from a backup. */
  readonly epoch: number;
  readonly generation: number;
  readonly issuedAtMs: number;
  /** A model that the device has and that is not named here is taken away. */
  readonly models: readonly ModelAssignment[];
  readonly telemetry: TelemetrySettings;
  /** Absent: nothing is sampled. */
  readonly sampling?: Sampling;
  /** The weakest first: where two of them name the same setting, the later one counts. Absent: there are none. */
  readonly settings?: readonly DeviceSettings[];
  /** Nothing was ever wanted of the device's models: none are named here, and it keeps what it has. */
  readonly keepsModels?: true;
}

/** One version of named settings; device-settings.ts knows the keys and reads the values. */
export interface DeviceSettings {
  readonly name: SettingsName;
  readonly version: number;
  readonly values: readonly SettingText[];
}

export interface SettingText {
  readonly key: string;
  readonly value: string;
}

export interface Sampling {
  /** Samples are sealed for it: the SubjectPublicKeyInfo of a P-256 key, base64. */
  readonly key: string;
  readonly models: readonly ModelSampling[];
  /** Absent: nobody asked. */
  readonly requests?: readonly SampleRequest[];
}

/** Somebody wants the next inferences of a model that is sampled, by its own rules and bytes a day. */
export interface SampleRequest {
  readonly id: SampleRequestId;
  readonly model: ModelName;
  readonly count: number;
  /** By the control plane's clock. */
  readonly untilMs: number;
}

/** What a device may send back of one model's inferences. */
export interface ModelSampling {
  readonly model: ModelName;
  readonly samplesPerDay: number;
  /** Of sealed payloads. */
  readonly bytesPerDay: number;
  readonly reasons: readonly SampleReason[];
  /** What may leave the device: a tensor for which there is no rule is not sent. */
  readonly rules: readonly PrivacyRule[];
  /** For the rule "hash": the same value has the same hash on every device of the fleet, and another one elsewhere. */
  readonly salt: string;
}

export const privacyRuleKinds = ["keep", "drop", "hash", "round", "bin", "blur"] as const;

export type PrivacyRule = {
  /** "*": every input and output without a rule of its own. */
  readonly tensor: string;
  /** Along the last dimension, from 0; absent: all of them. A column's own rule goes before its tensor's. */
  readonly column?: number;
} & PrivacyTreatment;

export type PrivacyTreatment =
  | { readonly kind: "keep" }
  /** A whole tensor is left out; of a tensor that is kept, the column becomes 0. */
  | { readonly kind: "drop" }
  /** A whole number below 2^24 (2^7 in bytes) that the value and the salt determine. */
  | { readonly kind: "hash" }
  /** To the nearest multiple of `step`. */
  | { readonly kind: "round"; readonly step: number }
  /** The number of edges that are not above the value. */
  | { readonly kind: "bin"; readonly edges: readonly number[] }
  /** The mean of the (2 radius + 1)² pixels around; of whole tensors that are images. */
  | { readonly kind: "blur"; readonly radius: number };

export interface ModelAssignment {
  readonly model: ModelName;
  readonly version: ModelVersion;
  /** Digest and size of the package's signed manifest. */
  readonly package: Digest;
  readonly packageSize: number;
  readonly rollout: RolloutId | undefined;
  readonly soak: SoakPolicy;
  /** Ids of variants in the order in which the device should try them; those that are not named follow in the manifest's order. */
  readonly variantOrder: readonly string[];
  /** The download begins at a random moment within this time; absent: at once. */
  readonly spreadMs?: number;
}

/** How a device judges a new model by itself, before it confirms it. */
export interface SoakPolicy {
  readonly durationMs: number;
  /** Without this many inferences the trial goes on until the deadline, and then is confirmed if nothing went wrong. */
  readonly minInferences: number;
  readonly deadlineMs: number;
  readonly maxErrorShare: number;
}

export interface TelemetrySettings {
  readonly windowMs: number;
}

export interface GoldenSet {
  readonly cases: readonly GoldenCase[];
}

export interface GoldenCase {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** `rawData` is little-endian, row-major. */
export interface Tensor {
  readonly name: string;
  readonly dataType: TensorType;
  readonly dims: readonly number[];
  readonly rawData: Uint8Array;
}

/** ONNX's numbers for the element types that Sedge carries. */
export const tensorTypes = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
} as const;
export type TensorType = keyof typeof tensorTypes;
