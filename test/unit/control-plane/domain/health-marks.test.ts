import { expect, it } from "vitest";
import { healthMarks } from "../../../../control-plane/domain/health-marks.ts";

const always = (value: number) => ({ min: value, mean: value, max: value });

it("marks what a person should look at, by the worst of the window", () => {
  expect(healthMarks({ temperature: { min: 40, mean: 50, max: 84 }, "memory-available": always(3e7) })).toEqual([
    "hot",
    "memory low",
  ]);
  const full = { throttled: { min: 0, mean: 0.1, max: 1 }, "disk-free": always(1e8), spool: always(0.95) };
  expect(healthMarks({ ...full, battery: always(0.1) })).toEqual([
    "throttled",
    "disk low",
    "battery low",
    "spool full",
  ]);
});

it("marks nothing that is well, or that the device does not show", () => {
  expect(healthMarks({ temperature: always(55), "disk-free": always(1e10), throttled: always(0) })).toEqual([]);
  expect(healthMarks({})).toEqual([]);
});
