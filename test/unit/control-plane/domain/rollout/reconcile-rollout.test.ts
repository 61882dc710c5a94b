import { describe, expect, it } from "vitest";

import type { ModelRolloutSpec } from "../../../../../control-plane/domain/rollout/rollout.ts";
import { hours, minutes, seconds } from "../../../../../proto/units.ts";
import type { DeviceId, Digest } from "../../../../../proto/ids.ts";
import { noEvidence } from "../../../../../control-plane/domain/rollout/evidence.ts";
import {
  noGates,
  aFleetDevice,
  aRollout,
  aStage,
  devicesNamed,
  evidenceOf,
  newPackage,
  newVersion,
  oldPackage,
  oldVersion,
  RolloutStage,
  strangePackage,
} from "../../../../support/rollout-builders.ts";

const withErrorGate: Partial<ModelRolloutSpec> = {
  gates: { ...noGates, maxErrorRate: 0.02 },
};

/** Ten devices: one canary, four in the second stage, five in the last. */
function tenDevices(spec: Partial<ModelRolloutSpec> = {}): RolloutStage {
  return new RolloutStage(aRollout(spec), devicesNamed(10));
}

function aSlot(digest: Digest) {
  return { version: newVersion.version, package: digest, variant: "fp32" };
}

/** All stages so far are done and soaked, and `stage` has begun. */
function inStage(stage: number, spec: Partial<ModelRolloutSpec> = {}): RolloutStage {
  const fleet = tenDevices(spec);
  fleet.turn();
  for (let i = 0; i < stage; i++) {
    fleet.obey();
    fleet.turn();
    fleet.after(seconds(4)).turn();
  }
  return fleet;
}

function actionsOf(answer: { actions: readonly { kind: string }[] }, kind: string) {
  return answer.actions.filter((action) => action.kind === kind);
}

describe("a rollout that goes well", () => {
  it("begins with the canary and lets the others wait", () => {
    const fleet = tenDevices();
    const answer = fleet.turn();
    expect(actionsOf(answer, "assign")).toEqual([{ kind: "assign", device: fleet.inStage(0)[0]?.device }]);
    expect(fleet.inState("waiting")).toHaveLength(9);
    expect(answer.wakeAtMs).toBe(fleet.now + minutes(30));
  });

  it("soaks after the last device has settled, and only then begins the next stage", () => {
    const fleet = tenDevices();
    fleet.turn();
    fleet.after(minutes(1)).obey();
    const soaking = fleet.turn();
    expect(soaking.explanation).toContain("all gates pass; it soaks until");
    expect(soaking.wakeAtMs).toBe(fleet.now + seconds(4));
    fleet.after(seconds(4) - 1);
    expect(actionsOf(fleet.turn(), "assign")).toEqual([]);
    fleet.after(1);
    const next = fleet.turn();
    expect(actionsOf(next, "assign")).toHaveLength(4);
    expect(fleet.rollout.phase).toEqual({ kind: "running", stage: 1, enteredAtMs: fleet.now });
  });

  it("is complete after the last stage, and says so once", () => {
    const fleet = inStage(2);
    fleet.obey();
    fleet.turn();
    const answer = fleet.after(seconds(4)).turn();
    expect(fleet.rollout.phase).toEqual({ kind: "complete", atMs: fleet.now });
    expect(answer.actions.map((action) => (action.kind === "record" ? action.event : action.kind))).toEqual([
      "rollout.stage-passed",
      "rollout.complete",
    ]);
    expect(fleet.settle().actions).toEqual([]);
    expect(fleet.settle().explanation).toBe("Complete: 10 of 10 devices confirmed.");
  });

  it("takes in devices that join later: into the last stage while it runs, at once when it is complete", () => {
    const fleet = tenDevices();
    fleet.turn();
    fleet.devices.set("late-1" as DeviceId, aFleetDevice("late-1"));
    fleet.turn();
    expect(fleet.updates.find((update) => update.device === "late-1")).toMatchObject({ stage: 2, state: "waiting" });
    for (let i = 0; i < 3; i++) {
      fleet.obey();
      fleet.turn();
      fleet.after(seconds(4)).turn();
    }
    expect(fleet.rollout.phase.kind).toBe("complete");
    fleet.devices.set("late-2" as DeviceId, aFleetDevice("late-2"));
    expect(actionsOf(fleet.turn(), "assign")).toEqual([{ kind: "assign", device: "late-2" }]);
    expect(fleet.rollout.phase.kind).toBe("complete");
  });

  it("passes over stages without devices: a fleet of one", () => {
    const fleet = new RolloutStage(aRollout(), devicesNamed(1));
    fleet.turn();
    fleet.obey();
    fleet.turn();
    fleet.after(seconds(4)).turn();
    expect(fleet.rollout.phase.kind).toBe("complete");
  });

  it("confirms a device at once that runs the version already", () => {
    const fleet = new RolloutStage(aRollout({ stages: [aStage("everyone", 100)] }), devicesNamed(1));
    fleet.report(fleet.devices.keys().next().value as DeviceId, newPackage);
    fleet.turn();
    expect(fleet.inState("confirmed")).toHaveLength(1);
  });
});

