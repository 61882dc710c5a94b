import type { DeviceId, Digest } from "../../../proto/ids.ts";
import type { Device } from "../device.ts";
import type { ModelVersionRecord } from "../model-version.ts";
import { followDevice } from "./device-update.ts";
import type { RolloutEvidence } from "./gather-evidence.ts";
import type { GateResult } from "./gate.ts";
import type { DeviceUpdate, Rollout, RolloutAction, RolloutPhase, RunningPhase, StageSpec } from "./rollout.ts";

/** What is known when a rollout is asked what to do now. */
export interface RolloutInput {
  readonly rollout: Rollout;
  readonly updates: readonly DeviceUpdate[];
  readonly devices: readonly Device[];
  /** At least the version that is rolled out and all that the devices report. */
  readonly catalogue: ReadonlyMap<Digest, ModelVersionRecord>;
  /** Devices whose report is older than their desired state, as far as they report a failure. */
  readonly behind: ReadonlySet<DeviceId>;
  readonly evidence: RolloutEvidence;
  /** Devices that other rollouts of the same thing have, or come first to: this one does not take them in. */
  readonly elsewhere: ReadonlySet<DeviceId>;
  readonly now: number;
}

export interface Turn extends RolloutInput {
  readonly deviceOf: ReadonlyMap<DeviceId, Device>;
}

/** A decision on its way: what the next phase is and what has been collected so far. */
export interface Step {
  readonly phase: RolloutPhase;
  readonly updates: readonly DeviceUpdate[];
  readonly actions: readonly RolloutAction[];
  readonly gates: readonly GateResult[];
  readonly explanation: string;
}

/** A step before it is known where it leads. */
export type OpenStep = Omit<Step, "phase" | "explanation">;

export function pause(resume: RunningPhase, step: OpenStep, reason: string, now: number): Step {
  const explanation = `Paused: ${reason}`;
  const actions = [...step.actions, record("paused", explanation)];
  return { ...step, phase: { kind: "paused", reason, atMs: now, resume }, actions, explanation };
}

export function reasonOf(stage: StageSpec, gate: GateResult): string {
  return `Gate ${gate.gate} in stage "${stage.name}" is ${gate.verdict === "fail" ? "failing" : gate.verdict}: ${gate.reason}.`;
}

export function record(event: string, text: string, update?: DeviceUpdate): RolloutAction {
  return { kind: "record", event: `rollout.${event}`, device: update?.device, text };
}

/** A device may already have what it was just told to have; then it will report nothing new. */
export function followAtOnce({ rollout, deviceOf, catalogue, now }: Turn, update: DeviceUpdate): DeviceUpdate {
  const following = { spec: rollout.spec, rollbackSinceMs: undefined, catalogue, isBehind: () => true, now };
  return followDevice(update, deviceOf.get(update.device), following);
}

/** When the last of them settled; 0 when none has. */
export function lastSettled(updates: readonly DeviceUpdate[]): number {
  return updates.reduce((last, update) => Math.max(last, update.settledAtMs ?? 0), 0);
}
