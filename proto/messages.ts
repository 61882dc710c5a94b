import type { SignedStatement } from "./assignment-messages.ts";
import type { Digest, ModelName, ModelVersion, SettingsName } from "./ids.ts";
import type { FileReference } from "./manifest.ts";
import type { Lane, TelemetryBatch } from "./telemetry-messages.ts";

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
  /** Absent: none of them. */
  readonly abilities?: readonly DeviceAbility[];
}

/** Parts of the contract that a device must know before it is asked for them. */
export const deviceAbilities = ["shadow"] as const;

export type DeviceAbility = (typeof deviceAbilities)[number];

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

export const updatePhases = ["idle", "fetching", "verified", "preflight", "trial", "shadow"] as const;

/** Where the update of one model stands; `idle` between updates. In the order of their numbers, not of the story: shadow comes before trial. */
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
  /** Somebody on the device asked for it, and says nothing against the version. */
  readonly byHand?: true;
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
