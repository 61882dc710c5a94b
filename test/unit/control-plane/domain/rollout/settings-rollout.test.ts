import { describe, expect, it } from "vitest";
import type { SettingsRolloutSpec } from "../../../../../control-plane/domain/rollout/rollout.ts";
import { planSettingsRollout } from "../../../../../control-plane/domain/rollout/settings-rollout-plan.ts";
import type { Rollout } from "../../../../../control-plane/domain/rollout/rollout.ts";
import { gatherEvidence } from "../../../../../control-plane/domain/rollout/gather-evidence.ts";
import type { DeviceId } from "../../../../../proto/ids.ts";
import { parseRolloutId, parseSettingsName } from "../../../../../proto/ids.ts";
import { Problems } from "../../../../../proto/problems.ts";
import { hours, minutes } from "../../../../../proto/units.ts";
import { aWindow } from "../../../../support/messages.ts";
import {
  aFleetDevice,
  anUpdate,
  devicesNamed,
  evidenceOf,
  nothingCounted,
  RolloutStage,
  startMs,
} from "../../../../support/rollout-builders.ts";

// The same machine as for models: only what a device says of the thing is read from another place.

const night = parseSettingsName("night");

function aSettingsSpec(version: number, removes = false): SettingsRolloutSpec {
  const problems = new Problems();
  const stages = [{ percent: 10 }, { percent: 100 }];
  const spec = planSettingsRollout(night, version, removes, { stages }, problems);
  if (problems.any) throw new Error(problems.list.join());
  return spec;
}

function aSettingsRollout(spec: SettingsRolloutSpec): Rollout {
  return {
    id: parseRolloutId("r-night"),
    spec,
    createdAtMs: startMs,
    phase: { kind: "running", stage: 0, enteredAtMs: startMs },
    decision: undefined,
  };
}

/** Ten devices that hold version 2 of the settings, and are to get version 3. */
function aFleet(spec = aSettingsSpec(3), held: number | undefined = 2): RolloutStage {
  const fleet = new RolloutStage(aSettingsRollout(spec), devicesNamed(10));
  for (const device of fleet.devices.keys()) hold(fleet, device, held);
  return fleet;
}

function hold(fleet: RolloutStage, device: DeviceId, version: number | undefined, refused?: string): void {
  const known = fleet.devices.get(device) ?? aFleetDevice(device);
  const report = {
    name: night,
    version,
    refused: refused === undefined ? undefined : { version: 3, reason: refused },
    pinned: [],
  };
  const settings = version === undefined && refused === undefined ? [] : [report];
  fleet.devices.set(device, { ...known, reported: { epoch: 1, generation: 1, models: [], refusal: "", settings } });
}

function obey(fleet: RolloutStage): void {
  const { spec } = fleet.rollout;
  for (const { device, state, incumbent } of fleet.updates) {
    if (state === "assigned" && spec.kind === "settings") hold(fleet, device, spec.removes ? undefined : spec.version);
    if (state === "reverting") hold(fleet, device, incumbent?.kind === "settings" ? incumbent.version : undefined);
  }
}

