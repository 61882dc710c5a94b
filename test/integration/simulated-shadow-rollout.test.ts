import { setMaxListeners } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { RolloutRequest } from "../../control-plane/domain/rollout/rollout-plan.ts";
import { MemoryHub } from "../../edge-agent/adapters/memory/memory-hub.ts";
import { VirtualClock } from "../../edge-agent/adapters/memory/virtual-clock.ts";
import type { Random } from "../../edge-agent/core/ports.ts";
import { goodLink } from "../../edge-agent/simulator/fault-plan.ts";
import { SimulatedDevice } from "../../edge-agent/simulator/simulated-device.ts";
import { SimulatedFleet } from "../../edge-agent/simulator/simulated-fleet.ts";
import { parseDeviceId } from "../../proto/ids.ts";
import { minutes, seconds } from "../../proto/units.ts";
import { anImage } from "../support/agent-control.ts";
import { silentLog } from "../support/agent-world.ts";
import { MemoryControlPlane } from "../support/memory-control-plane.ts";
import { aModel } from "../support/messages.ts";

const never = new AbortController().signal;
// Every request in flight listens to it.
setMaxListeners(0, never);
const names = Array.from({ length: 200 }, (_, i) => `cam-${i}`);
const soak = { durationMs: seconds(5), minInferences: 1, deadlineMs: minutes(5) };
const stage = { soakMs: seconds(5), minInferences: 100, evidenceTimeoutMs: minutes(30) };

/** Two hundred agents, each of which is asked about once in three seconds, and counts what its application is told. */
class Fleet {
  readonly clock = new VirtualClock();
  readonly hub = new MemoryHub(this.clock);
  readonly told = { right: 0, wrong: 0, failed: 0 };
  plane!: MemoryControlPlane;
  #fleet!: SimulatedFleet;

  async start(): Promise<void> {
    this.plane = await MemoryControlPlane.open(this.hub, this.clock);
    await this.plane.enrol(...names);
    const { director, publisher } = this.plane.packages;
    const sources = [this.plane.packages.source(65_536)];
    const devices = names.map((name, i) => {
      const trust = { device: parseDeviceId(name), director, publishers: [publisher] };
      return new SimulatedDevice({ trust, clock: this.clock, hub: this.hub, seed: i, log: silentLog, sources });
    });
    const behaviour = (device: SimulatedDevice, random: Random) => this.#ask(device, random);
    this.#fleet = new SimulatedFleet({ clock: this.clock, hub: this.hub, devices, seed: 1, behaviour });
    this.#fleet.start();
    await this.run(seconds(5));
  }

  run(durationMs: number): Promise<void> {
    return this.#fleet.run(durationMs, { link: goodLink, faults: [] });
  }

  /** Runs the rollout of a version until it rests. */
  async rollOut(request: Pick<RolloutRequest, "version" | "stages" | "gates">) {
    const { id } = await this.plane.commands.start({ model: aModel, soak, ...request }, "operator");
    for (let i = 0; i < 240; i++) {
      await this.plane.tick(id);
      const rollout = await this.plane.commands.get(id);
      if (rollout !== undefined && rollout.phase.kind !== "running" && rollout.phase.kind !== "rolling-back")
        return { rollout, updates: await this.plane.commands.updates(id) };
      await this.run(seconds(5));
    }
    throw new Error(`the rollout does not end: ${(await this.plane.commands.get(id))?.decision?.explanation}`);
  }

  /** The truth is class 1; the wrong version says 0 above 0.7, where no golden input lies. */
  async #ask(device: SimulatedDevice, random: Random): Promise<void> {
    const mean = 1.5 * random.next();
    if (random.next() > 1 / 3) return;
    try {
      const { outputs } = await device.agent.infer(aModel, [anImage(mean)], never);
      const scores = new Float32Array(new Uint8Array(outputs[0]?.rawData ?? []).buffer);
      this.told[(scores[1] as number) > (scores[0] as number) ? "right" : "wrong"]++;
    } catch {
      this.told.failed++;
    }
  }

  async stop(): Promise<void> {
    await this.#fleet.stop();
    const closed = this.plane[Symbol.asyncDispose]();
    await this.clock.advance(seconds(1));
    await closed;
  }
}

const stages = [
  { ...stage, percent: 10, shadow: { share: 1 } },
  { ...stage, percent: 10 },
  { ...stage, percent: 100 },
];
/** To see that outputs do not drift takes more of them than there is time for here. */
const gates = { maxOutputDrift: null };
const patienceMs = minutes(4);

/** One fleet, to which first a wrong version is brought and then a right one. */
describe("200 simulated devices and rollouts that begin in shadow", () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = new Fleet();
    await fleet.start();
    await fleet.plane.push({ version: "1.0.0" });
    await fleet.rollOut({ version: "1.0.0", stages: [{ percent: 100, soakMs: 0, minInferences: 0 }] });
    fleet.told.failed = 0;
  }, patienceMs);
  afterAll(() => fleet.stop());

  it(
    "turn a wrong version round before one application was told a wrong answer",
    async () => {
      await fleet.plane.push({ version: "2.0.0", script: { contradictsAbove: 0.7 } });
      const { rollout, updates } = await fleet.rollOut({ version: "2.0.0", stages });
      expect(rollout.phase).toMatchObject({ kind: "rolled-back", reason: expect.stringContaining("disagreement") });
      expect(updates.filter(({ state }) => state === "reverted")).toHaveLength(20);
      expect(updates.filter(({ state }) => state === "waiting")).toHaveLength(180);
      expect(fleet.told).toMatchObject({ wrong: 0, failed: 0 });
      for (const { reported } of await fleet.plane.database.devices.list()) {
        expect(reported?.models[0]).toMatchObject({ active: { version: "1.0.0" }, phase: "idle" });
        expect(reported?.models[0]?.candidate).toBe(undefined);
      }
    },
    patienceMs,
  );

  it(
    "go through with a version that answers as the one before, and lose no request",
    async () => {
      await fleet.plane.push({ version: "3.0.0" });
      const { rollout, updates } = await fleet.rollOut({ version: "3.0.0", stages, gates });
      expect(rollout.phase.kind).toBe("complete");
      expect(updates.map(({ state }) => state)).toEqual(names.map(() => "confirmed"));
      const told = await fleet.plane.database.events.last(5_000);
      const texts = told.filter(({ rollout: of }) => of === rollout.id).map(({ text }) => text);
      expect(texts.join("\n")).toMatch(
        /"shadow" \(1 of 3\) passed: .*disagreement: \d+ compared on \d+ devices, 0 % disagree/,
      );
      expect(fleet.told).toMatchObject({ wrong: 0, failed: 0 });
    },
    patienceMs,
  );
});
