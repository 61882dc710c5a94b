import { describe, expect, it } from "vitest";
import type { PackageOptions } from "../../../support/agent-control.ts";
import { hours, minutes } from "../../../../proto/units.ts";
import { AgentWorld } from "../../../support/agent-world.ts";

/** Of the version before: it is installed hundreds of times, and not its trial is tried here. */
const shortSoak = { durationMs: 1, minInferences: 1, deadlineMs: 10_000, maxErrorShare: 0.1 };

/** What an agent still does when an update has ended: files go, the control plane is told. */
const afterwardsMs = 3_000;

interface Update {
  readonly name: string;
  readonly next: PackageOptions;
  /** Of the version before, where the update comes as a delta. */
  readonly deltaFrom?: PackageOptions["script"];
  /** What must be active in the end. */
  readonly outcome: string;
  readonly mean?: number;
}

/** 8,000 characters that do not repeat: what a delta saves. */
const longText = Array.from({ length: 1_600 }, (_, i) => ((i * 7_919) % 99_991).toString().padStart(5, "0")).join("");

const updates: readonly Update[] = [
  { name: "an update that succeeds", next: { version: "2.0.0" }, outcome: "2.0.0" },
  { name: "an update that fails its golden set", next: { version: "2.0.0", script: { offset: 1 } }, outcome: "1.0.0" },
  {
    name: "an update that is rolled back",
    next: { version: "2.0.0", script: { failsEvery: 1, misbehavesAbove: 0.6 } },
    outcome: "1.0.0",
    mean: 0.75,
  },
  {
    name: "an update that comes as a delta",
    next: { version: "2.0.0", script: { name: `${longText} 2` } },
    deltaFrom: { name: `${longText} 1` },
    outcome: "2.0.0",
  },
];

function isDelta(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 8)).toString() === "SEDGEDL1";
}

/** `version` serves and was reported as what serves, and nothing goes on. */
function isAtRestOn(world: AgentWorld, version: string): boolean {
  const state = world.modelState();
  const [reported] = world.control.reports.at(-1)?.models ?? [];
  const isReported = reported?.phase === "idle" && reported.active?.version === version;
  return isReported && state?.active?.version === version && state.candidate === undefined;
}

function toldEndsOf(world: AgentWorld, version: string): readonly string[] {
  const ends = ["update-confirmed", "update-failed", "update-rolled-back"];
  const events = world.control.eventsOf(world.device.id);
  return events.filter((event) => event.version === version && ends.includes(event.name)).map(({ name }) => name);
}

/** Starts from 1.0.0, assigns the update and lets the power go before the call `cutAt` of the life in which it runs. */
async function updateWithPowerCut({ next, deltaFrom, outcome, mean }: Update, cutAt: number) {
  const retry = { baseMs: 100, capMs: 1_000, stableAfterMs: 60_000 };
  const world = new AgentWorld({ agent: { retry }, hasDeltas: deltaFrom !== undefined });
  world.device.start();
  const { assignment } = world.control.package({ version: "1.0.0", ...(deltaFrom && { script: deltaFrom }) });
  const models = [{ ...assignment, rollout: undefined, soak: shortSoak, variantOrder: [] }];
  world.control.assign(world.device.id, [], { models });
  await world.runUntil(() => isAtRestOn(world, "1.0.0"), 30_000);
  await world.device.stop();
  world.control.assign(world.device.id, [world.control.package(next)]);
  const servedBefore = world.control.served;
  world.device.start(cutAt);
  const hasEnded = () => toldEndsOf(world, "2.0.0").length > 0 && isAtRestOn(world, outcome);
  await world.runUntil(() => !world.device.isOn || hasEnded(), 20_000, { mean });
  await world.run(afterwardsMs, { mean });
  const wasCut = !world.device.isOn;
  if (wasCut) world.device.start();
  return { world, wasCut, served: world.control.served - servedBefore };
}

