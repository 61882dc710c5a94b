import type { DeviceId, Digest, ModelName, ModelVersion, RolloutId, SampleRequestId, SettingsName } from "./ids.ts";
import type { SampleCondition } from "./sample-condition.ts";
import type { SampleReason } from "./telemetry-messages.ts";

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
  /** Only inferences for which this holds. */
  readonly where?: SampleCondition;
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
  /** The candidate stays in shadow while this is said; absent: it goes on to its trial. */
  readonly shadow?: ShadowPolicy;
}

export interface ShadowPolicy {
  /** Of the requests that the candidate is given too, in (0, 1]. */
  readonly share: number;
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
