import { expect, it } from "vitest";
import { readSetting, settingKeys, settingProblems } from "../../../proto/device-settings.ts";

it.each([
  ["log.level", "debug", "debug"],
  ["telemetry.window", "90s", 90_000],
  ["download.bytesPerSecond", "50000", 50_000],
  ["download.bytesPerSecond", "unlimited", undefined],
  ["maintenance.downloads", "window", "window"],
  ["logs.send", "off", undefined],
  ["logs.send", "warn", "warn"],
  ["detectors.farOutside", "0.5", 0.5],
  ["detectors.farOutside", "off", undefined],
  ["detectors.stuckAfter", "reference", "reference"],
  ["detectors.stuckAfter", "100", 100],
  ["detectors.stuckAfter", "off", undefined],
  ["energy.saveBelowCharge", "30%", 0.3],
  ["energy.saveBelowCharge", "off", undefined],
  ["energy.saveFromCelsius", "75", 75],
  ["energy.saveFromCelsius", "off", undefined],
] as const)("reads %s=%s", (key, text, value) => {
  expect(readSetting(key, text)).toEqual({ ok: true, value });
});

it.each([
  ["log.level", "loud"],
  ["telemetry.window", "0s"],
  ["telemetry.window", "25h"],
  ["download.bytesPerSecond", "999"],
  ["download.bytesPerSecond", "-1"],
  ["maintenance.window", "tomorrow"],
  ["maintenance.downloads", "off"],
  ["logs.send", ""],
  ["detectors.farOutside", "0"],
  ["detectors.farOutside", "1001"],
  ["detectors.farOutside", "reference"],
  ["detectors.stuckAfter", "0"],
  ["detectors.stuckAfter", "2.5"],
  ["energy.saveBelowCharge", "0.3"],
  ["energy.saveBelowCharge", "101%"],
  ["energy.saveFromCelsius", "29"],
  ["energy.saveFromCelsius", "80C"],
] as const)("refuses %s=%s, and says the value", (key, text) => {
  expect(settingProblems([{ key, value: text }])).toEqual([expect.stringMatching(`^${key}: .*"${text}"`)]);
});

it("names every mistake, the settings that there are not, and those that stand there twice", () => {
  const problems = settingProblems([
    { key: "log.level", value: "debug" },
    { key: "log.level", value: "loud" },
    { key: "mqtt.url", value: "x" },
    { key: "constructor", value: "x" },
    { key: "logs.send", value: "x".repeat(600) },
  ]);
  expect(problems).toEqual([
    "log.level: is set twice",
    'log.level: "loud" is not one of debug, info, warn, error',
    `mqtt.url: there is no such setting; there are ${settingKeys.join(", ")}`,
    expect.stringContaining("constructor: there is no such setting"),
    "logs.send: 600 characters are more than 512",
    expect.stringContaining("logs.send: "),
  ]);
});
