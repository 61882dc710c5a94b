import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Pins } from "../../../../edge-agent/core/effective-settings.ts";
import type { EnergyLimits } from "../../../../edge-agent/core/energy-saving.ts";
import {
  EnergyWatch,
  energySavingAfter,
  nothingSaved,
  savingReason,
} from "../../../../edge-agent/core/energy-saving.ts";
import type { HealthReading } from "../../../../edge-agent/core/ports.ts";
import { minutes } from "../../../../proto/units.ts";
import { AgentWorld } from "../../../support/agent-world.ts";
import { logLines } from "../../../support/log-lines.ts";

const limits: EnergyLimits = { saveBelowCharge: 0.3, saveFromCelsius: 80 };

/** Why energy is saved after each of the readings. */
function reasonsAfter(readings: readonly HealthReading[], by: EnergyLimits = limits): readonly string[] {
  let saving = nothingSaved;
  return readings.map((reading) => {
    saving = energySavingAfter(saving, reading, by);
    return savingReason(saving);
  });
}

const discharging = (battery: number): HealthReading => ({ battery, "on-battery": 1 });

describe("energy is saved", () => {
  it("while the battery is in use and low, until it has regained something or is not in use", () => {
    expect(reasonsAfter([0.3, 0.29, 0.33, 0.35, 0.34].map(discharging))).toEqual([
      "",
      "the battery is at 29 %",
      "the battery is at 33 %",
      "",
      "",
    ]);
    expect(reasonsAfter([discharging(0.1), { battery: 0.1, "on-battery": 0 }])).toEqual(["the battery is at 10 %", ""]);
  });

  it("while it is hot, until it has cooled down", () => {
    const readings = [79, 80, 76, 75, 74].map((temperature) => ({ temperature }));
    expect(reasonsAfter(readings).map((reason) => reason !== "")).toEqual([false, true, true, true, false]);
  });

  it("while the processor is held back", () => {
    expect(reasonsAfter([{ throttled: 1 }, { throttled: 0 }])).toEqual(["its processor is held back", ""]);
  });

  it("for as many reasons as there are", () => {
    const all = { ...discharging(0.05), temperature: 91, throttled: 1 };
    expect(reasonsAfter([all])).toEqual([
      "the battery is at 5 %, it is at 91 degrees Celsius, its processor is held back",
    ]);
  });

  it("never for what is switched off, and never for what a device does not show", () => {
    const all = { ...discharging(0.05), temperature: 91, throttled: 1 };
    expect(reasonsAfter([all], { saveBelowCharge: undefined, saveFromCelsius: undefined })).toEqual([""]);
    expect(reasonsAfter([{}, { battery: 0.01 }, { "on-battery": 1 }])).toEqual(["", "", ""]);
  });

  it("or is not, by the last reading alone, once it is clearly on one side of the limits", () => {
    const reading = fc.record({
      battery: fc.double({ min: 0, max: 1, noNaN: true }),
      "on-battery": fc.constantFrom(0, 1),
      temperature: fc.double({ min: 0, max: 120, noNaN: true }),
      throttled: fc.constantFrom(0, 1),
    });
    fc.assert(
      fc.property(fc.array(reading), (before) => {
        expect(
          reasonsAfter([...before, { battery: 0.36, "on-battery": 1, temperature: 74, throttled: 0 }]).at(-1),
        ).toBe("");
        expect(reasonsAfter([...before, discharging(0.29)]).at(-1)).toBe("the battery is at 29 %");
      }),
    );
  });
});

it("is said in the log when it begins and when it ends, once each", () => {
  const log = logLines();
  const watch = new EnergyWatch(() => limits, log);
  for (const battery of [0.5, 0.2, 0.2, 0.5, 0.5]) watch.read(discharging(battery));
  expect(watch.reason).toBe("");
  expect(log.lines).toEqual([
    "info the device saves energy: samples and shadows wait",
    "info the device saves no energy any more",
  ]);
});

it("follows the health of a running agent, whose owner may switch it off", async () => {
  const onLowBattery = { read: async () => discharging(0.12) };
  const savingOf = async (pins: Pins) => {
    const world = new AgentWorld({ health: onLowBattery, agent: { pins } });
    world.device.start();
    await world.run(minutes(2), { everyMs: minutes(1) });
    return world.device.agent.status().saving;
  };
  expect(await savingOf({})).toBe("the battery is at 12 %");
  expect(await savingOf({ "energy.saveBelowCharge": { text: "10%", by: "file" } })).toBe("");
  expect(await savingOf({ "energy.saveBelowCharge": { text: "off", by: "file" } })).toBe("");
});
