import { expect, it } from "vitest";
import { seededRandom } from "../../../../edge-agent/adapters/memory/seeded-random.ts";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { watchHealth } from "../../../../edge-agent/core/health-watch.ts";
import type { HealthSensors } from "../../../../edge-agent/core/ports.ts";
import type { HealthWindow } from "../../../../proto/telemetry-messages.ts";
import { hours, minutes } from "../../../../proto/units.ts";
import { silentLog } from "../../../support/agent-world.ts";

async function watched(sensors: HealthSensors | undefined, ms: number): Promise<readonly HealthWindow[]> {
  const clock = new VirtualClock();
  const told: HealthWindow[] = [];
  const stop = new AbortController();
  const ports = { sensors, clock, random: seededRandom(1), log: silentLog, spoolFill: () => 0.5 };
  const ended = watchHealth({ ...ports, tell: (window) => told.push(window) }, stop.signal).catch(() => undefined);
  await clock.advance(ms);
  stop.abort(new Error("over"));
  await ended;
  return told;
}

it("is told four times an hour, over everything that was read in between", async () => {
  let celsius = 0;
  const told = await watched({ read: async () => ({ temperature: celsius++ }) }, hours(1) + minutes(1));
  expect(told).toHaveLength(4);
  const ranges = told.map(({ measures }) => measures.temperature);
  for (const [i, range] of ranges.slice(1).entries()) {
    expect(range?.min).toBe((ranges[i]?.max ?? 0) + 1);
    expect((range?.max ?? 0) - (range?.min ?? 0)).toBe(14);
  }
});

it("says how full the spool is where the system shows nothing, or cannot be read", async () => {
  const failing = { read: () => Promise.reject(new Error("no /proc")) };
  for (const sensors of [undefined, failing])
    expect((await watched(sensors, minutes(20)))[0]?.measures).toEqual({ spool: { min: 0.5, mean: 0.5, max: 0.5 } });
});
