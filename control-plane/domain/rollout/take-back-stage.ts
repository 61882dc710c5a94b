import { isReverted } from "./device-update.ts";
import { noEvidence } from "./evidence.ts";
import { counted } from "./format-figure.ts";
import type { GateResult } from "./gate.ts";
import { judgeRollback } from "./judge-rollback.ts";
import type { DeviceUpdate, RolloutAction, RolloutPhase, StageSpec } from "./rollout.ts";
import type { Step, Turn } from "./rollout-step.ts";
import { followAtOnce, lastSettled, pause, reasonOf, record } from "./rollout-step.ts";

type RollingBack = Extract<RolloutPhase, { readonly kind: "rolling-back" }>;

/** Takes the new version back from one stage, waits for its devices, judges what they got back, and goes on to the next older stage. */
export function takeBackStage(
  input: Turn,
  phase: RollingBack,
  updates: readonly DeviceUpdate[],
  actions: readonly RolloutAction[],
): Step {
  const { spec } = input.rollout;
  const stage = spec.stages[phase.stage] as StageSpec;
  const step = revertDownTo(input, phase.stage, updates, actions);
  const members = step.updates.filter((update) => update.stage === phase.stage && isReverted(update));
  const open = step.updates.filter((update) => update.state === "reverting").length;
  const progress = `Rolling back stage "${stage.name}" (${phase.stage + 1} of ${spec.stages.length})`;
  if (open > 0) {
    const back = step.updates.filter((update) => update.state === "reverted").length;
    const explanation = `${progress}: ${counted(back, "device")} back, ${open} to come. Reason: ${phase.reason}`;
    return { phase, ...step, gates: input.rollout.decision?.gates ?? [], explanation };
  }
  const gates =
    members.length === 0
      ? []
      : judgeRollback({
          spec,
          stage,
          updates: members,
          devices: input.devices,
          restored: input.evidence.restored[phase.stage] ?? noEvidence,
          soakedAtMs: lastSettled(members) + stage.soakMs,
          now: input.now,
        });
  const pending = gates.find((gate) => gate.verdict === "pending");
  if (pending !== undefined)
    return { phase, ...step, gates, explanation: `${progress} waits for ${pending.gate}: ${pending.reason}` };

  const failing = gates.find((gate) => gate.verdict === "fail");
  const older = { ...phase, stage: phase.stage - 1, enteredAtMs: input.now };
  if (phase.stage > 0 && failing !== undefined)
    return pause(older, { ...step, gates }, `the rollback itself fails. ${reasonOf(stage, failing)}`, input.now);
  const passed =
    members.length === 0
      ? step.actions
      : [...step.actions, record("stage-rolled-back", `Stage "${stage.name}" is back: ${summary(gates)}`)];
  if (phase.stage > 0) return takeBackStage(input, older, step.updates, passed);
  const explanation = `Rolled back: ${phase.reason}`;
  return {
    phase: { kind: "rolled-back", atMs: input.now, reason: phase.reason },
    updates: step.updates,
    actions: [...passed, record("rolled-back", `${explanation} ${summary(gates)}`)],
    gates,
    explanation,
  };
}

function summary(gates: readonly GateResult[]): string {
  return gates.map((gate) => `${gate.gate}: ${gate.reason}`).join("; ");
}

/** Takes the new version back from every device of this stage and the later ones that was assigned it. */
function revertDownTo(
  input: Turn,
  stage: number,
  updates: readonly DeviceUpdate[],
  actions: readonly RolloutAction[],
): Pick<Step, "updates" | "actions"> {
  const isDue = (update: DeviceUpdate) =>
    update.stage >= stage && update.assignedAtMs !== undefined && !isReverted(update);
  const due = updates.filter(isDue);
  if (due.length === 0) return { updates, actions };
  const reverting = (update: DeviceUpdate) =>
    followAtOnce(input, { ...update, state: "reverting", settledAtMs: undefined, reason: "" });
  return {
    updates: updates.map((update) => (isDue(update) ? reverting(update) : update)),
    actions: [
      ...actions,
      ...due.map(({ device, incumbent }): RolloutAction => ({ kind: "revert", device, to: incumbent })),
    ],
  };
}
