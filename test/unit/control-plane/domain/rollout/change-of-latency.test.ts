import { describe, expect, it } from "vitest";

import { changeOfLatency } from "../../../../../control-plane/domain/rollout/change-of-latency.ts";
import { gatherEvidence } from "../../../../../control-plane/domain/rollout/gather-evidence.ts";
import { nothingAround, spanAround } from "../../../../../control-plane/domain/rollout/latency-around.ts";
import type { DeviceId } from "../../../../../proto/ids.ts";
import { parseDeviceId } from "../../../../../proto/ids.ts";
import { latencyEdges } from "../../../../../proto/sketch/latency.ts";
import { minutes, seconds } from "../../../../../proto/units.ts";
import { aWindow } from "../../../../support/messages.ts";
import {
  aRollout,
  anUpdate,
  catalogue,
  newPackage,
  oldPackage,
  startMs,
} from "../../../../support/rollout-builders.ts";

/** Of which the p95 is one of the edges: these ratios are exact. */
function timed(edge: number, inferences = 20): readonly number[] {
  const counts = [0, ...latencyEdges.map(() => 0)];
  counts[edge] = inferences;
  return counts;
}

/** Octaves have four edges: four further is twice as slow. */
function aroundOf(devices: Readonly<Record<string, readonly [before: readonly number[], since: readonly number[]]>>) {
  const pick = (at: 0 | 1) => new Map(Object.entries(devices).map(([id, pair]) => [parseDeviceId(id), pair[at]]));
  return { before: pick(0), since: pick(1) };
}
const isOfStage = (device: DeviceId) => device.startsWith("new");

describe("the change of a stage's devices against the others", () => {
  it("leaves out what the hour did to all", () => {
    const around = aroundOf({
      "new-1": [timed(30), timed(42)],
      "new-2": [timed(34), timed(46)],
      "old-1": [timed(30), timed(38)],
      "old-2": [timed(20), timed(28)],
    });
    const change = changeOfLatency(around, isOfStage);
    expect(change).toMatchObject({ changed: 2, kept: 2 });
    expect(change?.ratio).toBeCloseTo(2, 6);
    expect(change?.withoutSlowest).toBeCloseTo(2, 6);
    // s² = 0.35² / 3.
    expect(change?.lower).toBeCloseTo(2 / Math.exp(1.96 * (0.35 / Math.sqrt(3))), 3);
  });

  it("is wide where devices differ, and widest with one on each side", () => {
    const one = changeOfLatency(aroundOf({ new: [timed(30), timed(30)], old: [timed(30), timed(30)] }), isOfStage);
    expect(one?.upper).toBeCloseTo(Math.exp(1.96 * 0.35 * Math.SQRT2), 3);
    expect(one).toMatchObject({ withoutSlowest: undefined, lowerWithoutFastest: undefined });
  });

  it.each<[string, Parameters<typeof aroundOf>[0]]>([
    ["no device kept its version", { "new-1": [timed(30), timed(30)] }],
    ["no device of the stage was timed before", { "new-1": [timed(30, 19), timed(30)], old: [timed(30), timed(30)] }],
    ["too little was timed since", { "new-1": [timed(30), timed(30)], old: [timed(30), timed(30, 19)] }],
  ])("is not known where %s", (_, devices) => {
    expect(changeOfLatency(aroundOf(devices), isOfStage)).toBeUndefined();
  });
});

describe("what counts as before and as since", () => {
  const began = startMs + minutes(60);
  const settled = began - minutes(5);
  const updates = [
    anUpdate("early", { stage: 0, state: "confirmed", assignedAtMs: startMs, settledAtMs: settled }),
    anUpdate("now", { stage: 1, assignedAtMs: began }),
    anUpdate("late", { stage: 2, state: "waiting", assignedAtMs: undefined }),
  ];
  const rollout = aRollout({}, { phase: { kind: "running", stage: 1, enteredAtMs: began + 1 } });
  const window = (device: string, digest: typeof newPackage, receivedAtMs: number) => ({
    device: parseDeviceId(device),
    receivedAtMs,
    window: aWindow({ package: digest, streams: [] }),
  });
  const heard = (...windows: ReturnType<typeof window>[]) => {
    const { around } = gatherEvidence(rollout, updates, windows, catalogue);
    return { before: [...around.before.keys()], since: [...around.since.keys()] };
  };

  it("is a quarter of an hour at most, and begins when the devices of the earlier stages had settled", () => {
    expect(spanAround(rollout, updates)).toEqual({ stage: 1, fromMs: settled, beganMs: began });
    expect(spanAround(rollout, updates.slice(1))).toMatchObject({ fromMs: began - minutes(15) });
  });

  it("is no shorter for a device of an earlier stage that settles late, or again", () => {
    const comesBack = anUpdate("away", { stage: 0, state: "confirmed", assignedAtMs: startMs, settledAtMs: began + 1 });
    expect(spanAround(rollout, [...updates, comesBack])).toEqual(spanAround(rollout, updates));
  });

  it("is of the version that a device kept, and of the stage's devices of the one and the other", () => {
    const before = [
      window("early", newPackage, began - 1),
      window("now", oldPackage, began - 1),
      window("late", oldPackage, began - 1),
    ];
    const since = [
      window("early", newPackage, began),
      window("now", newPackage, began),
      window("late", oldPackage, began),
    ];
    expect(heard(...before, ...since)).toEqual({ before: ["early", "now", "late"], since: ["early", "now", "late"] });
  });

  it("is nothing else", () => {
    expect(
      heard(
        window("early", oldPackage, began - 1),
        window("early", newPackage, settled - seconds(1)),
        window("now", oldPackage, began + 1),
        window("late", newPackage, began + 1),
      ),
    ).toEqual({ before: [], since: [] });
  });

  it("is not asked for while a rollout does not go forward", () => {
    const back = aRollout({}, { phase: { kind: "rolling-back", stage: 1, enteredAtMs: began, reason: "" } });
    expect(gatherEvidence(back, updates, [window("late", oldPackage, began)], catalogue).around).toEqual(nothingAround);
  });
});
