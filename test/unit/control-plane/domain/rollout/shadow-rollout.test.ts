import { describe, expect, it } from "vitest";

import type { Device } from "../../../../../control-plane/domain/device.ts";
import type { ModelRolloutSpec, RolloutAction } from "../../../../../control-plane/domain/rollout/rollout.ts";
import type { DeviceId } from "../../../../../proto/ids.ts";
import { hours, minutes, seconds } from "../../../../../proto/units.ts";
import {
  aFleetDevice,
  anAbleDevice,
  aRollout,
  aSpec,
  aStage,
  evidenceOf,
  newPackage,
  nothingCounted,
  oldPackage,
  RolloutStage,
  shadowOf,
  stagesWithShadow,
} from "../../../../support/rollout-builders.ts";

const stages = [aStage("shadow", 20, { shadow: { share: 0.5 } }), aStage("canary", 40), aStage("everyone", 100)];
const gates = { ...aSpec().gates, maxDisagreement: 0.1 };

const offline = { kind: "offline", sinceMs: 1, lastSeenMs: 1 } as const;

/** Ten devices: two in shadow, two more when it serves first, six at the end. */
function tenDevices(spec: Partial<ModelRolloutSpec> = {}): RolloutStage {
  const devices = Array.from({ length: 10 }, (_, i) => anAbleDevice(`device-${i + 1}`));
  return new RolloutStage(aRollout({ stages, gates, ...spec }), devices);
}

/** The two devices shadow, and have compared so many rows each. */
function inShadow(disagreed: number, compared = 100, spec: Partial<ModelRolloutSpec> = {}): RolloutStage {
  const fleet = tenDevices(spec);
  fleet.turn();
  fleet.obey();
  const shadow = shadowOf([
    { compared, disagreed },
    { compared, disagreed },
  ]);
  fleet.evidence = { ...nothingCounted, shadow };
  return fleet;
}

function assignsIn({ actions }: { readonly actions: readonly RolloutAction[] }) {
  return actions.filter((action) => action.kind === "assign");
}

function textsIn({ actions }: { readonly actions: readonly RolloutAction[] }) {
  return actions.flatMap((action) => (action.kind === "record" ? [action.text] : []));
}