describe.each(updates)("a power cut before any call of $name", (update) => {
  it("leaves a working model, old or new, and the update still comes to its end", async () => {
    let cuts = 0;
    for (let cutAt = 1; ; cutAt++) {
      const { world, wasCut, served } = await updateWithPowerCut(update, cutAt);
      if (!wasCut) {
        if (update.deltaFrom !== undefined) expect(served).toBeLessThan(longText.length);
        break;
      }
      cuts++;
      // The device has just started again; nobody has told it anything yet.
      world.hub.setReachable(world.device.id, false);
      await world.clock.advance(0);
      const answered = await world.infer(0.25).catch((error: unknown) => String(error));
      expect(answered, `after a cut before call ${cutAt}`).toMatchObject({
        version: expect.stringMatching(/^[12]\.0\.0$/),
      });
      world.hub.setReachable(world.device.id, true);
      const hasEnded = () => toldEndsOf(world, "2.0.0").length > 0 && isAtRestOn(world, update.outcome);
      await world.runUntil(hasEnded, 60_000, { mean: update.mean });
      await world.run(afterwardsMs, { mean: update.mean });
      const state = world.modelState();
      expect(state?.active?.version, `after a cut before call ${cutAt}`).toBe(update.outcome);
      expect(state?.candidate, `after a cut before call ${cutAt}`).toBeUndefined();
      // Told at least once, whenever the power went.
      const told = toldEndsOf(world, "2.0.0");
      expect(told.length, `after a cut before call ${cutAt}`).toBeGreaterThanOrEqual(1);
      expect(new Set(told).size).toBe(1);
      expect(world.control.reports.at(-1)).toMatchObject({
        models: [{ phase: "idle", active: { version: update.outcome } }],
      });
      // What the update needed on its way is gone.
      const { partials, files } = world.device.disk;
      expect([partials.size, [...files.values()].filter(isDelta).length], `a cut before call ${cutAt}`).toEqual([0, 0]);
      await world.device.stop();
    }
    expect(cuts).toBeGreaterThan(100);
  });
});

describe("an agent that is killed in every trial", () => {
  it("counts the attempts before they start, and rolls back after three", async () => {
    const world = new AgentWorld();
    world.device.start();
    await world.install("1.0.0");
    world.control.assign(world.device.id, [world.control.package({ version: "2.0.0" })]);
    const attempts: number[] = [];
    for (let life = 0; life < 4; life++) {
      await world.run(3_000);
      const stage = world.modelState()?.candidate?.stage;
      if (stage?.kind === "trial") attempts.push(stage.attempt);
      world.device.crash();
      world.device.start();
    }
    await world.run(3_000);
    expect(attempts).toEqual([1, 2, 3]);
    expect(world.modelState()).toMatchObject({
      active: { version: "1.0.0" },
      candidate: undefined,
      failure: { kind: "rolled-back", reason: "3 trials were cut off; last: the agent was stopped in each" },
    });
  });

  it("is forgiven what happens long after the start: a device that is switched off every evening takes its update", async () => {
    const world = new AgentWorld();
    world.device.start();
    await world.install("1.0.0");
    const soak = { durationMs: hours(9), minInferences: 5, deadlineMs: hours(10), maxErrorShare: 0.1 };
    const { assignment } = world.control.package({ version: "2.0.0" });
    const models = [{ ...assignment, rollout: undefined, soak, variantOrder: [] }];
    world.control.assign(world.device.id, [], { models });
    for (let evening = 0; evening < 6; evening++) {
      await world.run(hours(8), { everyMs: minutes(5) });
      expect(world.modelState()?.candidate?.stage).toMatchObject({ kind: "trial", attempt: 0, proofs: evening + 1 });
      world.device.crash();
      world.device.start();
    }
    await world.run(hours(10), { everyMs: minutes(5) });
    expect(world.modelState()).toMatchObject({ active: { version: "2.0.0" }, failure: undefined });
  });

  it("ends for a model that takes the device down after some minutes, again and again", async () => {
    const world = new AgentWorld();
    world.device.start();
    await world.install("1.0.0");
    const soak = { durationMs: hours(1), minInferences: 5, deadlineMs: hours(2), maxErrorShare: 0.1 };
    const { assignment } = world.control.package({ version: "2.0.0" });
    const models = [{ ...assignment, rollout: undefined, soak, variantOrder: [] }];
    world.control.assign(world.device.id, [], { models });
    let lives = 0;
    for (; lives < 10; lives++) {
      await world.run(minutes(5), { everyMs: 10_000 });
      if (world.modelState()?.candidate === undefined) break;
      world.device.crash();
      world.device.start();
    }
    expect(lives).toBe(5);
    expect(world.modelState()).toMatchObject({ active: { version: "1.0.0" }, failure: { kind: "rolled-back" } });
  });

  it("does not count restarts against a confirmed model", async () => {
    const world = new AgentWorld();
    world.device.start();
    await world.install("1.0.0");
    for (let life = 0; life < 20; life++) {
      world.device.crash();
      world.device.start();
      await world.run(1_000);
    }
    expect(world.modelState()).toMatchObject({ active: { version: "1.0.0" }, failure: undefined });
  });
});
