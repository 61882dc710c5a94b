import { expect, it } from "vitest";
import { downloadSpread } from "../../../../../control-plane/domain/rollout/download-spread.ts";
import { hours, minutes, seconds } from "../../../../../proto/units.ts";

it("devices that are assigned together begin to fetch twenty a second, within ten minutes and a tenth of their time", () => {
  expect(downloadSpread(0, hours(1))).toBe(0);
  expect(downloadSpread(1, hours(1))).toBe(0);
  expect(downloadSpread(201, hours(1))).toBe(seconds(10));
  expect(downloadSpread(100_000, hours(1))).toBe(minutes(6));
  expect(downloadSpread(100_000, hours(24))).toBe(minutes(10));
});
