import { expect, it } from "vitest";
import { createDriftWatch } from "../../control-plane/application/drift-watch.ts";
import { randomIds } from "../../control-plane/server/random-ids.ts";
import { openDatabase } from "../../control-plane/storage/database.ts";
import { MemoryHub } from "../../edge-agent/adapters/memory/memory-hub.ts";
import { VirtualClock } from "../../edge-agent/adapters/memory/virtual-clock.ts";
import type { Random } from "../../edge-agent/core/ports.ts";
import { goodLink } from "../../edge-agent/simulator/fault-plan.ts";
import { SimulatedDevice } from "../../edge-agent/simulator/simulated-device.ts";
import { SimulatedFleet } from "../../edge-agent/simulator/simulated-fleet.ts";
import { parseDeviceId } from "../../proto/ids.ts";
import type { Manifest } from "../../proto/manifest.ts";
import type { Birth } from "../../proto/messages.ts";
import type { Tensor } from "../../proto/tensors.ts";
import { minutes } from "../../proto/units.ts";
import { AgentControl } from "../support/agent-control.ts";
import { silentLog } from "../support/agent-world.ts";
import { aModel, deviceMessages } from "../support/messages.ts";
import { aRecordOf, newVersion } from "../support/rollout-builders.ts";

// Two hundred real agents in virtual time, whose windows a real drift watch looks at over a real database.

const evenBins = {
  kind: "numeric" as const,
  edges: [0.25, 0.5, 0.75],
  counts: [2_500, 2_500, 2_500, 2_500],
  missing: 0,
};
const manifest: Partial<Manifest> = {
  interpretation: { kind: "regression", output: "logits" },
  reference: {
    rows: 10_000,
    streams: [
      { ...evenBins, name: "input.brightness" },
      { ...evenBins, name: "output.value" },
    ],
  },
};

const rows = 50;
function pictures(meanOf: () => number): Tensor {
  const values = Array.from({ length: rows }, meanOf).flatMap((mean) => [mean, mean, mean, mean]);
  return {
    name: "image",
    dataType: "float32",
    dims: [rows, 1, 2, 2],
    rawData: new Uint8Array(Float32Array.from(values).buffer),
  };
}

it("five cameras of two hundred that stick are named, each with its stream, and nobody else", async () => {
  const clock = new VirtualClock();
  const hub = new MemoryHub(clock);
  const control = new AgentControl(hub);
  const ids = Array.from({ length: 200 }, (_, i) => parseDeviceId(`cam-${String(i).padStart(3, "0")}`));
  const stuck = new Set(["cam-003", "cam-050", "cam-051", "cam-120", "cam-199"]);
  const { director, publisher } = control;
  const devices = ids.map(
    (device, i) =>
      new SimulatedDevice({
        trust: { device, director, publishers: [publisher] },
        clock,
        hub,
        seed: 100 + i,
        log: silentLog,
        sources: [control.source()],
      }),
  );
  let turn = 0;
  let isBroken = true;
  const behaviour = async (device: SimulatedDevice, random: Random) => {
    // Each is asked every tenth second, for all of its pictures at once.
    const [second, place] = [Math.floor(turn / ids.length), turn % ids.length];
    turn++;
    if ((second + place) % 10 !== 0) return;
    const sticks = isBroken && stuck.has(device.id);
    await device.agent.infer(aModel, [pictures(() => (sticks ? 0.6 : random.next()))], new AbortController().signal);
  };
  const fleet = new SimulatedFleet({ clock, hub, devices, seed: 3, behaviour });
  const made = control.package({ manifest });
  fleet.start();
  await fleet.run(5_000, { link: goodLink, faults: [] });
  for (const id of ids) control.assign(id, [made]);
  await fleet.run(minutes(1), { link: goodLink, faults: [] });

  await using database = await openDatabase(":memory:");
  const { model, version, package: digest } = made.assignment;
  await database.models.add({
    ...aRecordOf(newVersion),
    version,
    package: digest,
    manifest: made.manifest,
  });
  const birth = deviceMessages.birth as Birth;
  const active = { version, package: digest, variant: "fp32" };
  const running = {
    model,
    active,
    candidate: undefined,
    previous: undefined,
    phase: "idle" as const,
    failure: undefined,
  };
  for (const [i, id] of ids.entries()) {
    const labels = { site: `site-${i % 4}` };
    await database.devices.add({ id, labels, hardware: "cm4", secretHash: new Uint8Array(32), enrolledAtMs: 1 });
    await database.devices.recordBirth(id, { ...birth, reported: { ...birth.reported, models: [running] } });
  }
  const watch = createDriftWatch({
    database,
    clock: { now: () => clock.now(), sleep: async () => {} },
    ids: randomIds,
    log: silentLog,
    windowMs: minutes(1),
  });
  const taken = new Map<string, number>();
  /** What came since the last look is stored, as the ingest stores it. */
  const look = async () => {
    for (const device of ids) {
      const all = control.recordsOf(device, "windows");
      const entries = all.slice(taken.get(device) ?? 0).map((record) => ({
        device,
        lane: "windows" as const,
        epoch: "e1",
        record,
        receivedAtMs: clock.now() - 1,
      }));
      await database.telemetry.append(entries);
      taken.set(device, all.length);
    }
    await watch.look(clock.now(), new AbortController().signal);
  };

  for (let minute = 0; minute < 3; minute++) {
    await look();
    await fleet.run(minutes(1), { link: goodLink, faults: [] });
  }
  const open = async () => (await watch.alerts()).filter(({ closedAtMs }) => closedAtMs === undefined);
  const found = await open();
  for (const stream of ["input.brightness", "output.value"])
    expect(
      found
        .filter((alert) => alert.stream === stream)
        .map(({ scope }) => scope)
        .toSorted(),
    ).toEqual([...stuck]);
  for (const { reason } of found) expect(reason).toMatch(/100\.0 % of \d+ samples are stuck.*explained by device cam-/);

  isBroken = false;
  for (let minute = 0; minute < 3; minute++) {
    await fleet.run(minutes(1), { link: goodLink, faults: [] });
    await look();
  }
  expect(await open()).toEqual([]);
  await fleet.stop();
});
