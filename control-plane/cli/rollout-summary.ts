import type { DeviceUpdate, DeviceUpdateState, Rollout, RolloutPhase, RolloutSpec } from "../domain/rollout/rollout.ts";
import { deviceUpdateStates } from "../domain/rollout/rollout.ts";
import type { RolloutDetail } from "../http/views.ts";
import type { Style } from "./terminal.ts";

/** The stage that a rollout is at; undefined when it is over. */
export function currentStage(phase: RolloutPhase): number | undefined {
  switch (phase.kind) {
    case "running":
    case "rolling-back":
      return phase.stage;
    case "paused":
      return phase.resume.stage;
    case "complete":
    case "aborted":
    case "rolled-back":
      return undefined;
  }
}

export function isOver(phase: RolloutPhase): boolean {
  return currentStage(phase) === undefined;
}

/** When a rollout ended; undefined while it goes on. */
export function endedAtMs(phase: RolloutPhase): number | undefined {
  switch (phase.kind) {
    case "running":
    case "rolling-back":
    case "paused":
      return undefined;
    case "complete":
    case "aborted":
    case "rolled-back":
      return phase.atMs;
  }
}

/** As it is written on the command line. Examples: `digits@2.0.0`, `settings night@3`. */
export function describeSubject(spec: RolloutSpec): string {
  return spec.kind === "model" ? `${spec.model}@${spec.version}` : `settings ${spec.settings}@${spec.version}`;
}

/** Example: `running stage 2 of 3`, `in shadow, stage 1 of 4`, `paused: too little evidence`. */
export function describePhase({ phase, spec }: Rollout): string {
  switch (phase.kind) {
    case "running":
      return `${spec.stages[phase.stage]?.shadow === undefined ? "running" : "in shadow,"} stage ${phase.stage + 1} of ${spec.stages.length}`;
    case "rolling-back":
      return because(`rolling back stage ${phase.stage + 1}`, phase.reason);
    case "paused":
      return because("paused", phase.reason);
    case "complete":
      return "complete";
    case "aborted":
      return because("aborted", phase.reason);
    case "rolled-back":
      return because("rolled back", phase.reason);
  }
}

function because(what: string, reason: string): string {
  return reason === "" ? what : `${what}: ${reason}`;
}

export const phaseStyles: Readonly<Record<RolloutPhase["kind"], Style>> = {
  running: "cyan",
  paused: "yellow",
  "rolling-back": "red",
  complete: "green",
  aborted: "yellow",
  "rolled-back": "red",
};

type StateCounts = readonly (readonly [DeviceUpdateState, number])[];

/** How many devices are in each state, in the order of a device's way; states without a device are left out. */
function countStates(updates: readonly DeviceUpdate[]): StateCounts {
  return deviceUpdateStates
    .map((state) => [state, updates.filter((update) => update.state === state).length] as const)
    .filter(([, count]) => count > 0);
}

/** The devices of one stage. Those of a shadow that was passed are in the next one. */
export function describeStage({ spec, phase, updates }: RolloutDetail, stage: number): string {
  const own = updates.filter((update) => update.stage === stage);
  const counts = formatCounts(countStates(own));
  const shadow = spec.stages[stage]?.shadow;
  if (shadow === undefined) return counts;
  const isPassed = phase.kind === "complete" || (currentStage(phase) ?? stage) > stage;
  if (own.length === 0) return isPassed ? "its devices went on into the next stage" : counts;
  const isOn = own.some(({ state }) => state === "assigned" || state === "shadowing");
  if (!isOn) return counts;
  return `${counts}, on ${Math.round(shadow.share * 1_000) / 10} % of their inferences`;
}

/** Example: "2 confirmed, 1 failed"; "no devices". */
function formatCounts(counts: StateCounts): string {
  return counts.length === 0 ? "no devices" : counts.map(([state, count]) => `${count} ${state}`).join(", ");
}
