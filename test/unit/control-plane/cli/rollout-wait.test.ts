import { describe, expect, test } from "vitest";
import { rolloutWait } from "../../../../control-plane/cli/rollout-wait.ts";
import type { Verdict } from "../../../../control-plane/domain/rollout/gate.ts";
import type { DeviceUpdate, RolloutPhase } from "../../../../control-plane/domain/rollout/rollout.ts";
import type { RolloutDetail } from "../../../../control-plane/http/views.ts";
import type { DeviceId, RolloutId, SettingsName } from "../../../../proto/ids.ts";
import { hours, minutes, seconds } from "../../../../proto/units.ts";
import { noGates } from "../../../support/rollout-builders.ts";

const running: RolloutPhase = { kind: "running", stage: 0, enteredAtMs: 0 };

function update(state: DeviceUpdate["state"], settledAtMs?: number): DeviceUpdate {
  const device = "cam-1" as DeviceId;
  return { device, stage: 0, state, incumbent: undefined, assignedAtMs: 0, settledAtMs, reason: "" };
}

function rollout(
  phase: RolloutPhase,
  updates: readonly DeviceUpdate[],
  verdicts: readonly Verdict[] = [],
): RolloutDetail {
  const stage = { name: "canary", percent: 100, soakMs: minutes(2), minInferences: 0, evidenceTimeoutMs: minutes(30) };
  const gates = verdicts.map((verdict, i) => ({ gate: `gate-${i}`, verdict, reason: "", measured: {} }));
  return {
    id: "r1" as RolloutId,
    createdAtMs: 0,
    spec: {
      kind: "settings",
      settings: "night" as SettingsName,
      version: 2,
      removes: false,
      selector: "all",
      stages: [stage],
      gates: noGates,
      onFailure: "roll-back",
      deviceTimeoutMs: hours(1),
    },
    phase,
    decision: { atMs: 0, explanation: "No device matches yet.", gates },
    updates,
  };
}

describe("what a rollout waits for", () => {
  test("for anybody at all, while its stage is empty", () => {
    expect(rolloutWait(rollout(running, []), 0)).toEqual({ kind: "devices", text: "No device matches yet." });
  });

  test("first its devices, with how long they may take", () => {
    expect(rolloutWait(rollout(running, [update("confirmed", 1), update("assigned")], ["pending"]), 0)).toEqual({
      kind: "devices",
      text: "waits for 1 device to take them; one that has not answered after 1h counts as failed",
    });
  });

  test("in shadow for devices that run it beside what they have", () => {
    const detail = rollout(running, [update("shadowing", 1), update("assigned")]);
    const [stage] = detail.spec.stages;
    if (stage === undefined) throw new Error("one stage");
    const spec = { ...detail.spec, stages: [{ ...stage, shadow: { share: 0.1 } }] };
    expect(rolloutWait({ ...detail, spec }, 0)?.text).toBe(
      "waits for 1 device to fetch it and run it in shadow; one that has not answered after 1h counts as failed",
    );
  });

  test("then the evidence, with when it gives up", () => {
    const detail = rollout(running, [update("confirmed", 0)], ["pass", "pending"]);
    expect(rolloutWait(detail, minutes(7))).toEqual({
      kind: "evidence",
      text: "waits for evidence for gate-1; without it, it pauses in 23m",
    });
  });

  test("then the soak, counted from the last device that settled", () => {
    const detail = rollout(running, [update("confirmed", seconds(10)), update("failed", seconds(30))], ["pass"]);
    expect(rolloutWait(detail, seconds(60))).toEqual({
      kind: "soak",
      text: "soaks for another 1m 30s: the stage must stay well for 2m",
    });
    expect(rolloutWait(detail, minutes(3))).toBeUndefined();
  });

  test("a paused one waits for a person, and says what they can do", () => {
    const paused: RolloutPhase = { kind: "paused", reason: "", atMs: 0, resume: { ...running } };
    expect(rolloutWait(rollout(paused, []), 0)?.text).toContain("sedge rollout resume r1");
  });

  test("one that turns round waits for the devices that go back; one that is over for nothing", () => {
    const back: RolloutPhase = { kind: "rolling-back", stage: 0, enteredAtMs: 0, reason: "" };
    expect(rolloutWait(rollout(back, [update("reverting"), update("reverted", 1)]), 0)?.text).toBe(
      "waits for 1 device to go back",
    );
    expect(rolloutWait(rollout({ kind: "complete", atMs: 0 }, [update("confirmed", 1)]), 0)).toBeUndefined();
  });
});
