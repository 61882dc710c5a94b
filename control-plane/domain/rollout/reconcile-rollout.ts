/**
 * A rollout is asked, again and again: here is what the devices say, what was counted, and the time; what now?
 *
 * It runs through its stages in order. The devices of the present stage are assigned the new version, those of later stages
 * wait. The gates are judged each time. The stage is passed when every device has settled, every gate passes, and the soak after
 * the last device's settling is over; then the next stage begins, and after the last one the rollout is complete. A complete rollout
 * takes in devices that join later.
 *
 * A gate that fails is acted on at once: the rollout pauses or rolls back, as its specification says. A gate that stays without an
 * answer (inconclusive) pauses it. While it is paused nothing new is begun; devices that were assigned go on and are followed.
 *
 * A rollback goes through the stages backwards, the newest first, so that the devices that have run the new version longest, with the best
 * evidence, are touched last. Each device gets back what it ran before. When all devices of a stage are back or have failed to come
 * back, the stage is judged: reverts that the devices themselves failed, and errors of the restored version. Both fail on
 * evidence only; to go back to what ran before is the safe direction, and silence must not keep the other devices from it. A rollback that
 * fails this way pauses, because the old version no longer works either; when a person resumes it, it goes on with the next older stage.
 *
 * Everything is compared, nothing is replayed: asked twice with the same input it answers the same; asked again with its own
 * answer it does nothing more. So it may be asked at any time, as often as one likes, and after any crash.
 */
import type { Digest } from "../../../proto/ids.ts";
import type { Device } from "../device.ts";
import type { ModelVersionRecord } from "../model-version.ts";
import { followDevice } from "./device-update.ts";
import type { RolloutEvidence } from "./evidence.ts";
import { mergeEvidence, noEvidence, referenceStreams } from "./evidence.ts";
import { clockTime, counted } from "./format-figure.ts";
import type { GateResult } from "./gate.ts";
import { judgeRollback } from "./judge-rollback.ts";
import { judgeStage } from "./judge-stage.ts";
import type { DeviceUpdate, Rollout, RolloutAction, RolloutPhase, StageSpec } from "./rollout.ts";
import { takeIn } from "./take-in.ts";

export interface RolloutInput {
  readonly rollout: Rollout;
  readonly updates: readonly DeviceUpdate[];
  readonly devices: readonly Device[];
  /** At least the version that is rolled out and all that the devices report. */
  readonly catalogue: ReadonlyMap<Digest, ModelVersionRecord>;
  readonly evidence: RolloutEvidence;
  readonly now: number;
}

export interface Reconciliation {
  readonly rollout: Rollout;
  /** Those that did not change are the same objects. */
  readonly updates: readonly DeviceUpdate[];
  readonly actions: readonly RolloutAction[];
  /** When time alone may change the answer; undefined: never. */
  readonly wakeAtMs: number | undefined;
  /** Where the rollout stands, for people. */
  readonly explanation: string;
}

export function reconcileRollout(input: RolloutInput): Reconciliation {
  const { rollout } = input;
  const { phase } = rollout;
  if (phase.kind === "aborted" || phase.kind === "rolled-back") {
    const explanation = `${phase.kind === "aborted" ? "Aborted" : "Rolled back"}: ${phase.reason}`;
    return concluded(input, { phase, updates: input.updates, actions: [], gates: [], explanation });
  }
  const { updates, actions } = observed(input);
  return concluded(input, stepOf(input, phase, updates, actions));
}

/** A decision on its way: what the next phase is and what has been collected so far. */
interface Step {
  readonly phase: RolloutPhase;
  readonly updates: readonly DeviceUpdate[];
  readonly actions: readonly RolloutAction[];
  readonly gates: readonly GateResult[];
  readonly explanation: string;
}

function stepOf(
  input: RolloutInput,
  phase: Exclude<RolloutPhase, { readonly kind: "aborted" | "rolled-back" }>,
  updates: readonly DeviceUpdate[],
  actions: readonly RolloutAction[],
): Step {
  switch (phase.kind) {
    case "running":
      return runStage(input, phase, updates, actions);
    case "rolling-back":
      return takeBackStage(input, phase, updates, actions);
    case "paused":
      return { phase, updates, actions, gates: input.rollout.decision?.gates ?? [], explanation: `Paused: ${phase.reason}` };
    case "complete": {
      const last = input.rollout.spec.stages.length - 1;
      const step = assignUpTo(input, last, updates, actions);
      const confirmed = step.updates.filter((update) => update.state === "confirmed").length;
      const explanation = `Complete: ${confirmed} of ${counted(updates.length, "device")} confirmed.`;
      return { phase, ...step, gates: input.rollout.decision?.gates ?? [], explanation };
    }
  }
}

