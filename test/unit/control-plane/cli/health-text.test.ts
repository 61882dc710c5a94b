import { expect, it } from "vitest";
import type { DeviceHealth } from "../../../../control-plane/application/telemetry-stores.ts";
import { clockText, healthLine, healthTable } from "../../../../control-plane/cli/health-text.ts";
import { aDevice } from "../../../support/messages.ts";

const health: DeviceHealth = {
  device: aDevice,
  receivedAtMs: 1_000_000,
  startedAtMs: 0,
  endedAtMs: 900_000,
  measures: {
    cpu: { min: 0.1, mean: 0.31, max: 0.9 },
    temperature: { min: 60, mean: 71.4, max: 84 },
    "disk-free": { min: 3.1e9, mean: 3.2e9, max: 3.3e9 },
  },
};

it("says in one line what to look at, and the worst of it", () => {
  expect(healthLine(health, 1_240_000)).toBe("hot: 84 °C, processor 31 %, 3.1 GB of disk free, 4m ago");
});

it("has a line for each measure that the device shows", () => {
  expect(healthTable(health, (_, text) => text)).toBe(
    [
      "MEASURE       LEAST    MEAN    MOST",
      "processor      10 %    31 %    90 %",
      "disk free    3.1 GB  3.2 GB  3.3 GB",
      "temperature   60 °C   71 °C   84 °C",
      "",
    ].join("\n"),
  );
});

it("does not take the time of a message for a clock that is wrong", () => {
  expect(clockText(-400)).toBe("right, to a second");
  expect(clockText(2_400)).toBe("2.4 s ahead of the control plane's");
  expect(clockText(-90_000)).toBe("90.0 s behind the control plane's");
  expect(clockText(undefined)).toBeUndefined();
});
