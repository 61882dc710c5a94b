import type { DeviceId, Digest, ModelName, ModelVersion, RolloutId, SettingsName } from "../../../proto/ids.ts";
import type { ShadowPolicy, SoakPolicy } from "../../../proto/assignment-messages.ts";
import type { GateResult, Gates } from "./gate.ts";
import type { PairedLatency } from "./paired-latency-gate.ts";

/** A change to the fleet: one version of a model or of settings goes to the devices that a selector names, stage by stage. */
export interface Rollout<Spec extends RolloutSpec = RolloutSpec> {
  readonly id: RolloutId;
  readonly spec: Spec;
  readonly createdAtMs: number;
  /** The operator; absent where an older control plane did not keep it. */
  readonly startedBy?: string;
  readonly phase: RolloutPhase;
  /** What the stage in shadow has shown, from its end on. */
  readonly pairedLatency?: PairedLatency;
  /** The last decision, for people: what was judged, and what follows. */
  readonly decision: RolloutDecision | undefined;
}

export type RolloutSpec = ModelRolloutSpec | SettingsRolloutSpec;

/** What every rollout has. */
export interface StagedSpec {
  /** See selector.ts. */
  readonly selector: string;
  readonly stages: readonly StageSpec[];
  readonly gates: Gates;
  readonly onFailure: "roll-back" | "pause";
  /** A device that was assigned and has not settled after this time counts as timed out. */
  readonly deviceTimeoutMs: number;
}

export interface ModelRolloutSpec extends StagedSpec {
  readonly kind: "model";
  readonly model: ModelName;
  readonly version: ModelVersion;
  readonly package: Digest;
  readonly packageSize: number;
  /** How each device judges the new version by itself. */
  readonly soak: SoakPolicy;
}

export interface SettingsRolloutSpec extends StagedSpec {
  readonly kind: "settings";
  readonly settings: SettingsName;
  readonly version: number;
  /** The version says nothing any more: devices are relieved of the settings. */
  readonly removes: boolean;
}

export interface StageSpec {
  readonly name: string;
  /** Cumulative share of the selected devices, above 0 and at most 100; the last stage has 100. */
  readonly percent: number;
  /**
   * Only the first stage may have it: its devices run the new version in shadow, beside the one that answers. When it is passed they go
   * on into the next stage, which therefore may have the same percentage.
   */
  readonly shadow?: ShadowPolicy;
  /** The stage's evidence must stay good for this long after its last device settled. */
  readonly soakMs: number;
  /** Inferences of the new version that the gates need before they may pass; in shadow, rows that both versions answered. */
  readonly minInferences: number;
  /** Without enough evidence for so long after the stage began, the verdict is inconclusive. */
  readonly evidenceTimeoutMs: number;
}

export type RolloutPhase =
  | { readonly kind: "running"; readonly stage: number; readonly enteredAtMs: number }
  /** `resume` is the phase to go on with. */
  | { readonly kind: "paused"; readonly reason: string; readonly atMs: number; readonly resume: RunningPhase }
  | { readonly kind: "rolling-back"; readonly stage: number; readonly enteredAtMs: number; readonly reason: string }
  | { readonly kind: "complete"; readonly atMs: number }
  /** Stopped by a person: devices stay on what they have. */
  | { readonly kind: "aborted"; readonly atMs: number; readonly reason: string }
  | { readonly kind: "rolled-back"; readonly atMs: number; readonly reason: string };

export type RunningPhase = Extract<RolloutPhase, { readonly kind: "running" | "rolling-back" }>;

export interface RolloutDecision {
  readonly atMs: number;
  readonly gates: readonly GateResult[];
  readonly explanation: string;
}

/** One device's part in a rollout. */
export interface DeviceUpdate {
  readonly device: DeviceId;
  readonly stage: number;
  readonly state: DeviceUpdateState;
  /** What it had when the rollout took it in: what a rollback gives back. Undefined: no version of this model or these settings. */
  readonly incumbent: Incumbent | undefined;
  readonly assignedAtMs: number | undefined;
  readonly settledAtMs: number | undefined;
  readonly reason: string;
}

export type Incumbent = ModelIncumbent | SettingsIncumbent;

export interface ModelIncumbent {
  readonly kind: "model";
  readonly version: ModelVersion;
  readonly package: Digest;
  readonly packageSize: number;
}

export interface SettingsIncumbent {
  readonly kind: "settings";
  readonly version: number;
}

/**
 * waiting → assigned → confirmed | failed | rejected | rolled-back | taken-back | timed-out;
 * in a stage in shadow, assigned → shadowing, and from there to what comes without it: assigned again, in the next stage;
 * when the rollout turns round, every assigned or settled one → reverting → reverted | revert-failed.
 * `rolled-back` is the device's own local rollback, `taken-back` that of a person on the device; `reverted` is the fleet's.
 */
export const deviceUpdateStates = [
  "waiting",
  "assigned",
  "shadowing",
  "confirmed",
  "failed",
  "rejected",
  "rolled-back",
  "taken-back",
  "timed-out",
  "reverting",
  "reverted",
  "revert-failed",
] as const;
export type DeviceUpdateState = (typeof deviceUpdateStates)[number];

/** What a person may ask of a rollout. */
export type RolloutCommand =
  | { readonly kind: "pause"; readonly reason: string }
  | { readonly kind: "resume" }
  | { readonly kind: "abort"; readonly reason: string }
  | { readonly kind: "roll-back"; readonly reason: string };

/** What the reconciler wants done; rollout-controller.ts carries it out in the transaction that stores the new rollout. */
export type RolloutAction =
  /** With `shadow`, beside what the device has. */
  | { readonly kind: "assign"; readonly device: DeviceId; readonly shadow?: ShadowPolicy }
  /** Back to `to`, or without this model or these settings where there was none. */
  | { readonly kind: "revert"; readonly device: DeviceId; readonly to: Incumbent | undefined }
  | { readonly kind: "record"; readonly event: string; readonly device: DeviceId | undefined; readonly text: string };

/** What is rolled out, for people. Examples: `digits 2.0.0`, `settings night 3`. */
export function subjectOf(spec: RolloutSpec): string {
  return spec.kind === "model" ? `${spec.model} ${spec.version}` : `settings ${spec.settings} ${spec.version}`;
}

/** Two rollouts of the same thing would give one device two desired versions. */
export function isSameSubject(a: RolloutSpec, b: RolloutSpec): boolean {
  return a.kind === "model"
    ? b.kind === "model" && a.model === b.model
    : b.kind === "settings" && a.settings === b.settings;
}