/** Follows the devices and takes in new ones. */
function observed(input: RolloutInput): Pick<Step, "updates" | "actions"> {
  const { rollout, devices, catalogue, now } = input;
  const running = rollout.phase.kind === "paused" ? rollout.phase.resume : rollout.phase;
  const rollbackSinceMs = running.kind === "rolling-back" ? running.enteredAtMs : undefined;
  const following = { spec: rollout.spec, rollbackSinceMs, catalogue, now };
  const deviceOf = new Map(devices.map((device) => [device.id, device]));
  const followed = input.updates.map((update) => followDevice(update, deviceOf.get(update.device), following));
  const joined = rollbackSinceMs === undefined ? takeIn(rollout, input.updates, devices, catalogue, now) : [];
  const actions = [
    ...followed.filter((update, i) => update.state !== input.updates[i]?.state),
    ...joined.filter((update) => update.state === "rejected"),
  ].flatMap(settledBadly);
  return { updates: joined.length === 0 ? followed : [...followed, ...joined], actions };
}

/** Only bad ends are worth an event of their own: a large rollout confirms thousands of devices. */
function settledBadly(update: DeviceUpdate): RolloutAction[] {
  switch (update.state) {
    case "failed":
    case "rejected":
    case "rolled-back":
    case "timed-out":
    case "revert-failed":
      return [record(`device-${update.state}`, `${update.device}: ${update.state}: ${update.reason}`, update)];
    case "waiting":
    case "assigned":
    case "confirmed":
    case "reverting":
    case "reverted":
      return [];
  }
}

function runStage(
  input: RolloutInput,
  phase: Extract<RolloutPhase, { readonly kind: "running" }>,
  updates: readonly DeviceUpdate[],
  actions: readonly RolloutAction[],
): Step {
  const { spec } = input.rollout;
  const stage = spec.stages[phase.stage] as StageSpec;
  const assigned = assignUpTo(input, phase.stage, updates, actions);
  if (assigned.updates.every((update) => update.state === "rejected"))
    return { phase, ...assigned, gates: [], explanation: nobodyToUpdate(assigned.updates, spec.selector) };
  const members = assigned.updates.filter((update) => update.stage === phase.stage);
  if (members.every((update) => update.state === "rejected" && update.assignedAtMs === undefined))
    return passStage(input, phase, { ...assigned, gates: [] }, `Stage "${stage.name}" has no device`);

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
  return passStage(input, phase, step, `${progress} passed: ${gates.map((gate) => `${gate.gate}: ${gate.reason}`).join("; ")}`);
}

function nobodyToUpdate(updates: readonly DeviceUpdate[], selector: string): string {
  const [first] = updates;
  return first === undefined
    ? `No device that has connected matches "${selector}" yet.`
    : `None of the ${counted(updates.length, "device")} can run this version; ${first.device}: ${first.reason}`;
}

function judgeRunning(
  { rollout, evidence, catalogue, now }: RolloutInput,
  { stage: index, enteredAtMs }: Extract<RolloutPhase, { readonly kind: "running" }>,
  stage: StageSpec,
  updates: readonly DeviceUpdate[],
  members: readonly DeviceUpdate[],
): readonly GateResult[] {
  const target = catalogue.get(rollout.spec.package);
  const question = {
    gates: rollout.spec.gates,
    stage,
    enteredAtMs,
    now,
    updates: members,
    candidate: evidence.candidate[index] ?? noEvidence,
    incumbent: evidence.incumbent,
    replaces: updates.some(({ incumbent }) => incumbent !== undefined && incumbent.package !== rollout.spec.package),
    reference: target === undefined ? new Map() : referenceStreams(target),
  };
  return judgeStage(question, mergeEvidence(evidence.candidate.slice(0, index + 1)));
}