describe("a rollout of settings", () => {
  it("goes on from the canary to everyone when they hold the version and stay well for the soak", () => {
    const fleet = aFleet();
    fleet.settle();
    expect(fleet.inState("assigned")).toHaveLength(1);
    obey(fleet);
    fleet.settle();
    expect(fleet.inState("assigned")).toHaveLength(0);
    fleet.after(minutes(1)).settle();
    expect(fleet.inState("assigned")).toHaveLength(9);
    obey(fleet);
    fleet.settle();
    fleet.after(minutes(1)).settle();
    expect(fleet.rollout.phase.kind).toBe("complete");
  });

  it("turns round when a device refuses them, and gives the canary back what it held", () => {
    const fleet = aFleet();
    fleet.settle();
    const [canary] = fleet.inState("assigned");
    if (canary === undefined) throw new Error("there is a canary");
    hold(fleet, canary.device, 2, "fan.speed: there is no such setting");
    const answer = fleet.turn();
    expect(fleet.rollout.phase.kind).toBe("rolled-back");
    expect(answer.actions).toContainEqual({
      kind: "revert",
      device: canary.device,
      to: { kind: "settings", version: 2 },
    });
    expect(fleet.updates.find(({ device }) => device === canary.device)?.state).toBe("reverted");
  });

  it("does not believe a refusal of which the device has not read its present assignment", () => {
    const fleet = aFleet();
    for (const device of fleet.devices.keys()) {
      hold(fleet, device, 2, "an earlier attempt");
      fleet.behind.add(device);
    }
    fleet.settle();
    expect(fleet.rollout.phase.kind).toBe("running");
  });

  it("turns round when its devices make more mistakes than before, and not when they always made them", () => {
    const judged = (errors: number, before: number) => {
      const fleet = aFleet();
      fleet.settle();
      obey(fleet);
      const candidate = [evidenceOf({ inferences: 200, errors }), evidenceOf({ inferences: 0 })];
      const incumbent = evidenceOf({ inferences: 1_000, errors: before });
      fleet.evidence = { ...nothingCounted, candidate, incumbent };
      fleet.settle();
      return fleet.rollout.phase.kind;
    };
    expect(judged(60, 10)).toBe("rolling-back");
    expect(judged(60, 300)).toBe("running");
  });

  it("waits for devices that went offline with them, and turns round when they stay away", () => {
    const fleet = aFleet();
    fleet.settle();
    obey(fleet);
    for (const { device } of fleet.inStage(0)) {
      const known = fleet.devices.get(device);
      if (known !== undefined)
        fleet.devices.set(device, { ...known, presence: { kind: "offline", sinceMs: startMs, lastSeenMs: startMs } });
    }
    fleet.after(minutes(2)).settle();
    expect(fleet.rollout.decision?.explanation).toMatch(/lost-devices: 1 of 1 device went offline/);
    fleet.after(hours(1)).settle();
    expect(fleet.rollout.phase.kind).toBe("rolling-back");
  });

  it("relieves devices of settings: who holds none is there already", () => {
    const fleet = aFleet(aSettingsSpec(3, true));
    const [free] = [...fleet.devices.keys()];
    if (free === undefined) throw new Error("there is a device");
    hold(fleet, free, undefined);
    for (let i = 0; i < 4; i++) {
      fleet.settle();
      obey(fleet);
      fleet.after(minutes(2)).settle();
    }
    expect(fleet.rollout.phase.kind).toBe("complete");
    expect(fleet.inState("confirmed")).toHaveLength(10);
  });

  it("can be rolled back by a person to what each device held, which may be nothing", () => {
    const fleet = aFleet(aSettingsSpec(3), undefined);
    for (let i = 0; i < 4; i++) {
      fleet.settle();
      obey(fleet);
      fleet.after(minutes(2)).settle();
    }
    fleet.command({ kind: "roll-back", reason: "too quiet" });
    for (let i = 0; i < 4; i++) {
      fleet.settle();
      obey(fleet);
      fleet.after(minutes(2)).settle();
    }
    expect(fleet.rollout.phase.kind).toBe("rolled-back");
    expect(fleet.inState("reverted")).toHaveLength(10);
  });
});

it("tells windows of the time with the new settings from those of the time before, and leaves out what lies between", () => {
  const rollout = aSettingsRollout(aSettingsSpec(3));
  const update = anUpdate("device-1", {
    incumbent: { kind: "settings", version: 2 },
    state: "confirmed",
    assignedAtMs: 100,
    settledAtMs: 200,
  });
  const came = (receivedAtMs: number) => ({ device: update.device, receivedAtMs, window: aWindow({ inferences: 1 }) });
  const evidence = gatherEvidence(rollout, [update], [50, 99, 100, 150, 200, 900, 901].map(came), new Map());
  expect(evidence.incumbent.inferences).toBe(2);
  expect(evidence.candidate[0]?.inferences).toBe(3);
});