describe("who takes part", () => {
  const everyone = { stages: [aStage("everyone", 100)] };

  it("waits for a device to match, and for its first birth", () => {
    const unborn = aFleetDevice("device-1", { reported: undefined });
    const fleet = new RolloutStage(aRollout({ ...everyone, selector: "site=lyon" }), [unborn]);
    expect(fleet.turn().explanation).toBe('No device that has connected matches "site=lyon" yet.');
    fleet.devices.set(unborn.id, aFleetDevice("device-1", { labels: { site: "lyon" } }));
    expect(actionsOf(fleet.turn(), "assign")).toHaveLength(1);
  });

  it("rejects up front what could not run it, and what could not be given back", () => {
    const profile = {
      architecture: "x64",
      operatingSystem: "linux 6.1",
      cpuFlags: [],
      memoryBytes: 1_000,
      runtimes: [{ name: "tflite", version: "2" }],
      hardware: "cm4",
    };
    const fleet = new RolloutStage(aRollout(everyone), [
      aFleetDevice("device-1", { profile }),
      aFleetDevice("device-2"),
      aFleetDevice("device-3"),
    ]);
    fleet.report("device-2" as DeviceId, strangePackage);
    fleet.turn();
    expect(fleet.updates.map(({ state, reason }) => [state, reason])).toEqual([
      ["rejected", "fp32: needs the runtime onnxruntime-node, the device has tflite"],
      ["rejected", `it runs 0.0.1 (${strangePackage}), which is not stored here and could not be given back`],
      ["assigned", ""],
    ]);
    fleet.obey();
    fleet.turn();
    fleet.after(seconds(4)).turn();
    expect(fleet.rollout.phase.kind).toBe("complete");
  });

  it("leaves a revoked device out, also one that was revoked on its way", () => {
    const fleet = new RolloutStage(aRollout(everyone), [
      aFleetDevice("device-1"),
      aFleetDevice("device-2", { revokedAtMs: 1 }),
    ]);
    fleet.turn();
    expect(fleet.updates).toHaveLength(1);
    fleet.devices.set("device-1" as DeviceId, aFleetDevice("device-1", { revokedAtMs: fleet.now }));
    fleet.turn();
    expect(fleet.updates).toMatchObject([{ state: "rejected", assignedAtMs: undefined, reason: "it was revoked" }]);
  });
});

describe("a stage that loses its devices", () => {
  it("pauses: the next one does not begin on evidence that nobody gave", () => {
    const fleet = tenDevices();
    fleet.turn();
    const canary = fleet.inStage(0)[0]?.device as DeviceId;
    fleet.devices.set(canary, aFleetDevice(canary, { revokedAtMs: fleet.now }));
    fleet.turn();
    expect(fleet.rollout.phase).toMatchObject({ kind: "paused", reason: expect.stringContaining("is left to judge") });
    expect(fleet.inState("assigned")).toEqual([]);
  });

  it("fails when its only device rejects the version after it was assigned", () => {
    const fleet = new RolloutStage(aRollout(), devicesNamed(1));
    fleet.turn();
    fleet.fail(fleet.inStage(0)[0]?.device as DeviceId, "rejected", "no variant fits");
    fleet.turn();
    expect(fleet.rollout.phase).toMatchObject({ reason: expect.stringContaining("1 of 1 settled device failed") });
  });
});

