import { decoded, undecodable } from "../../../proto/problems.ts";
import type { Decoded } from "../../../proto/problems.ts";
import type { Rollout, RolloutCommand, RolloutPhase, RolloutSpec, RunningPhase, StageSpec } from "./rollout.ts";

/**
 * What a person's command makes of a rollout, or why it is refused. A command changes the phase only; reconcileRollout finds out what
 * follows from it.
 *
 * A resumed stage has its times again, but its gates stay: a rollout that was paused by a failing gate pauses again unless the evidence
 * has changed. To abort leaves every device what it was told to run: one that has not taken it yet still will. In shadow that is what it
 * had: there an abort takes the new version away, as a rollback does, because nobody would ever judge it again and the devices would run
 * it for nothing, for ever.
 *
 * To go back is possible from everywhere but a rollback; whether a newer rollout stands in the way, the caller knows.
 */
export function applyCommand(rollout: Rollout, command: RolloutCommand, now: number): Decoded<Rollout> {
  const phase = nextPhase(rollout, command, now);
  return typeof phase === "string" ? undecodable([`${rollout.id}: ${phase}`]) : decoded({ ...rollout, phase });
}

/** The next phase, or the reason why there is none. */
function nextPhase(rollout: Rollout, command: RolloutCommand, now: number): RolloutPhase | string {
  const { phase, spec } = rollout;
  switch (command.kind) {
    case "pause":
      if (phase.kind === "paused") return `it is paused already: ${phase.reason}`;
      return isRunning(phase) ? { kind: "paused", reason: command.reason, atMs: now, resume: phase } : over(phase);
    case "resume":
      if (phase.kind === "paused") return { ...phase.resume, enteredAtMs: now };
      return isRunning(phase) ? "it is not paused" : over(phase);
    case "abort":
      if (stageOf(phase, spec)?.shadow !== undefined) return takeFromShadow(phase, command.reason, now);
      return isRunning(phase) || phase.kind === "paused"
        ? { kind: "aborted", atMs: now, reason: command.reason }
        : over(phase);
    case "roll-back":
      return rollBack(rollout, command.reason, now);
  }
}

function rollBack({ phase, spec }: Rollout, reason: string, now: number): RolloutPhase | string {
  const from = (stage: number): RolloutPhase => ({ kind: "rolling-back", stage, enteredAtMs: now, reason });
  switch (phase.kind) {
    case "running":
      return from(phase.stage);
    case "paused":
      return phase.resume.kind === "running"
        ? from(phase.resume.stage)
        : "it is a rollback that is paused; resume it to go on";
    case "complete":
    case "aborted":
      return from(spec.stages.length - 1);
    case "rolling-back":
      return "it is being rolled back already";
    case "rolled-back":
      return over(phase);
  }
}

function isRunning(phase: RolloutPhase): phase is RunningPhase {
  return phase.kind === "running" || phase.kind === "rolling-back";
}

function stageOf(phase: RolloutPhase, { stages }: RolloutSpec): StageSpec | undefined {
  const running = phase.kind === "paused" ? phase.resume : phase;
  return isRunning(running) ? stages[running.stage] : undefined;
}

/** Also from a pause of the rollback itself, before its first step may have been taken. */
function takeFromShadow(phase: RolloutPhase, reason: string, now: number): RolloutPhase | string {
  if (phase.kind === "rolling-back") return "it is being rolled back already";
  const why = reason === "" ? "aborted in shadow" : `aborted in shadow: ${reason}`;
  return { kind: "rolling-back", stage: 0, enteredAtMs: now, reason: why };
}

function over(phase: RolloutPhase): string {
  return phase.kind === "complete"
    ? "it is complete; the only thing left to do with it is to roll it back"
    : `it is over (${phase.kind}); start a new rollout`;
}
