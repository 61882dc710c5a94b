import type { DeviceUpdate, Rollout, RolloutPhase, StageSpec } from "../domain/rollout/rollout.ts";
import type { RolloutDetail } from "../http/views.ts";
import { formatDuration } from "./duration.ts";
import { trialLength } from "./trial-length.ts";

/** What a rollout waits for, told so that whoever watches knows how long that may be. */
export interface Wait {
  /** Stays the same while the text counts down. */
  readonly kind: "a person" | "devices" | "evidence" | "soak";
  readonly text: string;
}

/** Undefined when it is over, and while there is nothing to say but the explanation of its last decision. */
export function rolloutWait(rollout: RolloutDetail, now: number): Wait | undefined {
  const { phase, id } = rollout;
  switch (phase.kind) {
    case "running":
      return runningWait(rollout, phase, now);
    case "rolling-back":
      return devicesWait(inStage(rollout, phase.stage), "to go back");
    case "paused":
      return {
        kind: "a person",
        text: `waits for somebody to decide: sedge rollout resume ${id}, sedge rollout rollback ${id} or sedge rollout abort ${id}`,
      };
    case "complete":
    case "aborted":
    case "rolled-back":
      return undefined;
  }
}

/** First the devices, then the evidence, then the soak: the order in which the control plane judges. */
function runningWait(
  rollout: RolloutDetail,
  { stage: index, enteredAtMs }: Extract<RolloutPhase, { readonly kind: "running" }>,
  now: number,
): Wait | undefined {
  const stage = rollout.spec.stages[index];
  const members = inStage(rollout, index);
  if (stage === undefined) return undefined;
  // The explanation says for whom, or why nobody will do.
  if (members.length === 0) return rollout.decision && { kind: "devices", text: rollout.decision.explanation };
  const open = devicesWait(members, howLongDevicesTry(rollout, stage));
  if (open !== undefined) return open;
  const pending = rollout.decision?.gates.filter(({ verdict }) => verdict === "pending") ?? [];
  if (pending.length > 0) {
    const left = enteredAtMs + stage.evidenceTimeoutMs - now;
    const names = pending.map(({ gate }) => gate).join(", ");
    return { kind: "evidence", text: `waits for evidence for ${names}; without it, it pauses ${inTime(left)}` };
  }
  const left = Math.max(...members.map(({ settledAtMs = 0 }) => settledAtMs)) + stage.soakMs - now;
  if (left <= 0) return undefined;
  return {
    kind: "soak",
    text: `soaks for another ${formatDuration(left)}: the stage must stay well for ${formatDuration(stage.soakMs)}`,
  };
}

function devicesWait(members: readonly DeviceUpdate[], what: string): Wait | undefined {
  const open = members.filter(({ state }) => state === "assigned" || state === "reverting").length;
  if (open === 0) return undefined;
  return { kind: "devices", text: `waits for ${open} ${open === 1 ? "device" : "devices"} ${what}` };
}

/** Example: "to fetch it and try it (1m with 20 requests, or 10m with fewer); one that has not answered after 1h counts as failed". */
function howLongDevicesTry({ spec }: Rollout, { shadow }: StageSpec): string {
  const patience = `one that has not answered after ${formatDuration(spec.deviceTimeoutMs)} counts as failed`;
  if (shadow !== undefined) return `to fetch it and run it in shadow; ${patience}`;
  return spec.kind === "model"
    ? `to fetch it and try it (${trialLength(spec.soak)}); ${patience}`
    : `to take them; ${patience}`;
}

function inStage({ updates }: RolloutDetail, stage: number): readonly DeviceUpdate[] {
  return updates.filter((update) => update.stage === stage);
}

function inTime(ms: number): string {
  return ms <= 0 ? "now" : `in ${formatDuration(ms)}`;
}
