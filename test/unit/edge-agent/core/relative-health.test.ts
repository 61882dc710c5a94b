import { describe, expect, it } from "vitest";
import type { PackageOptions, TestPackage } from "../../../support/agent-control.ts";
import { AgentWorld } from "../../../support/agent-world.ts";
import { anAssignment } from "../../../support/messages.ts";

/** As a rollout has it when nothing else is said. */
const usualSoak = { durationMs: 60_000, minInferences: 20, deadlineMs: 600_000, maxErrorShare: 0.05 };
const broken = 0.75;

async function worldWith(script: PackageOptions["script"] = {}) {
  const world = new AgentWorld();
  world.device.start();
  await world.install("1.0.0", script);
  return world;
}

function assign(world: AgentWorld, update: TestPackage, soak = usualSoak): void {
  const [model] = anAssignment().models;
  if (model === undefined) throw new Error("the builder has no model");
  world.control.assign(world.device.id, [update], { models: [{ ...model, ...update.assignment, soak }] });
}

const second = (world: AgentWorld, script: PackageOptions["script"] = {}, rest: PackageOptions = {}) =>
  world.control.package({ version: "2.0.0", script, ...rest });
const failure = (world: AgentWorld) => world.modelState()?.failure;

describe("a candidate is not rolled back", () => {
  it("because the broker is away for its whole trial", async () => {
    const world = await worldWith();
    assign(world, second(world));
    await world.run(2_000);
    expect(world.modelState()?.candidate?.stage.kind).toBe("trial");
    world.hub.setReachable(world.device.id, false);
    await world.run(70_000);
    expect(world.modelState()).toMatchObject({ active: { version: "2.0.0" }, failure: undefined });
  });

  it("because the applications are away for its whole trial", async () => {
    const world = await worldWith();
    assign(world, second(world));
    await world.clock.advance(610_000);
    expect(world.modelState()).toMatchObject({ active: { version: "2.0.0" }, failure: undefined });
    expect(world.control.eventsOf(world.device.id).at(-1)?.reason).toContain("brought only 0 of 20 inferences");
  });

  it("because of a sensor that breaks in its trial: the active version is asked too, and fails as well", async () => {
    const world = await worldWith({ failsEvery: 1, misbehavesAbove: 0.6 });
    assign(world, second(world, { failsEvery: 1, misbehavesAbove: 0.6 }));
    await world.run(2_000);
    const answers = await world.run(80_000, { mean: broken });
    expect(new Set(answers)).toEqual(new Set(["InferenceError: the script says so"]));
    expect(world.modelState()).toMatchObject({ candidate: { stage: { kind: "trial" } }, failure: undefined });
    await world.run(80_000);
    expect(world.modelState()).toMatchObject({ active: { version: "2.0.0" }, failure: undefined });
  });

  it("because a burst of requests is more than any version can take", async () => {
    const world = await worldWith({ latencyMs: 20 });
    await world.run(60_000);
    assign(world, second(world, { latencyMs: 25 }));
    await world.run(2_000);
    const burst = Array.from({ length: 200 }, () => world.infer().catch((error: unknown) => String(error)));
    await world.clock.advance(10_000);
    expect(new Set(await Promise.all(burst))).toContain("QueueFullError: 64 requests wait for this model already");
    await world.run(60_000);
    expect(world.modelState()).toMatchObject({ active: { version: "2.0.0" }, failure: undefined });
  });

  it("because the device is rebooted in order again and again", async () => {
    const world = await worldWith();
    assign(world, second(world));
    for (let reboots = 0; reboots < 6; reboots++) {
      await world.run(20_000);
      const stopped = world.device.stop();
      await world.clock.advance(3_000);
      await stopped;
      world.device.start();
    }
    expect(world.modelState()?.candidate?.stage).toMatchObject({ kind: "trial" });
    await world.run(70_000);
    expect(world.modelState()).toMatchObject({ active: { version: "2.0.0" }, failure: undefined });
  });
});

describe("a candidate is not confirmed", () => {
  it("when it fails where the active version answers, though things were as bad before", async () => {
    const world = await worldWith({ failsEvery: 3, misbehavesAbove: 0.6 });
    await world.run(60_000, { mean: broken });
    assign(world, second(world, { failsEvery: 5, misbehavesAbove: 0.6 }));
    await world.run(70_000, { mean: broken });
    expect(failure(world)).toMatchObject({ kind: "rolled-back" });
    expect(failure(world)?.reason).toContain("that the active version answered");
  });

  it("when it is too slow for what comes, and the active version was not", async () => {
    const world = await worldWith({ latencyMs: 100 });
    await world.run(60_000, { everyMs: 500 });
    assign(world, second(world, { latencyMs: 2_000 }));
    await world.run(150_000, { everyMs: 500 });
    expect(failure(world)).toMatchObject({ kind: "rolled-back" });
    expect(failure(world)?.reason).toContain("an inference takes 2 s, and took 0.1 s with the active version");
  });
});

describe("no request is lost in a trial", () => {
  it("on which the candidate fails: the active version answers it", async () => {
    const world = await worldWith();
    assign(world, second(world, { failsEvery: 1, misbehavesAbove: 0.6 }));
    expect(new Set(await world.run(5_000, { mean: broken }))).toEqual(new Set(["1.0.0"]));
    expect(failure(world)?.kind).toBe("rolled-back");
  });
});

describe("a candidate that is not well is gone within ten minutes and three attempts", () => {
  it.each([
    ["stops in each inference", { crashesAt: 1, misbehavesAbove: 0.6 }],
    ["stops now and then", { crashesAt: 15, misbehavesAbove: 0.6 }],
    ["fails in each inference", { failsEvery: 1, misbehavesAbove: 0.6 }],
    ["fails in every tenth inference", { failsEvery: 10, misbehavesAbove: 0.6 }],
    ["cannot keep up", { latencyMs: 2_500 }],
  ] as const)("when it %s", async (_how, script) => {
    const world = await worldWith({ latencyMs: 1 });
    await world.run(60_000, { mean: broken });
    assign(world, second(world, script));
    await world.run(600_000, { mean: broken });
    expect(world.modelState()).toMatchObject({ active: { version: "1.0.0" }, candidate: undefined });
    expect(failure(world)?.kind).toBe("rolled-back");
    const trials = world.eventNames().filter((name) => name === "trial-started");
    expect(trials.length - 1).toBeLessThanOrEqual(3);
    expect(new Set(await world.run(5_000, { mean: broken }))).toEqual(new Set(["1.0.0"]));
  });

  it("when its variant stops in its trial and another is left: that one is tried, and the active version serves meanwhile", async () => {
    const world = await worldWith();
    const script = { crashesAt: 1, misbehavesAbove: 0.6 };
    assign(world, second(world, script, { variant: { id: "int8" }, others: { fp32: {} } }));
    const answers = await world.run(80_000, { mean: broken });
    expect(new Set(answers)).toEqual(new Set(["1.0.0", "2.0.0"]));
    expect(world.modelState()).toMatchObject({
      active: { version: "2.0.0", variant: "fp32" },
      failure: undefined,
      quarantined: [
        { variant: "int8", cause: "no-answer", reason: "3 trials were cut off; last: it was ended by SIGSEGV" },
      ],
    });
  });
});
