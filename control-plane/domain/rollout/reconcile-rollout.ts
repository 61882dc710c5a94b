/**
 * A rollout is asked, again and again: here is what the devices say, what was counted, and the time; what now?
 *
 * It runs through its stages in order. The devices of the present stage are assigned the new version, those of later stages
 * wait. The gates are judged each time. The stage is passed when every device has settled, every gate passes, and the soak after
 * the last device's settling is over; then the next stage begins, and after the last one the rollout is complete. The newest complete
 * rollout of a thing takes in devices that join later, unless another one is under way.
 *
 * The first stage may run in shadow: its devices load the new version beside the one that answers, and what both make of the same
 * inputs is judged. Nothing that the new version says reaches anybody, so there a gate costs the applications nothing. When it is passed,
 * the same devices go on into the next stage, where the new version answers. Devices that join later never pass through a shadow: what
 * it shows, it has shown.
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
import type { DeviceId } from "../../../proto/ids.ts";
import { followDevice } from "./device-update.ts";
import { counted } from "./format-figure.ts";
import type { DeviceUpdate, Rollout, RolloutAction, RolloutPhase, StageSpec } from "./rollout.ts";
import { pairedLatencyOf } from "./paired-latency-gate.ts";
import type { RolloutInput, Step, Turn } from "./rollout-step.ts";
import { lastSettled, record } from "./rollout-step.ts";
import { assignUpTo, runStage } from "./run-stage.ts";
import { takeBackStage } from "./take-back-stage.ts";
import { takeIn } from "./take-in.ts";

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
    const gates = rollout.decision?.gates ?? [];
    return concluded(input, { phase, updates: input.updates, actions: [], gates, explanation });
  }
  const turn = { ...input, deviceOf: new Map(input.devices.map((device) => [device.id, device])) };
  const { updates, actions } = observed(turn);
  return concluded(input, stepOf(turn, phase, updates, actions));
}

function stepOf(
  input: Turn,
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
      return {
        phase,
        updates,
        actions,
        gates: input.rollout.decision?.gates ?? [],
        explanation: `Paused: ${phase.reason}`,
      };
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
function observed(input: Turn): Pick<Step, "updates" | "actions"> {
  const { rollout, devices, deviceOf, catalogue, behind, now } = input;
  const running = rollout.phase.kind === "paused" ? rollout.phase.resume : rollout.phase;
  const rollbackSinceMs = running.kind === "rolling-back" ? running.enteredAtMs : undefined;
  const free = devices.filter(({ id }) => !input.elsewhere.has(id));
  const isBehind = (device: DeviceId) => behind.has(device);
  const following = { spec: rollout.spec, rollbackSinceMs, catalogue, isBehind, now };
  const followed = input.updates.map((update) => followDevice(update, deviceOf.get(update.device), following));
  const joined = rollbackSinceMs === undefined ? takeIn(rollout, input.updates, free, catalogue, now) : [];
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
    case "taken-back":
    case "timed-out":
    case "revert-failed":
      return [record(`device-${update.state}`, `${update.device}: ${update.state}: ${update.reason}`, update)];
    case "waiting":
    case "assigned":
    case "shadowing":
    case "confirmed":
    case "reverting":
    case "reverted":
      return [];
  }
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
    rollout: isUnchanged ? rollout : { ...withPairs(input, phase), phase, decision },
    updates,
    actions,
    wakeAtMs: nextTurn(rollout, step, now),
    explanation,
  };
}

/** What the pairs have shown is kept when the shadow is passed: afterwards its windows are not read any more. */
function withPairs({ rollout, evidence }: RolloutInput, next: RolloutPhase): Rollout {
  const { phase, spec } = rollout;
  if (phase.kind !== "running" || spec.stages[phase.stage]?.shadow === undefined) return rollout;
  if (next.kind !== "running" || next.stage === phase.stage) return rollout;
  const limit = spec.gates.maxLatencyRatio;
  const pairedLatency = limit === undefined ? undefined : pairedLatencyOf(evidence.shadow, limit);
  return pairedLatency === undefined ? rollout : { ...rollout, pairedLatency };
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
    const members = updates.filter((update) => update.stage === phase.stage);
    if (!members.some(({ state }) => state === "assigned" || state === "reverting"))
      turns.push(lastSettled(members) + stage.soakMs);
    turns.push(phase.enteredAtMs + (phase.kind === "running" ? stage.evidenceTimeoutMs : spec.deviceTimeoutMs));
  }
  let next: number | undefined;
  for (const turn of turns) if (turn > now && (next === undefined || turn < next)) next = turn;
  return next;
}
