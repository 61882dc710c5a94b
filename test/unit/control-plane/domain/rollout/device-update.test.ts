import { describe, expect, it } from "vitest";

import type { Following } from "../../../../../control-plane/domain/rollout/device-update.ts";
import { followDevice } from "../../../../../control-plane/domain/rollout/device-update.ts";
import type { DeviceUpdate, DeviceUpdateState } from "../../../../../control-plane/domain/rollout/rollout.ts";
import type { Device } from "../../../../../control-plane/domain/device.ts";
import type { Digest } from "../../../../../proto/ids.ts";
import type { ModelReport } from "../../../../../proto/messages.ts";
import { hours } from "../../../../../proto/units.ts";
import {
  aFleetDevice,
  aReport,
  aSpec,
  anUpdate,
  catalogue,
  newPackage,
  newVersion,
  oldPackage,
  stagesWithShadow,
  startMs,
} from "../../../../support/rollout-builders.ts";

const now = startMs + 60_000;
const candidate = { version: newVersion.version, package: newPackage, variant: "fp32" };

function followed(
  state: DeviceUpdateState,
  report: ModelReport | undefined,
  rest: { update?: Partial<DeviceUpdate>; device?: Partial<Device>; following?: Partial<Following> } = {},
): DeviceUpdate {
  const reported = { epoch: 1, generation: 1, models: report === undefined ? [] : [report], refusal: "" };
  return followDevice(
    anUpdate("device-1", { state, ...rest.update }),
    aFleetDevice("device-1", { reported, ...rest.device }),
    {
      spec: aSpec(),
      rollbackSinceMs: undefined,
      catalogue,
      isBehind: () => false,
      now,
      ...rest.following,
    },
  );
}

/** Somebody on the device wanted to be without the new version. */
const takenBack = aReport(oldPackage, {
  failure: { package: newPackage, kind: "rolled-back", reason: "too slow", byHand: true },
});

function failed(active: Digest, of: Digest): ModelReport {
  return aReport(active, { failure: { package: of, kind: "rolled-back", reason: "3 of 20 failed" } });
}

describe("a device update in a stage in shadow", () => {
  const following = { spec: aSpec({ stages: stagesWithShadow }) };
  const shadowing = aReport(oldPackage, { candidate, phase: "shadow" });
  it.each<[DeviceUpdateState, string, ModelReport, DeviceUpdateState]>([
    ["assigned", "is still fetching", aReport(oldPackage, { candidate, phase: "fetching" }), "assigned"],
    ["assigned", "runs it in shadow", shadowing, "shadowing"],
    ["assigned", "had nothing beside it", aReport(newPackage), "confirmed"],
    ["assigned", "could not run it", failed(oldPackage, newPackage), "rolled-back"],
    ["timed-out", "runs it in shadow after all", shadowing, "shadowing"],
    ["shadowing", "starts again", aReport(oldPackage, { candidate, phase: "preflight" }), "shadowing"],
    ["shadowing", "gave it up", failed(oldPackage, newPackage), "rolled-back"],
    ["shadowing", "is without it by hand", takenBack, "taken-back"],
    ["rolled-back", "was told to try again", shadowing, "shadowing"],
    ["confirmed", "says something strange", shadowing, "confirmed"],
    ["reverting", "has not read it yet", shadowing, "reverting"],
    ["reverting", "dropped it", aReport(oldPackage), "reverted"],
  ])("that is %s and whose device %s is %s", (before, _, report, after) => {
    expect(followed(before, report, { following: { ...following, rollbackSinceMs: startMs } }).state).toBe(after);
  });

  it("says what a device may lack that loads it for ever", () => {
    const { state, reason } = followed("assigned", aReport(oldPackage, { candidate, phase: "preflight" }), {
      following: { ...following, now: startMs + hours(1) },
    });
    expect(state).toBe("timed-out");
    expect(reason).toBe(
      "no result within 1 h; it last said: preflight; it may have no memory for two versions, and can only be updated without --shadow then",
    );
  });

  it("settles when the shadow begins, and only once", () => {
    const settled = followed("assigned", shadowing, { following });
    expect(settled).toMatchObject({ state: "shadowing", settledAtMs: now });
    const device = aFleetDevice("device-1", {
      reported: { epoch: 1, generation: 1, models: [shadowing], refusal: "" },
    });
    const again = { spec: following.spec, rollbackSinceMs: undefined, catalogue, isBehind: () => false, now: now + 1 };
    expect(followDevice(settled, device, again)).toBe(settled);
  });

  it("is not in shadow any more in the next stage, whatever the device still says", () => {
    expect(followed("assigned", shadowing, { following, update: { stage: 1 } }).state).toBe("assigned");
  });
});

