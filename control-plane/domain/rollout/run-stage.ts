import { isRejectedUpFront } from "./device-update.ts";
import { mergeEvidence, noEvidence, referenceStreams } from "./evidence.ts";
import { clockTime, counted } from "./format-figure.ts";
import type { GateResult } from "./gate.ts";
import { judgeStage } from "./judge-stage.ts";
import type { DeviceUpdate, RolloutAction, RolloutPhase, StageSpec } from "./rollout.ts";
import type { OpenStep, Step, Turn } from "./rollout-step.ts";
import { followAtOnce, lastSettled, pause, reasonOf, record } from "./rollout-step.ts";
import { incumbentKey, targetKey } from "./standing.ts";
import { takeBackStage } from "./take-back-stage.ts";

type Running = Extract<RolloutPhase, { readonly kind: "running" }>;

/** Assigns the devices of the present stage, judges its gates, and goes on, waits, pauses or turns round. */
export function runStage(
  input: Turn,
  phase: Running,
  updates: readonly DeviceUpdate[],
  actions: readonly RolloutAction[],
): Step {
  const { spec } = input.rollout;
  const stage = spec.stages[phase.stage] as StageSpec;
  const assigned = assignUpTo(input, phase.stage, updates, actions);
  if (assigned.updates.every(isRejectedUpFront))
    return { phase, ...assigned, gates: [], explanation: nobodyToUpdate(assigned.updates, spec.selector) };
  const members = assigned.updates.filter((update) => update.stage === phase.stage);
  const isLast = phase.stage === spec.stages.length - 1;
  if (members.length === 0 || (isLast && members.every(isRejectedUpFront)))
    return passStage(input, phase, { ...assigned, gates: [] }, `Stage "${stage.name}" has no device`);
  // Only a revocation empties a stage that had devices. The next one must not begin on evidence that nobody gave.
  if (members.every(isRejectedUpFront)) {
    const reason = `No device of stage "${stage.name}" is left to judge the version by. Abort this rollout and start another`;
    return pause(phase, { ...assigned, gates: [] }, reason, input.now);
  }

  const gates = judgeRunning(input, phase, stage, assigned.updates, members);
  const step = { ...assigned, gates };
  const failing = gates.find((gate) => gate.verdict === "fail");
  if (failing !== undefined) return onFailingGate(input, phase, step, reasonOf(stage, failing));
  const open = gates.find((gate) => gate.verdict === "inconclusive");
  if (open !== undefined) return pause(phase, step, `${reasonOf(stage, open)} It needs a person`, input.now);

  const progress = `Stage "${stage.name}" (${phase.stage + 1} of ${spec.stages.length})`;
  const pending = gates.filter((gate) => gate.verdict === "pending");
  if (pending.length > 0) {
    const waits = pending.map((gate) => `${gate.gate}: ${gate.reason}`).join("; ");
    return { phase, ...step, explanation: `${progress} waits for ${waits}` };
  }
  const soakedAtMs = lastSettled(members) + stage.soakMs;
  if (input.now < soakedAtMs)
    return { phase, ...step, explanation: `${progress}: all gates pass; it soaks until ${clockTime(soakedAtMs)}` };
  return passStage(
    input,
    phase,
    step,
    `${progress} passed: ${gates.map((gate) => `${gate.gate}: ${gate.reason}`).join("; ")}`,
  );
}

function nobodyToUpdate(updates: readonly DeviceUpdate[], selector: string): string {
  const [first] = updates;
  return first === undefined
    ? `No device that has connected matches "${selector}" yet.`
    : `None of the ${counted(updates.length, "device")} can run this version; ${first.device}: ${first.reason}`;
}

function judgeRunning(
  { rollout, evidence, catalogue, deviceOf, now }: Turn,
  { stage: index, enteredAtMs }: Running,
  stage: StageSpec,
  updates: readonly DeviceUpdate[],
  members: readonly DeviceUpdate[],
): readonly GateResult[] {
  const { spec } = rollout;
  const target = spec.kind === "model" ? catalogue.get(spec.package) : undefined;
  const question = {
    gates: rollout.spec.gates,
    stage,
    enteredAtMs,
    now,
    updates: members,
    candidate: evidence.candidate[index] ?? noEvidence,
    incumbent: evidence.incumbent,
    replaces: updates.some(({ incumbent }) => incumbent !== undefined && incumbentKey(incumbent) !== targetKey(spec)),
    ...(spec.kind === "settings" && { lost: members.filter((update) => isLost(update, deviceOf)) }),
    reference: target === undefined ? new Map() : referenceStreams(target),
  };
  return judgeStage(question, mergeEvidence(evidence.candidate.slice(0, index + 1)));
}

function isLost({ device, state }: DeviceUpdate, deviceOf: Turn["deviceOf"]): boolean {
  return state === "confirmed" && deviceOf.get(device)?.presence.kind === "offline";
}

function onFailingGate(input: Turn, phase: Running, step: OpenStep, reason: string): Step {
  switch (input.rollout.spec.onFailure) {
    case "pause":
      return pause(phase, step, reason, input.now);
    case "roll-back": {
      const back = { kind: "rolling-back", stage: phase.stage, enteredAtMs: input.now, reason } as const;
      const actions = [...step.actions, record("rolling-back", `Rolling back: ${reason}`)];
      return { ...takeBackStage(input, back, step.updates, actions), gates: step.gates };
    }
  }
}

function passStage(input: Turn, phase: Running, step: OpenStep, passed: string): Step {
  const actions = [...step.actions, record("stage-passed", passed)];
  if (phase.stage < input.rollout.spec.stages.length - 1) {
    const next = { kind: "running", stage: phase.stage + 1, enteredAtMs: input.now } as const;
    return runStage(input, next, step.updates, actions);
  }
  const explanation = `Complete. ${passed}`;
  const complete = record("complete", explanation);
  return { phase: { kind: "complete", atMs: input.now }, ...step, actions: [...actions, complete], explanation };
}

/** Assigns what waits in the stages up to `stage`, and says so when a stage begins. */
export function assignUpTo(
  input: Turn,
  stage: number,
  updates: readonly DeviceUpdate[],
  actions: readonly RolloutAction[],
): Pick<Step, "updates" | "actions"> {
  const isDue = (update: DeviceUpdate) => update.state === "waiting" && update.stage <= stage;
  const due = updates.filter(isDue);
  if (due.length === 0) return { updates, actions };
  const begins = !updates.some((update) => update.stage === stage && update.assignedAtMs !== undefined);
  const name = input.rollout.spec.stages[stage]?.name;
  const assigned = (update: DeviceUpdate) =>
    followAtOnce(input, { ...update, state: "assigned", assignedAtMs: input.now });
  return {
    updates: updates.map((update) => (isDue(update) ? assigned(update) : update)),
    actions: [
      ...actions,
      ...(begins ? [record("stage-started", `Stage "${name}" begins with ${counted(due.length, "device")}.`)] : []),
      ...due.map(({ device }): RolloutAction => ({ kind: "assign", device })),
    ],
  };
}
