import { describe, expect, test } from "vitest";
import { rolloutNews } from "../../../../control-plane/cli/rollout-news.ts";
import { rolloutPicture, stageBar } from "../../../../control-plane/cli/rollout-picture.ts";
import type { Paint } from "../../../../control-plane/cli/terminal.ts";
import type {
  DeviceUpdate,
  DeviceUpdateState,
  RolloutPhase,
} from "../../../../control-plane/domain/rollout/rollout.ts";
import type { RolloutDetail } from "../../../../control-plane/http/views.ts";
import type { DeviceId, Digest, ModelName, ModelVersion, RolloutId } from "../../../../proto/ids.ts";

import { hours, minutes } from "../../../../proto/units.ts";
import { noGates } from "../../../support/rollout-builders.ts";

const plain: Paint = (_style, text) => text;

function updates(stage: number, ...states: readonly DeviceUpdateState[]): readonly DeviceUpdate[] {
  return states.map((state, i) => ({
    device: `cam-${stage}-${i}` as DeviceId,
    stage,
    state,
    incumbent: undefined,
    assignedAtMs: undefined,
    settledAtMs: undefined,
    reason: "",
  }));
}

function rollout(changes: Partial<RolloutDetail>): RolloutDetail {
  const stage = (name: string, percent: number) => ({
    name,
    percent,
    soakMs: 0,
    minInferences: 0,
    evidenceTimeoutMs: 0,
  });
  return {
    id: "r1" as RolloutId,
    createdAtMs: 0,
    spec: {
      kind: "model",
      model: "digits" as ModelName,
      version: "3" as ModelVersion,
      package: `sha256:${"0".repeat(64)}` as Digest,
      packageSize: 1,
      selector: "site=lyon",
      stages: [stage("canary", 10), stage("everyone", 100)],
      gates: noGates,
      onFailure: "roll-back",
      deviceTimeoutMs: hours(1),
      soak: { durationMs: minutes(1), minInferences: 20, deadlineMs: minutes(10), maxErrorShare: 1 },
    },
    phase: { kind: "running", stage: 0, enteredAtMs: 0 },
    decision: undefined,
    updates: [],
    ...changes,
  };
}