describe("a device whose owner takes the version back", () => {
  const veto = (fleet: RolloutStage, device: DeviceId) =>
    fleet.report(device, oldPackage, {
      failure: { package: newPackage, kind: "rolled-back", reason: "not on my machine", byHand: true },
    });

  it("is told so, is neither waited for nor told again, and does not count against the version", () => {
    const fleet = inStage(1);
    fleet.obey();
    const [vetoed, ...others] = fleet.inStage(1).map(({ device }) => device);
    veto(fleet, vetoed as DeviceId);
    const answer = fleet.turn();
    expect(answer.actions).toContainEqual({
      kind: "record",
      event: "rollout.device-taken-back",
      device: vetoed,
      text: `${vetoed}: taken-back: not on my machine`,
    });
    const [gate] = answer.rollout.decision?.gates ?? [];
    expect(gate).toMatchObject({
      verdict: "pass",
      reason:
        "0 of 3 settled devices failed, of 3 in the stage (limit 5.0 %): within the limit; on 1 more device somebody took it back",
    });
    const later = fleet.after(seconds(4)).turn();
    expect(fleet.rollout.phase).toMatchObject({ kind: "running", stage: 2 });
    expect(later.actions.some((action) => action.kind === "assign")).toBe(true);
    expect(later.actions.some((action) => action.kind === "assign" && action.device === vetoed)).toBe(false);
    expect(others).toHaveLength(3);
  });

  it("asks a person where no device of a stage is left", () => {
    const fleet = inStage(1);
    for (const { device } of fleet.inStage(1)) veto(fleet, device);
    expect(fleet.turn().explanation).toMatch(/^Paused: No device of stage "half" is left to judge the version by/);
  });

  it("has what the rollout gives back, when that is rolled back", () => {
    const fleet = inStage(1);
    fleet.obey();
    for (const { device } of fleet.inStage(1)) veto(fleet, device);
    fleet.command({ kind: "roll-back", reason: "a person saw something" });
    fleet.turn();
    expect(fleet.inStage(1).map(({ state }) => state)).toEqual(["reverted", "reverted", "reverted", "reverted"]);
  });
});

describe("a failing gate", () => {
  it("rolls back at once, without waiting for the other devices", () => {
    const fleet = inStage(1);
    const [unlucky, ...others] = fleet.inStage(1);
    for (const { device } of others)
      fleet.report(device, oldPackage, { candidate: aSlot(newPackage), phase: "fetching" });
    fleet.fail(unlucky?.device as DeviceId, "rolled-back", "3 of 20 inferences failed");
    const answer = fleet.turn();
    expect(fleet.rollout.phase).toMatchObject({ kind: "rolling-back", stage: 1 });
    expect(answer.actions).toContainEqual({
      kind: "record",
      event: "rollout.device-rolled-back",
      device: unlucky?.device,
      text: `${unlucky?.device}: rolled-back: 3 of 20 inferences failed`,
    });
    expect(actionsOf(answer, "revert")).toHaveLength(4);
    expect(answer.explanation).toContain(
      "1 of 1 settled device failed, of 4 in the stage (limit 5.0 %): the limit forgives 0",
    );
  });

  it("pauses where the specification says so; a person can resume, and the gate is still there", () => {
    const fleet = inStage(1, { onFailure: "pause" });
    fleet.fail(fleet.inStage(1)[0]?.device as DeviceId, "failed", "golden check");
    fleet.turn();
    expect(fleet.rollout.phase).toMatchObject({ kind: "paused", resume: { kind: "running", stage: 1 } });
    fleet.command({ kind: "resume" });
    fleet.turn();
    expect(fleet.rollout.phase.kind).toBe("paused");
  });

  it("is also one that the canaries' telemetry shows while a later stage runs", () => {
    const fleet = inStage(0, withErrorGate);
    fleet.obey();
    fleet.evidence = { ...fleet.evidence, candidate: [evidenceOf({ inferences: 200 })] };
    fleet.turn();
    fleet.after(seconds(4)).turn();
    expect(fleet.rollout.phase).toMatchObject({ kind: "running", stage: 1 });
    fleet.evidence = { ...fleet.evidence, candidate: [evidenceOf({ inferences: 400, errors: 60 })] };
    fleet.turn();
    expect(fleet.rollout.phase).toMatchObject({
      kind: "rolling-back",
      reason: expect.stringContaining("over all stages so far, 60 errors in 400 inferences"),
    });
  });
});

