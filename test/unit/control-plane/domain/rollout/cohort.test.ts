import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { assignStages } from "../../../../../control-plane/domain/rollout/cohort.ts";
import type { DeviceId } from "../../../../../proto/ids.ts";
import { parseRolloutId } from "../../../../../proto/ids.ts";
import { aFleetDevice, anAbleDevice, aStage, stagesWithShadow } from "../../../../support/rollout-builders.ts";

const stages = [aStage("canary", 5), aStage("early", 25), aStage("everyone", 100)];
const rollout = parseRolloutId("r-1");

/** `fleet(8, 4)`: eight devices of one kind of hardware and four of another. */
function fleet(...sizes: readonly number[]) {
  return sizes.flatMap((size, kind) =>
    Array.from({ length: size }, (_, i) => aFleetDevice(`kind-${kind}-${i}`, { hardware: `kind-${kind}` })),
  );
}

function countsOf(devices: ReturnType<typeof fleet>, id = rollout): number[] {
  const assigned = assignStages(id, stages, devices);
  return stages.map((_, stage) => [...assigned.values()].filter((one) => one === stage).length);
}

function hardwareIn(devices: ReturnType<typeof fleet>, stage: number): string[] {
  const assigned = assignStages(rollout, stages, devices);
  return devices.filter(({ id }) => assigned.get(id) === stage).map(({ hardware }) => hardware);
}

describe("the stages of a fleet", () => {
  it.each([
    ["one device", fleet(1), [1, 0, 0]],
    ["two devices", fleet(2), [1, 1, 0]],
    ["three devices", fleet(3), [1, 1, 1]],
    ["twelve of two kinds", fleet(8, 4), [2, 1, 9]],
    ["a hundred", fleet(100), [5, 20, 75]],
    ["a thousand of four kinds", fleet(700, 200, 90, 10), [50, 200, 750]],
    ["ten of ten kinds: no more than half are canaries", fleet(...Array.from({ length: 10 }, () => 1)), [5, 1, 4]],
  ])("of %s", (_, devices, expected) => {
    expect(countsOf(devices)).toEqual(expected);
  });

  it("has the same devices in shadow and, after it, answering", () => {
    const able = Array.from({ length: 30 }, (_, i) => anAbleDevice(`device-${i}`));
    const assigned = assignStages(rollout, stagesWithShadow, able);
    const sizes = stagesWithShadow.map((_, stage) => [...assigned.values()].filter((one) => one === stage).length);
    expect(sizes).toEqual([3, 0, 27]);
  });

  it("lets devices wait for the stage after the shadow whose agents do not know it", () => {
    const devices = Array.from({ length: 30 }, (_, i) => anAbleDevice(`device-${i}`));
    const before = assignStages(rollout, stagesWithShadow, devices);
    const old = devices.filter(({ id }) => before.get(id) === 0)[1]?.id;
    const mixed = devices.map((device) => (device.id === old ? aFleetDevice(device.id) : device));
    const after = assignStages(rollout, stagesWithShadow, mixed);
    expect(mixed.filter(({ id }) => after.get(id) !== before.get(id)).map(({ id }) => id)).toEqual([old]);
    expect(after.get(old as DeviceId)).toBe(1);
  });

  it("have the first of every kind among the canaries, and are miniatures of the fleet", () => {
    const devices = fleet(700, 200, 90, 10);
    const canaries = hardwareIn(devices, 0);
    expect(new Set(canaries).size).toBe(4);
    const early = hardwareIn(devices, 1);
    for (const [kind, size] of [700, 200, 90, 10].entries()) {
      const found = early.filter((one) => one === `kind-${kind}`).length;
      expect(Math.abs(found - size / 5)).toBeLessThanOrEqual(2);
    }
  });

  it("do not depend on the order in which devices are listed, but on the rollout", () => {
    const devices = fleet(30, 10);
    expect(assignStages(rollout, stages, devices.toReversed())).toEqual(assignStages(rollout, stages, devices));
    expect(assignStages(parseRolloutId("r-2"), stages, devices)).not.toEqual(assignStages(rollout, stages, devices));
  });

  it("hold every device once, whatever the fleet", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(sizes, (kinds) => {
        const devices = fleet(...kinds);
        const counts = countsOf(devices);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(devices.length);
        expect(counts[0]).toBeGreaterThanOrEqual(1);
        if (devices.length >= 2 * kinds.length) expect(new Set(hardwareIn(devices, 0)).size).toBe(kinds.length);
      }),
    );
  });
});