describe("a device update", () => {
  it.each<[DeviceUpdateState, string, ModelReport | undefined, DeviceUpdateState]>([
    ["assigned", "runs the old version", aReport(oldPackage), "assigned"],
    ["assigned", "tries the new one", aReport(oldPackage, { candidate, phase: "trial" }), "assigned"],
    ["assigned", "runs the new one", aReport(newPackage), "confirmed"],
    ["assigned", "could not run it", failed(oldPackage, newPackage), "rolled-back"],
    ["assigned", "failed something else before", failed(oldPackage, oldPackage), "assigned"],
    ["timed-out", "runs the new one after all", aReport(newPackage), "confirmed"],
    ["confirmed", "went back by itself", failed(oldPackage, newPackage), "rolled-back"],
    ["confirmed", "was taken back by hand", takenBack, "taken-back"],
    ["assigned", "was taken back by hand in its trial", takenBack, "taken-back"],
    ["taken-back", "still is", takenBack, "taken-back"],
    ["taken-back", "has it after all", aReport(newPackage), "confirmed"],
    ["taken-back", "says nothing any more", aReport(oldPackage), "taken-back"],
    ["confirmed", "was given another version", aReport(oldPackage), "confirmed"],
    ["reverting", "runs the new one", aReport(newPackage), "reverting"],
    [
      "reverting",
      "runs the old one, but still tries the new",
      aReport(oldPackage, { candidate, phase: "trial" }),
      "reverting",
    ],
    ["reverting", "runs the old one", aReport(oldPackage), "reverted"],
    ["reverting", "could not go back", failed(newPackage, oldPackage), "revert-failed"],
    ["revert-failed", "runs the old one after all", aReport(oldPackage), "reverted"],
    ["reverted", "finished the new one in the meantime", aReport(newPackage), "reverting"],
  ])("that is %s, of a device that %s", (state, _, report, expected) => {
    expect(followed(state, report).state).toBe(expected);
  });

  it("that is rejected up front stays so", () => {
    expect(followed("rejected", aReport(newPackage), { update: { assignedAtMs: undefined } }).state).toBe("rejected");
  });

  it("remembers when it settled, and with which words of the device", () => {
    expect(followed("assigned", failed(oldPackage, newPackage))).toMatchObject({
      settledAtMs: now,
      reason: "3 of 20 failed",
    });
  });

  it("is the same object when nothing changed", () => {
    const update = anUpdate("device-1", { state: "confirmed", settledAtMs: startMs });
    const following = { spec: aSpec(), rollbackSinceMs: undefined, catalogue, isBehind: () => false, now };
    const reported = { epoch: 1, generation: 1, models: [aReport(newPackage)], refusal: "" };
    expect(followDevice(update, aFleetDevice("device-1", { reported }), following)).toBe(update);
    expect(followDevice(update, undefined, following)).toBe(update);
  });

  it.each([
    ["nothing", {}, "no result within 1 h"],
    [
      "a refusal",
      { reported: { epoch: 1, generation: 1, models: [], refusal: "bad signature" } },
      /refuses .*: bad signature/,
    ],
    ["that it is loading", undefined, "no result within 1 h; it last said: fetching"],
    ["nothing and is offline", { presence: { kind: "offline", sinceMs: 0, lastSeenMs: 0 } }, /not known to be online/],
  ] as const)("times out, and says what the device said last: %s", (_, device, reason) => {
    const report = aReport(oldPackage, device === undefined ? { candidate, phase: "fetching" } : {});
    const following = { now: startMs + hours(1) };
    const update = followed("assigned", report, { following, ...(device !== undefined && { device }) });
    expect(update.state).toBe("timed-out");
    expect(update.reason).toMatch(reason);
  });

  it("says what may hold a device back that has fetched the version and does not try it", () => {
    const report = aReport(oldPackage, { candidate, phase: "verified" });
    expect(followed("assigned", report, { following: { now: startMs + hours(1) } }).reason).toBe(
      "no result within 1 h; it last said: verified; its maintenance window may be closed, and it takes the version when that opens",
    );
  });

  it("does not time out before", () => {
    expect(followed("assigned", aReport(oldPackage), { following: { now: startMs + hours(1) - 1 } }).state).toBe(
      "assigned",
    );
  });

  it("that waits knows what the device runs by then", () => {
    const waiting = { update: { assignedAtMs: undefined, incumbent: undefined } };
    expect(followed("waiting", aReport(oldPackage), waiting).incumbent).toMatchObject({
      package: oldPackage,
      packageSize: 1_000,
    });
    expect(followed("waiting", undefined, waiting).incumbent).toBeUndefined();
  });

  it("that reverts does not wait longer than the device timeout", () => {
    const following = { rollbackSinceMs: startMs, now: startMs + hours(1) };
    expect(followed("reverting", aReport(newPackage), { following }).state).toBe("revert-failed");
    expect(followed("reverting", aReport(newPackage), { following: { ...following, now: now } }).state).toBe(
      "reverting",
    );
  });
});
