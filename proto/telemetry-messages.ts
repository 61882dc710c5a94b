import type { DetectedCounts } from "./detected-counts.ts";
import type { Digest, ModelName, ModelVersion, SampleRequestId } from "./ids.ts";
import type { Histogram } from "./sketch/histogram.ts";

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
  /** Present exactly in windows of a candidate in shadow: its inferences are nobody's requests. */
  readonly shadow?: Agreement;
}

/**
 * What a candidate in shadow made of requests that the active model had answered. `compared` and `disagreed` (of the compared) count rows;
 * `skipped` (chosen, but not given to the candidate) and `failed` (the candidate's, where the active model answered) count requests.
 */
export interface Agreement {
  readonly compared: number;
  readonly disagreed: number;
  readonly skipped: number;
  readonly failed: number;
  /**
   * Over the compared requests that the active model did not answer together with others; of the same ones for both. Waiting for the
   * processor should be left out of it as far as a device can: the reference agent counts each eight requests as their lower quartile.
   */
  readonly activeWorkMs: number;
  readonly candidateWorkMs: number;
  /** Of each compared row, over `agreementEdges`. */
  readonly distance: Uint32Array;
}

/** What was told about answers in a span, whenever they were given. `values` of a regression have `absoluteError` as their sum. */
export interface FeedbackCounts {
  readonly right: number;
  readonly wrong: number;
  readonly values: number;
  readonly absoluteError: number;
}

export interface StreamCounts extends DetectedCounts {
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
  "shadow-started",
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

/** What a device can choose inferences by; "disagreement" is that of a candidate in shadow with the active model. */
export const sampleReasons = ["uniform", "low-confidence", "novelty", "rare-class", "disagreement"] as const;

export type SampleReason = (typeof sampleReasons)[number];

/** Why an inference was taken: by what the device chose it, or because somebody asked for the next ones. In the order of their numbers. */
export const takenReasons = [
  "uniform",
  "low-confidence",
  "novelty",
  "rare-class",
  "requested",
  "disagreement",
] as const satisfies readonly (SampleReason | "requested")[];

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
  /** Which request it answers. It is not sealed: somebody on the way could count it for another request, and no more. */
  readonly request?: SampleRequestId;
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