describe("a rollout that begins in shadow", () => {
  it("assigns its first devices the version beside what they have", () => {
    const fleet = tenDevices();
    const answer = fleet.turn();
    expect(assignsIn(answer).map(({ shadow }) => shadow)).toEqual([{ share: 0.5 }, { share: 0.5 }]);
    expect(textsIn(answer)).toEqual(['Stage "shadow" begins with 2 devices, in shadow on 50 % of their inferences.']);
  });

  it("waits for what both versions make of the same inputs", () => {
    const fleet = inShadow(0, 10);
    expect(fleet.turn().explanation).toMatch(/waits for disagreement: 20 compared on 2 devices, .*: 100 needed/);
    expect(fleet.inState("shadowing")).toHaveLength(2);
    expect(fleet.after(minutes(30)).turn().explanation).toMatch(/^Paused: .*It needs a person$/);
  });

  it("soaks, and then its devices answer with the new version, together with those of the next stage", () => {
    const fleet = inShadow(1);
    const soaking = fleet.turn();
    expect(soaking.explanation).toContain("all gates pass; it soaks until");
    const shadowing = fleet.inState("shadowing").map(({ device }) => device);
    const next = fleet.after(seconds(4)).turn();
    expect(fleet.rollout.phase).toMatchObject({ kind: "running", stage: 1 });
    expect(fleet.inStage(0)).toEqual([]);
    expect(assignsIn(next)).toHaveLength(4);
    expect(assignsIn(next).every(({ shadow }) => shadow === undefined)).toBe(true);
    expect(assignsIn(next).map(({ device }) => device)).toEqual(expect.arrayContaining(shadowing));
    expect(textsIn(next).at(-1)).toBe('Stage "canary" begins with 4 devices.');
    expect(fleet.inState("assigned")).toHaveLength(4);
    expect(fleet.turn().actions).toEqual([]);
  });

  it("keeps what its pairs have shown of the latency, and believes it more than what comes later", () => {
    const spec = { gates: { ...gates, maxLatencyRatio: 1.5 } };
    const fleet = inShadow(1, 100, spec);
    expect(fleet.turn().rollout.pairedLatency).toBeUndefined();
    fleet.after(seconds(4)).turn();
    expect(fleet.rollout.pairedLatency).toMatchObject({ ratio: 1, devices: 2, compared: 200 });
    fleet.obey();
    const candidate = [0, 1, 2].map(() => evidenceOf({ inferences: 100, milliseconds: 500, devices: 4 }));
    fleet.evidence = { ...nothingCounted, candidate, incumbent: evidenceOf({ inferences: 1_000, milliseconds: 1 }) };
    expect(fleet.turn().explanation).toMatch(/^Stage "canary" .*all gates pass/);
  });

  it("goes on to its end like any other", () => {
    const fleet = inShadow(1);
    fleet.turn();
    for (let i = 0; i < 4; i++) {
      fleet.after(seconds(4)).turn();
      fleet.obey();
      fleet.turn();
    }
    expect(fleet.rollout.phase.kind).toBe("complete");
    expect(fleet.inState("confirmed")).toHaveLength(10);
    fleet.devices.set("late" as DeviceId, anAbleDevice("late"));
    expect(assignsIn(fleet.turn())).toEqual([{ kind: "assign", device: "late" }]);
  });

  it("turns round when they disagree, before anybody got one answer of the new version", () => {
    const fleet = inShadow(50);
    const answer = fleet.turn();
    expect(fleet.rollout.phase.kind).toBe("rolling-back");
    expect(answer.explanation).toContain("disagreement");
    expect(answer.actions.filter(({ kind }) => kind === "revert")).toHaveLength(2);
    expect(fleet.inState("waiting")).toHaveLength(8);
    fleet.obey();
    fleet.settle();
    expect(fleet.rollout.phase.kind).toBe("rolled-back");
    expect(fleet.inState("reverted")).toHaveLength(2);
  });

  it("takes the shadow from every device when a person aborts it, also from one that is away", () => {
    const fleet = inShadow(0, 10);
    fleet.turn();
    fleet.command({ kind: "abort", reason: "not today" });
    const answer = fleet.turn();
    expect(answer.actions.filter(({ kind }) => kind === "revert")).toHaveLength(2);
    fleet.after(hours(1)).settle();
    expect(fleet.rollout.phase).toMatchObject({ kind: "rolled-back", reason: "aborted in shadow: not today" });
  });

  it("does not wait for a device that is away to let go of what it only runs in shadow", () => {
    const fleet = inShadow(0, 10);
    fleet.turn();
    const [away, there] = fleet.inState("shadowing").map(({ device }) => fleet.devices.get(device) as Device);
    fleet.devices.set(away?.id as DeviceId, { ...(away as Device), presence: offline });
    fleet.command({ kind: "abort", reason: "" });
    const answer = fleet.turn();
    expect(answer.actions.filter(({ kind }) => kind === "revert")).toHaveLength(2);
    expect(fleet.rollout.phase.kind).toBe("rolling-back");
    fleet.report(there?.id as DeviceId, oldPackage);
    fleet.turn();
    expect(fleet.rollout.phase.kind).toBe("rolled-back");
    expect(fleet.inState("revert-failed")).toMatchObject([
      { device: away?.id, reason: "it is offline, and lets go of the shadow when it connects" },
    ]);
  });

  it("stays in shadow while it is paused, and has its time again when it goes on", () => {
    const fleet = inShadow(0, 10);
    fleet.turn();
    fleet.command({ kind: "pause", reason: "lunch" });
    expect(fleet.after(hours(1)).turn().actions).toEqual([]);
    expect(fleet.inState("shadowing")).toHaveLength(2);
    fleet.command({ kind: "resume" });
    fleet.turn();
    expect(fleet.rollout.phase).toMatchObject({ kind: "running", stage: 0 });
  });

  it("goes on without paired evidence where no device had anything to compare with", () => {
    const fleet = tenDevices();
    for (const { id } of fleet.devices.values()) fleet.report(id, undefined);
    fleet.turn();
    for (const { device } of fleet.inState("assigned")) fleet.report(device, newPackage);
    fleet.turn();
    const next = fleet.after(seconds(4)).turn();
    expect(fleet.rollout.phase).toMatchObject({ kind: "running", stage: 1 });
    expect(textsIn(next)[0]).toContain("there is nothing to compare");
    // Those that have it already are told that nothing is in shadow any more.
    expect(assignsIn(next)).toHaveLength(4);
    expect(fleet.inState("confirmed").map(({ stage }) => stage)).toEqual([1, 1]);
  });

  it("takes a device that failed in shadow along as failed, and tells it too that the shadow is over", () => {
    const fleet = inShadow(1, 100, { gates: { ...gates, maxFailedUpdates: 0.5 } });
    fleet.turn();
    const failing = fleet.inState("shadowing")[0]?.device as DeviceId;
    fleet.fail(failing, "failed", "it stopped three times");
    fleet.turn();
    const next = fleet.after(seconds(4)).turn();
    expect(assignsIn(next).map(({ device }) => device)).toContain(failing);
    expect(fleet.inState("failed")).toMatchObject([{ device: failing, stage: 1, assignedAtMs: fleet.now }]);
    fleet.report(failing, newPackage);
    fleet.turn();
    expect(fleet.inState("confirmed")).toMatchObject([{ device: failing }]);
  });

  it("goes on with the other devices when one is revoked in shadow", () => {
    const fleet = inShadow(0, 10);
    fleet.turn();
    const revoked = fleet.inState("shadowing")[0]?.device as DeviceId;
    const device = fleet.devices.get(revoked) as Device;
    fleet.devices.set(revoked, {
      ...device,
      revokedAtMs: fleet.now,
      presence: offline,
    });
    fleet.evidence = { ...nothingCounted, shadow: shadowOf([{ compared: 0 }, { compared: 100 }]) };
    fleet.turn();
    expect(fleet.inState("rejected")).toMatchObject([{ device: revoked, reason: "it was revoked" }]);
    expect(fleet.after(seconds(4)).turn().explanation).not.toContain("needed");
    expect(fleet.rollout.phase).toMatchObject({ kind: "running", stage: 1 });
  });

  it("pauses when all of its devices are revoked", () => {
    const fleet = inShadow(0);
    fleet.turn();
    for (const { device } of fleet.inState("shadowing"))
      fleet.devices.set(device, { ...(fleet.devices.get(device) as Device), revokedAtMs: fleet.now });
    fleet.turn();
    expect(fleet.rollout.phase).toMatchObject({ kind: "paused", reason: expect.stringContaining("is left to judge") });
  });

  it("pauses where every agent of its cohort is too old for a shadow", () => {
    const devices = Array.from({ length: 10 }, (_, i) => aFleetDevice(`device-${i + 1}`));
    const fleet = new RolloutStage(aRollout({ stages: stagesWithShadow, gates }), devices);
    const answer = fleet.turn();
    expect(answer.explanation).toMatch(/^Paused: No device of stage "shadow" can run a version in shadow/);
    expect(assignsIn(answer)).toEqual([]);
  });

  it("rolls back from a later stage past the empty shadow", () => {
    const fleet = inShadow(1);
    fleet.turn();
    fleet.after(seconds(4)).turn();
    fleet.obey();
    fleet.turn();
    fleet.command({ kind: "roll-back", reason: "a person" });
    fleet.turn();
    fleet.obey();
    fleet.turn();
    fleet.after(minutes(1)).settle();
    expect(fleet.rollout.phase.kind).toBe("rolled-back");
    expect(fleet.inState("reverted")).toHaveLength(4);
    for (const { device } of fleet.inState("reverted"))
      expect(fleet.devices.get(device)?.reported?.models[0]?.active?.package).toBe(oldPackage);
  });
});
