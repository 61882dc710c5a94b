import { describe, expect, it } from "vitest";
import { MemoryHub } from "../../../../edge-agent/adapters/memory/memory-hub.ts";
import { seededRandom } from "../../../../edge-agent/adapters/memory/seeded-random.ts";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import { randomFaultPlan } from "../../../../edge-agent/simulator/fault-plan.ts";
import { SimulatedDevice } from "../../../../edge-agent/simulator/simulated-device.ts";
import { SimulatedFleet } from "../../../../edge-agent/simulator/simulated-fleet.ts";
import { parseDeviceId } from "../../../../proto/ids.ts";
import { minutes } from "../../../../proto/units.ts";
import { AgentControl, anImage } from "../../../support/agent-control.ts";
import { silentLog } from "../../../support/agent-world.ts";
import { aModel } from "../../../support/messages.ts";

const never = new AbortController().signal;

/** An update of a fleet in a bad week; answers everything that the control side saw, and when. */
async function story(seed: number, count: number) {
  const clock = new VirtualClock();
  const hub = new MemoryHub(clock);
  const control = new AgentControl(hub);
  const trace: string[] = [];
  const take = hub.onMessage;
  hub.onMessage = (device, message) => {
    trace.push(`${clock.monotonic()} ${device} ${message.kind}`);
    take(device, message);
  };
  const sources = [control.source()];
  const devices = Array.from({ length: count }, (_, i) => {
    const trust = { device: parseDeviceId(`cam-${i}`), director: control.director, publishers: [control.publisher] };
    return new SimulatedDevice({ trust, clock, hub, seed: seed + i, log: silentLog, sources });
  });
  const behaviour: ConstructorParameters<typeof SimulatedFleet>[0]["behaviour"] = (device, random) =>
    device.agent.infer(aModel, [anImage(random.next())], never);
  const fleet = new SimulatedFleet({ clock, hub, devices, seed, behaviour });
  fleet.start();
  for (const version of ["1.0.0", "2.0.0"]) {
    const wanted = control.package({ version });
    for (const { id } of devices) control.assign(id, [wanted]);
    const durationMs = minutes(10);
    const random = seededRandom(seed);
    await fleet.run(durationMs, randomFaultPlan(random, { devices: count, durationMs, faultsPerDevice: 3 }));
    await clock.advance(minutes(20));
  }
  const active = devices.map(({ disk }) => disk.state?.models[0]?.active?.version);
  await fleet.stop();
  return { trace, active };
}

describe("a simulated fleet", () => {
  it("comes to the assigned version on every device, whatever happened on the way", async () => {
    for (const seed of [1, 2, 3]) expect((await story(seed, 8)).active).toEqual(Array(8).fill("2.0.0"));
  });

  it("tells the same story for the same seed, and another for another", async () => {
    const first = await story(7, 4);
    expect(first.trace.length).toBeGreaterThan(100);
    expect((await story(7, 4)).trace).toEqual(first.trace);
    expect((await story(8, 4)).trace).not.toEqual(first.trace);
  });
});
