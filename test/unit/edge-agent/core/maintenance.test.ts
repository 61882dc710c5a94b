import { describe, expect, it } from "vitest";
import type { MaintenanceMoment } from "../../../../edge-agent/core/maintenance.ts";
import { always, maintenanceAt } from "../../../../edge-agent/core/maintenance.ts";
import { anyTime, parseMaintenanceWindow } from "../../../../proto/maintenance-window.ts";
import { hours, minutes } from "../../../../proto/units.ts";
import { AgentWorld } from "../../../support/agent-world.ts";

const read = parseMaintenanceWindow("daily 01:00-04:00 utc");
if (!read.ok) throw new Error(read.problems.join());
const window = read.value;

const at = (time: string, overrides: Partial<MaintenanceMoment> = {}): MaintenanceMoment => ({
  wallMs: Date.parse(`2026-11-23T${time}:00Z`),
  trust: "right",
  utcOffsetMs: 0,
  now: 500,
  ...overrides,
});

describe("what may happen now", () => {
  it("is everything while the window is open, and always where there is none", () => {
    const open = maintenanceAt({ window, downloads: "window" }, at("03:55"));
    expect(open).toEqual({ ...always, until: 500 + minutes(5) });
    expect(maintenanceAt({ window: anyTime, downloads: "window" }, at("12:00", { trust: "unknown" }))).toBe(always);
  });

  it("is no activation while it is closed, with the reason and the next moment; clocks are asked again meanwhile", () => {
    const closed = maintenanceAt({ window, downloads: "any" }, at("12:00"));
    expect(closed.activation).toEqual({
      kind: "held",
      until: 500 + minutes(10),
      reason: "outside the maintenance window, which opens 2026-11-24 01:00 UTC",
    });
    expect(closed.downloads.kind).toBe("allowed");
    expect(maintenanceAt({ window, downloads: "any" }, at("00:58")).until).toBe(500 + minutes(2));
    expect(maintenanceAt({ window, downloads: "window" }, at("12:00")).downloads.kind).toBe("held");
  });

  it("is no activation where the clock is not set, and says so; what the control plane has just said counts", () => {
    const unknown = maintenanceAt({ window, downloads: "any" }, at("02:00", { trust: "unknown" }));
    expect(unknown.activation).toMatchObject({ kind: "held", until: 500 + minutes(1) });
    expect(unknown.activation.kind === "held" ? unknown.activation.reason : "").toMatch(/its clock is not set/);
    expect(maintenanceAt({ window, downloads: "any" }, at("02:00", { trust: "told" })).activation.kind).toBe("allowed");
  });
});

describe("an agent with a maintenance window", () => {
  /** The virtual clock starts at midnight, UTC. */
  function aWorld(text: string, downloads = "any") {
    const pins = {
      "maintenance.window": { text, by: "file" },
      "maintenance.downloads": { text: downloads, by: "file" },
    } as const;
    return new AgentWorld({ agent: { pins } });
  }
  const held = (world: AgentWorld) => world.device.agent.status().models[0]?.held;

  it("takes its first model at once; has the next one ready, and activates it when the window opens", async () => {
    const world = aWorld("daily 01:00-04:00 utc");
    world.device.start();
    await world.install("1.0.0");
    world.control.assign(world.device.id, [world.control.package({ version: "2.0.0" })]);
    await world.run(minutes(30));
    expect(world.modelState()).toMatchObject({
      active: { version: "1.0.0" },
      candidate: { stage: { kind: "verified" } },
    });
    expect(held(world)).toBe("digits: outside the maintenance window, which opens 2026-01-01 01:00 UTC");
    await world.run(minutes(35));
    expect(world.modelState()?.active?.version).toBe("2.0.0");
    expect(held(world)).toBeUndefined();
  });

  it("stops fetching when the window closes, if downloads are to wait, and goes on in the next", async () => {
    const world = aWorld("daily 00:00-00:01, daily 02:00-03:00", "window");
    world.device.start();
    await world.install("1.0.0");
    await world.run(minutes(1));
    const served = world.control.served;
    world.control.assign(world.device.id, [world.control.package({ version: "2.0.0" })]);
    await world.run(minutes(60), { everyMs: 10_000 });
    expect(world.control.served).toBe(served);
    expect(held(world)).toMatch(/opens 2026-01-01 02:00 UTC/);
    await world.run(minutes(70), { everyMs: 10_000 });
    expect(world.modelState()?.active?.version).toBe("2.0.0");
  });

  it("is rolled back outside of it all the same", async () => {
    const world = aWorld("daily 00:00-00:10 utc");
    world.device.start();
    const first = await world.install("1.0.0");
    world.control.assign(world.device.id, [world.control.package({ version: "2.0.0" })]);
    await world.run(minutes(20));
    expect(world.modelState()?.active?.version).toBe("2.0.0");
    world.control.assign(world.device.id, [first]);
    await world.run(minutes(1));
    expect(world.modelState()?.active?.version).toBe("1.0.0");
  });

  it("waits without a clock while it hears nothing, and believes what the control plane signs when it does", async () => {
    const world = aWorld("daily 00:00-23:59 utc");
    const trueNow = () => Date.UTC(2026, 0, 1) + world.clock.monotonic();
    world.device.start();
    await world.install("1.0.0");
    const second = world.control.package({ version: "2.0.0" });
    world.control.assign(world.device.id, [second], { issuedAtMs: trueNow() });
    await world.run(1_000);
    world.device.crash();
    world.clock.jump(-hours(24 * 365 * 40));
    world.hub.setReachable(world.device.id, false);
    world.device.start();
    await world.run(minutes(5));
    expect(held(world)).toMatch(/its clock is not set \(2026-01-01 .* at the earliest\)/);
    world.hub.setReachable(world.device.id, true);
    world.control.assign(world.device.id, [second], { issuedAtMs: trueNow() });
    await world.run(minutes(10));
    expect(world.modelState()?.active?.version).toBe("2.0.0");
  });
});