describe("missing evidence", () => {
  it("keeps the stage waiting, then pauses it; it never passes", () => {
    const fleet = inStage(0, withErrorGate);
    fleet.obey();
    fleet.turn();
    expect(fleet.after(minutes(29)).turn().explanation).toContain("100 inferences are needed");
    expect(fleet.rollout.phase.kind).toBe("running");
    fleet.after(minutes(1)).turn();
    expect(fleet.rollout.phase).toMatchObject({ kind: "paused" });
    fleet.evidence = { ...fleet.evidence, candidate: [evidenceOf({ inferences: 100 })] };
    fleet.command({ kind: "resume" });
    fleet.turn();
    expect(fleet.rollout.phase).toMatchObject({ kind: "running", stage: 1 });
  });

  it("of one stage is not made up for by the evidence of another", () => {
    const fleet = inStage(0, withErrorGate);
    fleet.obey();
    fleet.evidence = { ...fleet.evidence, candidate: [evidenceOf({ inferences: 10_000 })] };
    fleet.turn();
    fleet.after(seconds(4)).turn();
    fleet.obey();
    fleet.turn();
    fleet.after(seconds(4)).turn();
    expect(fleet.rollout.phase).toMatchObject({ kind: "running", stage: 1 });
  });
});

describe("a silent device", () => {
  it("times out, which pauses the rollout but does not turn it round; when it is back, the rollout can go on", () => {
    const fleet = inStage(1);
    const [silent, ...others] = fleet.inStage(1);
    for (const { device } of others) fleet.report(device, newPackage);
    fleet.turn();
    const answer = fleet.after(hours(1)).turn();
    expect(answer.explanation).toContain("silent devices say nothing about the version");
    expect(fleet.rollout.phase.kind).toBe("paused");
    fleet.report(silent?.device as DeviceId, newPackage);
    fleet.turn();
    expect(fleet.inState("timed-out")).toEqual([]);
    fleet.command({ kind: "resume" });
    fleet.turn();
    fleet.after(seconds(4)).turn();
    expect(fleet.rollout.phase).toMatchObject({ kind: "running", stage: 2 });
  });

  it("failed when it fell silent in its trial", () => {
    const fleet = inStage(0);
    const device = fleet.inStage(0)[0]?.device as DeviceId;
    fleet.report(device, oldPackage, { phase: "trial", candidate: aSlot(newPackage) });
    const known = fleet.devices.get(device) as ReturnType<typeof aFleetDevice>;
    fleet.devices.set(device, { ...known, presence: { kind: "offline", sinceMs: fleet.now, lastSeenMs: fleet.now } });
    fleet.after(hours(1)).turn();
    expect(fleet.rollout.phase.kind).toBe("rolling-back");
  });
});

describe("what a device says of an earlier attempt", () => {
  it("does not count until it has read its present desired state", () => {
    const fleet = new RolloutStage(aRollout(), devicesNamed(10));
    for (const device of fleet.devices.keys()) {
      fleet.fail(device, "failed", "yesterday");
      fleet.behind.add(device);
    }
    fleet.turn();
    fleet.turn();
    expect(fleet.inState("assigned")).toHaveLength(1);
    fleet.behind.clear();
    fleet.turn();
    expect(fleet.rollout.phase).toMatchObject({ reason: expect.stringContaining("1 of 1 settled device failed") });
  });
});

