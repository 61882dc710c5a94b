import { describe, expect, it } from "vitest";

import type { RolloutCommand, RolloutPhase } from "../../../../../control-plane/domain/rollout/rollout.ts";
import { applyCommand } from "../../../../../control-plane/domain/rollout/rollout-command.ts";
import { aRollout, stagesWithShadow } from "../../../../support/rollout-builders.ts";

const running = { kind: "running", stage: 1, enteredAtMs: 5 } as const;
const back = { kind: "rolling-back", stage: 1, enteredAtMs: 5, reason: "why" } as const;
const phases = {
  running,
  "rolling back": back,
  paused: { kind: "paused", reason: "gate", atMs: 6, resume: running },
  "paused while rolling back": { kind: "paused", reason: "gate", atMs: 6, resume: back },
  complete: { kind: "complete", atMs: 7 },
  aborted: { kind: "aborted", atMs: 7, reason: "x" },
  "rolled back": { kind: "rolled-back", atMs: 7, reason: "x" },
} satisfies Record<string, RolloutPhase>;
const commands = {
  pause: { kind: "pause", reason: "me" },
  resume: { kind: "resume" },
  abort: { kind: "abort", reason: "me" },
  "roll back": { kind: "roll-back", reason: "me" },
} satisfies Record<string, RolloutCommand>;

const aborted = { kind: "aborted", atMs: 9, reason: "me" };
const from = (stage: number) => ({ kind: "rolling-back", stage, enteredAtMs: 9, reason: "me" });

describe("a command", () => {
  it.each<[keyof typeof phases, keyof typeof commands, object | string]>([
    ["running", "pause", { kind: "paused", reason: "me", atMs: 9, resume: running }],
    ["running", "resume", "it is not paused"],
    ["running", "abort", aborted],
    ["running", "roll back", from(1)],
    ["rolling back", "pause", { kind: "paused", reason: "me", atMs: 9, resume: back }],
    ["rolling back", "resume", "it is not paused"],
    ["rolling back", "abort", aborted],
    ["rolling back", "roll back", "it is being rolled back already"],
    ["paused", "pause", "it is paused already: gate"],
    ["paused", "resume", { ...running, enteredAtMs: 9 }],
    ["paused", "abort", aborted],
    ["paused", "roll back", from(1)],
    ["paused while rolling back", "resume", { ...back, enteredAtMs: 9 }],
    ["paused while rolling back", "roll back", "it is a rollback that is paused; resume it to go on"],
    ["complete", "pause", "it is complete; the only thing left to do with it is to roll it back"],
    ["complete", "resume", "it is complete; the only thing left to do with it is to roll it back"],
    ["complete", "abort", "it is complete; the only thing left to do with it is to roll it back"],
    ["complete", "roll back", from(2)],
    ["aborted", "resume", "it is over (aborted); start a new rollout"],
    ["aborted", "roll back", from(2)],
    ["rolled back", "roll back", "it is over (rolled-back); start a new rollout"],
  ])("to a rollout that is %s: %s", (phase, command, expected) => {
    const result = applyCommand(aRollout({}, { phase: phases[phase] }), commands[command], 9);
    if (typeof expected === "string") expect(result).toEqual({ ok: false, problems: [`r-1: ${expected}`] });
    else expect(result).toMatchObject({ ok: true, value: { phase: expected } });
  });

  it.each<[RolloutPhase["kind"], RolloutPhase]>([
    ["running", { kind: "running", stage: 0, enteredAtMs: 5 }],
    ["paused", { kind: "paused", reason: "gate", atMs: 6, resume: { kind: "running", stage: 0, enteredAtMs: 5 } }],
  ])("to abort takes the version away from devices in shadow, %s", (_, phase) => {
    const rollout = aRollout({ stages: stagesWithShadow }, { phase });
    const back = { kind: "rolling-back", stage: 0, enteredAtMs: 9, reason: "aborted in shadow: me" };
    expect(applyCommand(rollout, commands.abort, 9)).toMatchObject({ ok: true, value: { phase: back } });
  });

  it("to abort after the shadow leaves the devices what they have", () => {
    const rollout = aRollout({ stages: stagesWithShadow }, { phase: running });
    expect(applyCommand(rollout, commands.abort, 9)).toMatchObject({ ok: true, value: { phase: aborted } });
  });

  it("to abort what is taken away from the shadow already is refused", () => {
    const rollout = aRollout({ stages: stagesWithShadow }, { phase: { ...back, stage: 0 } });
    expect(applyCommand(rollout, commands.abort, 9)).toEqual({
      ok: false,
      problems: ["r-1: it is being rolled back already"],
    });
  });
});