function onFailingGate(
  input: RolloutInput,
  phase: Extract<RolloutPhase, { readonly kind: "running" }>,
  step: Omit<Step, "phase" | "explanation">,
  reason: string,
): Step {
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

function passStage(
  input: RolloutInput,
  phase: Extract<RolloutPhase, { readonly kind: "running" }>,
  step: Omit<Step, "phase" | "explanation">,
  passed: string,
): Step {
  const actions = [...step.actions, record("stage-passed", passed)];
  if (phase.stage < input.rollout.spec.stages.length - 1) {
    const next = { kind: "running", stage: phase.stage + 1, enteredAtMs: input.now } as const;
    return runStage(input, next, step.updates, actions);
  }
  const explanation = `Complete. ${passed}`;
  const complete = record("complete", explanation);
  return { phase: { kind: "complete", atMs: input.now }, ...step, actions: [...actions, complete], explanation };
}

function takeBackStage(
  input: RolloutInput,
  phase: Extract<RolloutPhase, { readonly kind: "rolling-back" }>,
  updates: readonly DeviceUpdate[],
  actions: readonly RolloutAction[],
): Step {
  const { spec } = input.rollout;
  const stage = spec.stages[phase.stage] as StageSpec;
  const step = revertDownTo(phase.stage, updates, actions);
  const members = step.updates.filter((update) => update.stage === phase.stage && isTakenBack(update));
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

/** Assigns what waits in the stages up to `stage`, and says so when a stage begins. */
function assignUpTo(
  { rollout, now }: RolloutInput,
  stage: number,
  updates: readonly DeviceUpdate[],
  actions: readonly RolloutAction[],
): Pick<Step, "updates" | "actions"> {
  const due = updates.filter((update) => update.state === "waiting" && update.stage <= stage);
  if (due.length === 0) return { updates, actions };
  const begins = !updates.some((update) => update.stage === stage && update.assignedAtMs !== undefined);
  const name = rollout.spec.stages[stage]?.name;
  return {
    updates: updates.map((update) =>
      update.state === "waiting" && update.stage <= stage ? { ...update, state: "assigned", assignedAtMs: now } : update,
    ),
    actions: [
      ...actions,
      ...(begins ? [record("stage-started", `Stage "${name}" begins with ${counted(due.length, "device")}.`)] : []),
      ...due.map(({ device }): RolloutAction => ({ kind: "assign", device })),
    ],
  };
}

/** Takes the new version back from every device of this stage and the later ones that was assigned it. */
function revertDownTo(
  stage: number,
  updates: readonly DeviceUpdate[],
  actions: readonly RolloutAction[],
): Pick<Step, "updates" | "actions"> {
  const isDue = (update: DeviceUpdate) =>
    update.stage >= stage && update.assignedAtMs !== undefined && !isTakenBack(update);
  const due = updates.filter(isDue);
  if (due.length === 0) return { updates, actions };
  return {
    updates: updates.map((update) =>
      isDue(update) ? { ...update, state: "reverting", settledAtMs: undefined, reason: "" } : update,
    ),
    actions: [
      ...actions,
      ...due.map(({ device, incumbent }): RolloutAction => ({ kind: "revert", device, to: incumbent })),
    ],
  };
}

function isTakenBack({ state }: DeviceUpdate): boolean {
  return state === "reverting" || state === "reverted" || state === "revert-failed";
}

function pause(
  resume: Extract<RolloutPhase, { readonly kind: "running" | "rolling-back" }>,
  step: Omit<Step, "phase" | "explanation">,
  reason: string,
  now: number,
): Step {
  const explanation = `Paused: ${reason}`;
  const actions = [...step.actions, record("paused", explanation)];
  return { ...step, phase: { kind: "paused", reason, atMs: now, resume }, actions, explanation };
}

function reasonOf(stage: StageSpec, gate: GateResult): string {
  return `Gate ${gate.gate} in stage "${stage.name}" is ${gate.verdict === "fail" ? "failing" : gate.verdict}: ${gate.reason}.`;
}

function record(event: string, text: string, update?: DeviceUpdate): RolloutAction {
  return { kind: "record", event: `rollout.${event}`, device: update?.device, text };
}

function lastSettled(updates: readonly DeviceUpdate[]): number {
  return updates.reduce((last, update) => Math.max(last, update.settledAtMs ?? 0), 0);
}

/** Keeps the decision as it was when nothing in it changed, so that a rollout at rest is not written again and again. */
function concluded(input: RolloutInput, step: Step): Reconciliation {
  const { rollout, now } = input;
  const { phase, gates, explanation, updates, actions } = step;
  const isSame =
    rollout.decision?.explanation === explanation && JSON.stringify(rollout.decision.gates) === JSON.stringify(gates);
  const decision = isSame ? rollout.decision : { atMs: now, gates, explanation };
  const isUnchanged = isSame && phase === rollout.phase;
  return {
    rollout: isUnchanged ? rollout : { ...rollout, phase, decision },
    updates,
    actions,
    wakeAtMs: nextTurn(rollout, step, now),
    explanation,
  };
}

/** The next moment at which the clock alone can change the answer. */
function nextTurn({ spec }: Rollout, { phase, updates }: Step, now: number): number | undefined {
  if (phase.kind === "aborted" || phase.kind === "rolled-back") return undefined;
  const turns: number[] = [];
  for (const update of updates)
    if (update.state === "assigned" && update.assignedAtMs !== undefined)
      turns.push(update.assignedAtMs + spec.deviceTimeoutMs);
  if (phase.kind === "running" || phase.kind === "rolling-back") {
    const stage = spec.stages[phase.stage] as StageSpec;
    turns.push(lastSettled(updates.filter((update) => update.stage === phase.stage)) + stage.soakMs);
    turns.push(phase.enteredAtMs + (phase.kind === "running" ? stage.evidenceTimeoutMs : spec.deviceTimeoutMs));
  }
  let next: number | undefined;
  for (const turn of turns) if (turn > now && (next === undefined || turn < next)) next = turn;
  return next;
}
