import { describe, expect, it } from "vitest";

import { devicesThatStandOut } from "../../../../../control-plane/domain/rollout/devices-that-stand-out.ts";
import type { DeviceShare } from "../../../../../control-plane/domain/rollout/share-of-devices.ts";
import { shareOfDevices } from "../../../../../control-plane/domain/rollout/share-of-devices.ts";
import { parseDeviceId } from "../../../../../proto/ids.ts";

function counts(...rows: readonly (readonly [all: number, bad: number])[]): readonly DeviceShare[] {
  return rows.map(([all, bad], i) => ({ device: parseDeviceId(`cam-${i + 1}`), all, bad }));
}

describe("the share that devices show", () => {
  it("is that of the worked example", () => {
    const found = shareOfDevices(counts([100, 1], [100, 3], [1_000, 150]), 300);
    expect(found).toMatchObject({ cap: 200, bad: 154, all: 1_200 });
    expect(found.share).toBeCloseTo(0.085, 6);
    expect(found.designEffect).toBeCloseTo(12.32, 2);
    expect(found.lower).toBeCloseTo(0.028, 3);
    expect(found.upper).toBeCloseTo(0.23, 2);
  });

  it("has Wilson's bounds where devices differ no more than chance", () => {
    const { designEffect, lower } = shareOfDevices(counts([100, 10], [100, 10]), 300);
    expect(designEffect).toBe(1);
    expect(lower).toBeCloseTo(0.0657, 3);
  });

  it("hears a busy device as far as the others leave room in what is needed", () => {
    expect(shareOfDevices(counts([10, 0], [20, 0], [10_000, 0]), 300).cap).toBe(270);
  });

  it("is anything between none and all where nothing was counted", () => {
    expect(shareOfDevices(counts([0, 0]), 100)).toMatchObject({ share: 0, lower: 0, upper: 1 });
  });
});

describe("the devices that stand out", () => {
  it.each<[string, readonly DeviceShare[], string]>([
    [
      "one of them",
      counts([100, 0], [250, 250], [80, 1]),
      "1 device of 3 is over the limit by itself: cam-2 (100 % of 250)",
    ],
    ["nobody for one or two errors", counts([100, 0], [2, 2]), ""],
    ["nobody where there is one device only", counts([100, 50]), ""],
    ["no names where most are", counts([50, 20], [50, 20], [50, 0]), "2 devices of 3 are over the limit by themselves"],
    [
      "the worst three",
      counts([50, 20], [50, 25], [50, 30], [50, 10], ...Array.from({ length: 8 }, () => [50, 0] as const)),
      "4 devices of 12 are over the limit by themselves: cam-3 (60 % of 50), cam-2 (50 % of 50), cam-1 (40 % of 50) and 1 more",
    ],
  ])("are %s", (_, devices, words) => {
    expect(devicesThatStandOut(devices, 0.02)).toBe(words);
  });
});
