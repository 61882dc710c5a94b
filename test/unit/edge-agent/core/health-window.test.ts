import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closedHealthWindow, openHealthWindow, withReading } from "../../../../edge-agent/core/health-window.ts";
import type { HealthReading } from "../../../../edge-agent/core/ports.ts";
import { decodeDeviceMessage, encodeDeviceMessage } from "../../../../proto/codec.ts";

function windowOf(...readings: readonly HealthReading[]) {
  return closedHealthWindow(readings.reduce(withReading, openHealthWindow(1_000)), 2_000);
}

describe("a window of a device's health", () => {
  it("has the least, the mean and the largest of what was shown", () => {
    expect(windowOf({ temperature: 50 }, { temperature: 52 }, { temperature: 57 })).toEqual({
      kind: "health",
      startedAtMs: 1_000,
      endedAtMs: 2_000,
      measures: { temperature: { min: 50, mean: 53, max: 57 } },
    });
  });

  it("leaves out what was never shown, and never makes a zero of it", () => {
    expect(windowOf({ cpu: 0.5 }, { cpu: 0.25, battery: 1 })?.measures).toEqual({
      cpu: { min: 0.25, mean: 0.375, max: 0.5 },
      battery: { min: 1, mean: 1, max: 1 },
    });
    expect(windowOf()).toBeUndefined();
    expect(windowOf({ temperature: Number.NaN })).toBeUndefined();
  });

  it("does not end before it began, when the clock was set back", () => {
    expect(closedHealthWindow(withReading(openHealthWindow(5_000), { cpu: 1 }), 4_000)?.endedAtMs).toBe(5_000);
  });

  it("comes over the wire as it is, whatever was read", () => {
    const reading = fc.record(
      { cpu: fc.double(), temperature: fc.double({ min: -40, max: 150 }), "disk-free": fc.nat() },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(reading, { minLength: 1 }), (readings) => {
        // Beyond single precision nothing can be measured.
        const body = windowOf(
          ...readings.map(({ cpu = 0, ...rest }) => ({ ...rest, cpu: Math.min(1, Math.abs(cpu)) })),
        );
        if (body === undefined) return;
        const batch = {
          kind: "telemetry" as const,
          lane: "health" as const,
          epoch: "e",
          records: [{ seq: 1, timeMs: 1, body }],
        };
        expect(decodeDeviceMessage(encodeDeviceMessage(batch))).toEqual({ ok: true, value: batch });
      }),
    );
  });
});