describe("a rollback", () => {
  function rollingBack(spec: Partial<ModelRolloutSpec> = {}): RolloutStage {
    const fleet = inStage(1, spec);
    fleet.obey();
    fleet.turn();
    fleet.command({ kind: "roll-back", reason: "a person saw something" });
    return fleet;
  }

  it("goes through the stages backwards, the newest first, each waiting for its devices", () => {
    const fleet = rollingBack();
    const newest = fleet.turn();
    expect(actionsOf(newest, "revert")).toEqual(
      fleet.inStage(1).map(({ device }) => ({ kind: "revert", device, to: oldVersion })),
    );
    expect(fleet.inStage(0)[0]?.state).toBe("confirmed");
    fleet.obey();
    const oldest = fleet.turn();
    expect(actionsOf(oldest, "revert")).toHaveLength(1);
    expect(fleet.rollout.phase).toMatchObject({ kind: "rolling-back", stage: 0 });
    fleet.obey();
    fleet.turn();
    expect(fleet.rollout.phase).toEqual({ kind: "rolled-back", atMs: fleet.now, reason: "a person saw something" });
    expect(fleet.inState("reverted")).toHaveLength(5);
    expect(fleet.inState("waiting")).toHaveLength(5);
    expect(fleet.settle().explanation).toBe("Rolled back: a person saw something");
  });

  it("takes the model away from a device that had none", () => {
    const fleet = new RolloutStage(aRollout({ stages: [aStage("everyone", 100)] }), devicesNamed(1));
    const [device] = fleet.devices.keys();
    fleet.report(device as DeviceId, undefined);
    fleet.turn();
    fleet.obey();
    fleet.turn();
    fleet.command({ kind: "roll-back", reason: "no" });
    expect(actionsOf(fleet.turn(), "revert")).toEqual([{ kind: "revert", device, to: undefined }]);
    fleet.obey();
    fleet.turn();
    expect(fleet.rollout.phase.kind).toBe("rolled-back");
  });

  it("does not wait for ever for a device that is gone, and is not stopped by it", () => {
    const fleet = rollingBack();
    fleet.turn();
    const [gone] = fleet.inStage(1);
    fleet.obey();
    fleet.report(gone?.device as DeviceId, newPackage);
    const known = fleet.devices.get(gone?.device as DeviceId) as ReturnType<typeof aFleetDevice>;
    fleet.devices.set(known.id, { ...known, presence: { kind: "offline", sinceMs: fleet.now, lastSeenMs: fleet.now } });
    expect(fleet.turn().wakeAtMs).toBe(fleet.now + hours(1));
    fleet.after(hours(1)).turn();
    expect(fleet.inState("revert-failed").map(({ device }) => device)).toEqual([gone?.device]);
    expect(fleet.rollout.phase).toMatchObject({ kind: "rolling-back", stage: 0 });
  });

  it("pauses when the devices cannot go back, and goes on with the next older stage when a person says so", () => {
    const fleet = rollingBack();
    fleet.turn();
    for (const { device } of fleet.inStage(1))
      fleet.report(device, newPackage, { failure: { package: oldPackage, kind: "failed", reason: "file is gone" } });
    fleet.turn();
    expect(fleet.rollout.phase).toMatchObject({ kind: "paused", resume: { kind: "rolling-back", stage: 0 } });
    fleet.command({ kind: "resume" });
    expect(actionsOf(fleet.turn(), "revert")).toHaveLength(1);
  });

  it("pauses when the restored version fails, and does not wait longer than the soak for that evidence", () => {
    const fleet = rollingBack(withErrorGateOff());
    fleet.turn();
    fleet.obey();
    expect(fleet.turn().explanation).toContain("waiting for 100 or the end of the soak");
    const bad = { ...fleet.evidence, restored: [noEvidence, evidenceOf({ inferences: 100, errors: 50 })] };
    const good = fleet.evidence;
    fleet.evidence = bad;
    const before = { rollout: fleet.rollout, updates: fleet.updates };
    fleet.turn();
    expect(fleet.rollout.phase).toMatchObject({ kind: "paused", resume: { kind: "rolling-back", stage: 0 } });
    Object.assign(fleet, before, { evidence: good });
    fleet.after(seconds(4)).turn();
    expect(fleet.rollout.phase).toMatchObject({ kind: "rolling-back", stage: 0 });
  });

  /** The error gate is set, and minimal evidence lets the stages pass on the way forward. */
  function withErrorGateOff(): Partial<ModelRolloutSpec> {
    const stages = [aStage("canary", 10), aStage("half", 50), aStage("everyone", 100)];
    return {
      gates: { ...noGates, maxErrorRate: 0.02 },
      stages: stages.map((stage, i) => (i === 0 ? { ...stage, minInferences: 0 } : stage)),
    };
  }

  it("of a complete rollout begins with the last stage", () => {
    const fleet = inStage(3);
    expect(fleet.rollout.phase.kind).toBe("complete");
    fleet.command({ kind: "roll-back", reason: "drift" });
    expect(actionsOf(fleet.turn(), "revert")).toHaveLength(5);
    for (let i = 0; i < 3; i++) {
      fleet.obey();
      fleet.turn();
    }
    expect(fleet.rollout.phase.kind).toBe("rolled-back");
    expect(fleet.inState("reverted")).toHaveLength(10);
  });
});

describe("a paused rollout", () => {
  it("begins nothing, and follows what was begun", () => {
    const fleet = inStage(1);
    fleet.command({ kind: "pause", reason: "weekend" });
    fleet.obey();
    fleet.after(minutes(5));
    expect(fleet.turn().actions).toEqual([]);
    expect(fleet.inState("confirmed")).toHaveLength(5);
    expect(fleet.settle().explanation).toBe("Paused: weekend");
    fleet.after(seconds(4)).command({ kind: "resume" });
    fleet.turn();
    expect(fleet.rollout.phase).toMatchObject({ kind: "running", stage: 2 });
  });

  it("can be aborted: devices stay on what they have", () => {
    const fleet = inStage(1);
    fleet.command({ kind: "pause", reason: "weekend" });
    fleet.command({ kind: "abort", reason: "superseded" });
    expect(fleet.turn()).toMatchObject({ actions: [], wakeAtMs: undefined, explanation: "Aborted: superseded" });
  });
});