describe("rolloutPicture", () => {
  test("shows stages, gates and why it waits", () => {
    const lines = rolloutPicture(
      rollout({
        updates: [...updates(0, "confirmed", "assigned"), ...updates(1, "waiting", "waiting")],
        decision: {
          atMs: 0,
          explanation: "the canary is still in its soak",
          gates: [
            { gate: "failed updates", verdict: "pass", reason: "0 of 1", measured: {} },
            { gate: "output drift", verdict: "pending", reason: "40 of 200 inferences", measured: {} },
          ],
        },
      }),
      42_000,
      plain,
      80,
    );
    expect(lines).toEqual([
      "digits@3 to site=lyon  r1, 42s",
      "running stage 1 of 2",
      "",
      `● canary     10 %  ${"█".repeat(12)}${"▒".repeat(12)}  1 assigned, 1 confirmed`,
      `○ everyone  100 %  ${"░".repeat(24)}  2 waiting`,
      "",
      "✓ failed updates: 0 of 1",
      "… output drift: 40 of 200 inferences",
      "",
      "waits for 1 device to fetch it and try it (1m with 20 requests, or 10m with",
      "fewer); one that has not answered after 1h counts as failed",
    ]);
  });

  test("shows a shadow, what it compared, and where its devices are after it", () => {
    const spec = rollout({}).spec;
    const [canary, everyone] = spec.stages;
    if (canary === undefined || everyone === undefined) throw new Error("two stages");
    const stages = [{ ...canary, name: "shadow", shadow: { share: 0.1 } }, canary, everyone];
    const reason = "1240 compared on 3 devices, 1.2 % disagree (0.7 % to 2.0 %), limit 10 %: within the limit";
    const decision = {
      atMs: 0,
      explanation: "it soaks",
      gates: [{ gate: "disagreement", verdict: "pass", reason, measured: {} }],
    } as const;
    const lines = rolloutPicture(
      rollout({
        spec: { ...spec, stages },
        decision,
        updates: [...updates(0, "shadowing", "assigned"), ...updates(2, "waiting")],
      }),
      0,
      plain,
      120,
    );
    expect(lines.slice(1, 7)).toEqual([
      "in shadow, stage 1 of 3",
      "",
      `● shadow     10 %  ${"▓".repeat(12)}${"▒".repeat(12)}  1 assigned, 1 shadowing, on 10 % of their inferences`,
      `○ canary     10 %  ${"░".repeat(24)}  no devices`,
      `○ everyone  100 %  ${"░".repeat(24)}  1 waiting`,
      "",
    ]);
    expect(lines).toContain(`✓ disagreement: ${reason}`);
    const passed = rolloutPicture(
      rollout({
        spec: { ...spec, stages },
        phase: { kind: "running", stage: 1, enteredAtMs: 0 },
        updates: updates(1, "assigned"),
      }),
      0,
      plain,
      120,
    );
    const back = rolloutPicture(rollout({ spec: { ...spec, stages }, updates: updates(0, "reverted") }), 0, plain, 120);
    expect(back[3]).toMatch(/1 reverted$/);
    expect(passed[3]).toMatch(/^✓ shadow .*its devices went on into the next stage$/);
  });

  test("breaks long reasons between words, so that none of them is cut", () => {
    const gates = [
      { gate: "error rate", verdict: "fail", reason: "8 of 90 inferences failed, above 2 %", measured: {} },
    ] as const;
    const decision = { atMs: 0, explanation: "a gate failed, so every device goes back", gates };
    expect(rolloutPicture(rollout({ decision }), 0, plain, 24).slice(6)).toEqual([
      "✗ error rate: 8 of 90",
      "  inferences failed,",
      "  above 2 %",
      "",
      "a gate failed, so every",
      "device goes back",
    ]);
  });

  test("names devices in trouble with their reason, but not hundreds of them", () => {
    const failed = updates(0, ...Array.from({ length: 7 }, () => "timed-out" as const));
    const troubled = failed.map((update) => ({ ...update, reason: "no answer" }));
    const lines = rolloutPicture(rollout({ updates: [...troubled, ...updates(1, "waiting")] }), 0, plain, 80);
    expect(lines.slice(5)).toEqual([
      "",
      ...[0, 1, 2, 3, 4].map((i) => `cam-0-${i} timed-out: no answer`),
      "… and 2 more",
    ]);
  });

  test("marks the stages that were passed, and how it ended", () => {
    const running = rolloutPicture(rollout({ phase: { kind: "running", stage: 1, enteredAtMs: 0 } }), 0, plain, 80);
    expect(running[3]).toMatch(/^✓ canary/);
    const complete = rolloutPicture(rollout({ phase: { kind: "complete", atMs: 0 } }), 0, plain, 80);
    expect(complete[1]).toBe("complete");
    expect(complete[4]).toMatch(/^✓ everyone/);
  });

  test("says how long it took; while it goes on, how long it has taken", () => {
    const since = (phase: RolloutPhase) => rolloutPicture(rollout({ phase }), minutes(9), plain, 80)[0];
    expect(since({ kind: "complete", atMs: minutes(2) })).toBe("digits@3 to site=lyon  r1, 2m");
    const resume = { kind: "running", stage: 0, enteredAtMs: 0 } as const;
    expect(since({ kind: "paused", reason: "", atMs: minutes(2), resume })).toBe("digits@3 to site=lyon  r1, 9m");
  });
});

describe("stageBar", () => {
  test("is always as wide, and shows one failure among thousands", () => {
    const many = updates(0, ...Array.from({ length: 4_000 }, () => "confirmed" as const), "failed");
    const marked: Paint = (style, text) => (style === "red" ? text.replaceAll("█", "F") : text);
    expect(stageBar(many, marked)).toBe(`${"█".repeat(23)}F`);
    expect(stageBar([], plain)).toHaveLength(24);
  });
});

describe("rolloutNews", () => {
  const first = rollout({ updates: updates(0, "assigned", "assigned") });

  test("tells everything the first time, then only what changed", () => {
    expect(rolloutNews(undefined, first)).toEqual(["running stage 1 of 2", "stage canary: 2 assigned"]);
    expect(rolloutNews(first, first)).toEqual([]);
    const second = rollout({ updates: updates(0, "confirmed", "assigned") });
    expect(rolloutNews(first, second)).toEqual(["stage canary: 1 assigned, 1 confirmed"]);
  });

  test("a gate is news when its verdict changes, not with every number", () => {
    const judged = (verdict: "pending" | "fail", reason: string) =>
      rollout({
        updates: first.updates,
        decision: { atMs: 0, explanation: "", gates: [{ gate: "error rate", verdict, reason, measured: {} }] },
      });
    expect(rolloutNews(judged("pending", "1 of 9"), judged("pending", "2 of 9"))).toEqual([]);
    expect(rolloutNews(judged("pending", "2 of 9"), judged("fail", "8 % above 2 %"))).toEqual([
      "gate error rate: fail (8 % above 2 %)",
    ]);
  });

  test("an end is told last, with its reason", () => {
    const ended = rollout({
      phase: { kind: "rolled-back", atMs: 1, reason: "error rate" },
      updates: updates(0, "reverted", "reverted"),
    });
    expect(rolloutNews(first, ended)).toEqual(["stage canary: 2 reverted", "rolled back: error rate"]);
  });
});
