import { describe, expect, it } from "vitest";
import {
  effectiveSettings,
  noPins,
  settingsInForce,
  settingsReportOf,
} from "../../../../edge-agent/core/effective-settings.ts";
import { aSettings } from "../../../support/messages.ts";

const base = aSettings("base", 1, { "log.level": "warn", "telemetry.window": "5m" });
const night = aSettings("night", 3, { "log.level": "debug" });
const unknown = aSettings("night", 4, { "log.level": "info", "fan.speed": "9" });

describe("what is set", () => {
  it("is the default while nobody says anything", () => {
    const settings = effectiveSettings(noPins, [], 0);
    expect(settings["log.level"]).toEqual({ value: "info", text: "info", by: "default" });
    expect(settings["telemetry.window"].value).toBe(60_000);
    expect(settings["maintenance.window"].text).toBe("any");
  });

  it("is the length of windows that the assignment gives all devices, unless somebody set another", () => {
    expect(effectiveSettings(noPins, [], 200)["telemetry.window"]).toMatchObject({ value: 200, by: "default" });
    expect(effectiveSettings(noPins, [base], 200)["telemetry.window"]).toMatchObject({ value: 300_000, by: "centre" });
  });

  it("is what the centre set, the stronger settings before the weaker", () => {
    const settings = effectiveSettings(noPins, [base, night], 0);
    expect(settings["log.level"]).toEqual({ value: "debug", text: "debug", by: "centre", from: "night 3" });
    expect(settings["telemetry.window"]).toMatchObject({ value: 300_000, from: "base 1" });
  });

  it("is what the owner of the device pinned, whatever the centre wants; that is still said", () => {
    const pins = { "log.level": { text: "error", by: "environment" } } as const;
    expect(effectiveSettings(pins, [base, night], 0)["log.level"]).toEqual({
      value: "error",
      text: "error",
      by: "environment",
      overruled: { text: "debug", from: "night 3" },
    });
  });
});

describe("settings in force", () => {
  it("are those that are wanted, and no others", () => {
    expect(settingsInForce([night], [base])).toEqual([night]);
  });

  it("are the ones before where a version cannot be applied as a whole", () => {
    expect(settingsInForce([base, unknown], [night])).toEqual([base, night]);
    expect(settingsInForce([unknown], [])).toEqual([]);
  });

  it("are none where an older agent cannot read those before either", () => {
    expect(settingsInForce([unknown], [aSettings("night", 2, { "fan.speed": "8" })])).toEqual([]);
  });

  it("are reported by name, with all reasons for which what is wanted is refused, and what the owner pinned", () => {
    const bad = aSettings("base", 2, { "log.level": "loud", "logs.send": "all" });
    const pins = { "log.level": { text: "error", by: "file" } } as const;
    expect(settingsReportOf([bad, night], [base, night], pins)).toEqual([
      {
        name: "base",
        version: 1,
        refused: { version: 2, reason: expect.stringMatching(/log\.level: .*loud.*; logs\.send: .*all/) },
        pinned: ["log.level"],
      },
      { name: "night", version: 3, refused: undefined, pinned: ["log.level"] },
    ]);
  });
});
