import { isRejectedUpFront, saysNothingOfVersion } from "./device-update.ts";
import { mergeEvidence, noEvidence, referenceStreams } from "./evidence.ts";
import { clockTime, counted, percent } from "./format-figure.ts";
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
  if (members.length === 0 && stage.shadow !== undefined) {
    const reason = `No device of stage "${stage.name}" can run a version in shadow: their agents are too old. Abort this rollout and start another without it`;
    return pause(phase, { ...assigned, gates: [] }, reason, input.now);
  }
  if (members.length === 0 || (isLast && members.every(isRejectedUpFront)))
    return passStage(input, phase, { ...assigned, gates: [] }, `Stage "${stage.name}" has no device`);
  // Only revocations, and people on the devices, empty a stage that had devices. The next one must not begin on evidence that nobody gave.
  if (members.every(saysNothingOfVersion)) {
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
    shadow: evidence.shadow,
    incumbent: evidence.incumbent,
    around: evidence.around,
    pairedLatency: rollout.pairedLatency,
    replaces: updates.some(({ incumbent }) => incumbent !== undefined && incumbentKey(incumbent) !== targetKey(spec)),
    ...((spec.kind === "settings" || stage.shadow !== undefined) && {
      lost: members.filter((update) => isLost(update, deviceOf)),
    }),
    reference: target === undefined ? new Map() : referenceStreams(target),
  };
  return judgeStage(question, mergeEvidence(evidence.candidate.slice(0, index + 1)));
}

function isLost({ device, state }: DeviceUpdate, deviceOf: Turn["deviceOf"]): boolean {
  return (state === "confirmed" || state === "shadowing") && deviceOf.get(device)?.presence.kind === "offline";
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

/**
 * Assigns what waits in the stages up to `stage`, and says so when a stage begins. What is in an earlier stage in shadow goes on into
 * the stage after it: every device of it that was assigned is told so, also one that failed, because no device may be left with the
 * wish for a shadow; and those that shadow are on their way to the version again.
 */
export function assignUpTo(
  input: Turn,
  stage: number,
  updates: readonly DeviceUpdate[],
  actions: readonly RolloutAction[],
): Pick<Step, "updates" | "actions"> {
  const { stages } = input.rollout.spec;
  const leavesShadow = (update: DeviceUpdate) => update.stage < stage && stages[update.stage]?.shadow !== undefined;
  const isDue = (update: DeviceUpdate) => update.state === "waiting" && update.stage <= stage;
  const told = updates.filter((update) => isDue(update) || (leavesShadow(update) && update.assignedAtMs !== undefined));
  if (told.length === 0 && !updates.some(leavesShadow)) return { updates, actions };
  const begins = !updates.some((update) => update.stage === stage && update.assignedAtMs !== undefined);
  const assigned = (update: DeviceUpdate): DeviceUpdate => {
    const moved = leavesShadow(update) ? { ...update, stage: update.stage + 1 } : update;
    // Told again now, whatever became of it in shadow: the stage that answers begins for it at this moment.
    if (!isDue(update) && moved.state !== "shadowing")
      return moved.assignedAtMs === undefined ? moved : { ...moved, assignedAtMs: input.now };
    return followAtOnce(input, { ...moved, state: "assigned", assignedAtMs: input.now, settledAtMs: undefined });
  };
  const next = updates.map((update) => (isDue(update) || leavesShadow(update) ? assigned(update) : update));
  const stageOf = new Map(next.map((update) => [update.device, stages[update.stage]]));
  return {
    updates: next,
    actions: [
      ...actions,
      ...(begins && told.length > 0 ? [record("stage-started", beginning(stages[stage], told.length))] : []),
      ...told.map(({ device }): RolloutAction => {
        const shadow = stageOf.get(device)?.shadow;
        return { kind: "assign", device, ...(shadow !== undefined && { shadow }) };
      }),
    ],
  };
}

function beginning(stage: StageSpec | undefined, devices: number): string {
  const how = stage?.shadow === undefined ? "" : `, in shadow on ${percent(stage.shadow.share)} of their inferences`;
  return `Stage "${stage?.name}" begins with ${counted(devices, "device")}${how}.`;
}
