import { describe, expect, it } from "vitest";
import type { EffectiveSettings, Pins } from "../../../../edge-agent/core/effective-settings.ts";
import { effectiveSettings } from "../../../../edge-agent/core/effective-settings.ts";
import { AgentWorld } from "../../../support/agent-world.ts";
import { aSettings } from "../../../support/messages.ts";

function aWorld(pins: Pins = {}) {
  const applied: EffectiveSettings[] = [];
  const world = new AgentWorld({ agent: { pins, onSettings: (settings) => void applied.push(settings) } });
  return {
    world,
    level: () => (applied.at(-1) ?? effectiveSettings(pins, [], 0))["log.level"].text,
    report: () => world.control.reports.at(-1)?.settings,
  };
}

describe("settings from the centre", () => {
  it("are applied at once, reported, and kept over a loss of power", async () => {
    const { world, level, report } = aWorld();
    world.device.start();
    await world.run(1_000);
    expect(level()).toBe("info");
    world.control.assign(world.device.id, [], { settings: [aSettings("night", 3)] });
    await world.run(1_000);
    expect(level()).toBe("debug");
    expect(report()).toEqual([{ name: "night", version: 3, refused: undefined, pinned: [] }]);
    expect(world.device.agent.status().settings).toContainEqual(
      expect.objectContaining({ key: "log.level", text: "debug", by: "centre", from: "night 3" }),
    );
    world.hub.cut(world.device.id);
    world.device.crash();
    world.device.start();
    await world.run(10);
    expect(level()).toBe("debug");
  });

  it("are refused as a whole, with all reasons, where the device does not know one of them; it keeps those before", async () => {
    const { world, level, report } = aWorld();
    world.device.start();
    await world.run(1_000);
    world.control.assign(world.device.id, [], { settings: [aSettings("night", 3)] });
    await world.run(1_000);
    const newer = aSettings("night", 4, { "log.level": "error", "fan.speed": "9", "logs.send": "all" });
    world.control.assign(world.device.id, [], { settings: [newer, aSettings("base", 1, { "logs.send": "warn" })] });
    await world.run(1_000);
    expect(level()).toBe("debug");
    const reason = expect.stringMatching(/fan\.speed: there is no such setting.*; logs\.send: "all" is not/);
    expect(report()).toEqual([
      { name: "night", version: 3, refused: { version: 4, reason }, pinned: [] },
      { name: "base", version: 1, refused: undefined, pinned: [] },
    ]);
    expect(world.device.agent.status().refusedSettings).toEqual([{ name: "night", version: 4, reason }]);
    // The settings under another name do not suffer for it.
    expect(world.device.agent.status().settings.find(({ key }) => key === "logs.send")?.text).toBe("warn");
  });

  it("have the device send the lines of its log from the level on that they name", async () => {
    const { world } = aWorld();
    const lines = () =>
      world.control.recordsOf(world.device.id, "logs").flatMap(({ body }) => (body.kind === "log" ? [body] : []));
    world.device.start();
    await world.run(1_000);
    expect(lines()).toEqual([]);
    world.control.assign(world.device.id, [], { settings: [aSettings("voice", 1, { "logs.send": "info" })] });
    await world.run(1_000);
    await world.device.stop();
    world.device.start();
    await world.run(5_000);
    expect(lines()).toContainEqual(expect.objectContaining({ level: "info", sentence: "the agent has started" }));
    expect(lines().filter(({ level }) => level === "debug")).toEqual([]);
  });

  it("are gone when they are wanted no more", async () => {
    const { world, level } = aWorld();
    world.device.start();
    await world.run(1_000);
    world.control.assign(world.device.id, [], { settings: [aSettings("night", 3)] });
    await world.run(1_000);
    world.control.assign(world.device.id, []);
    await world.run(1_000);
    expect(level()).toBe("info");
  });

  it("do not change what the owner of the device pinned, and the control plane hears of that", async () => {
    const { world, level, report } = aWorld({ "log.level": { text: "error", by: "file" } });
    world.device.start();
    await world.run(1_000);
    world.control.assign(world.device.id, [], { settings: [aSettings("night", 3)] });
    await world.run(1_000);
    expect(level()).toBe("error");
    expect(report()).toEqual([{ name: "night", version: 3, refused: undefined, pinned: ["log.level"] }]);
  });

  it("move the limits of the detectors from the next window on, and switch them off", async () => {
    const stuckWith = async (setting: string, pins: Pins = {}) => {
      const { world } = aWorld(pins);
      world.device.start();
      const installed = await world.install();
      const settings = [aSettings("still", 1, { "telemetry.window": "10s", "detectors.stuckAfter": setting })];
      world.control.assign(world.device.id, [installed], { settings });
      await world.run(40_000);
      return world.control.windowsOf(world.device.id).at(-1)?.streams[0]?.stuck;
    };
    // The same picture every second, since long before.
    expect(await stuckWith("20")).toBe(10);
    expect(await stuckWith("100")).toBeUndefined();
    expect(await stuckWith("off")).toBeUndefined();
    expect(await stuckWith("off", { "detectors.stuckAfter": { text: "20", by: "file" } })).toBe(10);
  });

  it("set how long a window is", async () => {
    const { world } = aWorld();
    world.device.start();
    const installed = await world.install();
    world.control.assign(world.device.id, [installed], {
      settings: [aSettings("base", 1, { "telemetry.window": "5s" })],
    });
    await world.run(60_000);
    const windows = world.control.windowsOf(world.device.id).slice(-3);
    for (const { startedAtMs, endedAtMs } of windows) expect(endedAtMs - startedAtMs).toBeLessThanOrEqual(5_000);
    expect(windows).toHaveLength(3);
  });

  it("leave the models of a device alone of which no models were ever wanted", async () => {
    const { world } = aWorld();
    world.device.start();
    await world.install();
    world.control.assign(world.device.id, [], { keepsModels: true, settings: [aSettings("night", 3)] });
    await world.run(10_000);
    expect(world.modelState()?.active?.version).toBe("1.0.0");
    expect((await world.infer()).version).toBe("1.0.0");
    world.control.assign(world.device.id, []);
    await world.run(10_000);
    expect(world.modelState()).toBeUndefined();
  });
});
