import { expect, it } from "vitest";
import { StartTime } from "../../../../edge-agent/daemon/start-time.ts";

it("stays the same while the clocks only differ by their resolution", () => {
  const start = new StartTime();
  expect(start.at(1_000_000, 5_000)).toBe(995_000);
  expect(start.at(1_000_100, 5_100.7)).toBe(995_000);
  expect(start.at(1_000_200, 5_199.2)).toBe(995_000);
});

it("follows a clock that is set", () => {
  const start = new StartTime();
  start.at(7_000, 5_000);
  expect(start.at(1_700_000_008_000, 6_000)).toBe(1_700_000_002_000);
});
