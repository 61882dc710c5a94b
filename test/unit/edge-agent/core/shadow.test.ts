import { describe, expect, it } from "vitest";
import type { TestPackage } from "../../../support/agent-control.ts";
import type { WorldOptions } from "../../../support/agent-world.ts";
import { AgentWorld } from "../../../support/agent-world.ts";
import type { HealthReading } from "../../../../edge-agent/core/ports.ts";
import type { Agreement, Window } from "../../../../proto/telemetry-messages.ts";
import type { ModelAssignment } from "../../../../proto/assignment-messages.ts";
import { sumOfAgreements } from "../../../../proto/sketch/agreement.ts";
import { mebibytes, minutes } from "../../../../proto/units.ts";

const soak = { durationMs: 10_000, minInferences: 5, deadlineMs: 60_000, maxErrorShare: 0.1 };

const needing = (megabytes: number) => ({
  architectures: undefined,
  cpuFlags: [],
  memoryBytes: mebibytes(megabytes),
});

/** In shadow where a share is given. */
const wanted = ({ assignment }: TestPackage, share?: number): ModelAssignment => ({
  ...assignment,
  rollout: undefined,
  soak,
  variantOrder: [],
  ...(share !== undefined && { shadow: { share } }),
});

function assign(world: AgentWorld, next: TestPackage, share?: number): void {
  const telemetry = { windowMs: 10_000 };
  world.control.assign(world.device.id, [next], { models: [wanted(next, share)], telemetry });
}

/** A device that serves 1.0.0. */
async function aServingWorld(options: WorldOptions = {}): Promise<AgentWorld> {
  const world = new AgentWorld(options);
  world.device.start();
  await world.install("1.0.0");
  return world;
}

const stageOf = (world: AgentWorld) => world.modelState()?.candidate?.stage;

function shadowWindows(world: AgentWorld): readonly (Window & { readonly shadow: Agreement })[] {
  return world.control
    .windowsOf(world.device.id)
    .filter((window): window is Window & { readonly shadow: Agreement } => window.shadow !== undefined);
}

function counted(world: AgentWorld): Agreement {
  const [first, ...others] = shadowWindows(world).map(({ shadow }) => shadow);
  if (first === undefined) throw new Error("no window of a shadow has arrived");
  return others.reduce(sumOfAgreements, first);
}

describe("a candidate that is wanted in shadow", () => {
  it("runs beside the active model, which answers everything, and is counted against it", async () => {
    const world = await aServingWorld();
    const next = world.control.package({ version: "2.0.0" });
    assign(world, next, 1);
    const answers = await world.run(60_000);
    expect(new Set(answers)).toEqual(new Set(["1.0.0"]));
    expect(stageOf(world)).toMatchObject({ kind: "shadow", attempt: 1 });
    expect(world.control.reports.at(-1)?.models[0]).toMatchObject({
      phase: "shadow",
      candidate: { version: "2.0.0" },
      active: { version: "1.0.0" },
    });
    const { compared, disagreed, skipped, failed, distance } = counted(world);
    expect(compared).toBeGreaterThan(40);
    expect({ disagreed, skipped, failed }).toEqual({ disagreed: 0, skipped: 0, failed: 0 });
    expect(distance[0]).toBe(compared);
    for (const { version, trial, inferences, shadow } of shadowWindows(world))
      expect({ version, trial, inferences }).toEqual({ version: "2.0.0", trial: false, inferences: shadow.compared });
    expect(world.eventNames()).toContain("shadow-started");
    expect(world.eventNames().filter((name) => name === "trial-started")).toHaveLength(1);
  });

  it("goes on to its trial when the same package is wanted without a shadow, and becomes active", async () => {
    const world = await aServingWorld();
    const next = world.control.package({ version: "2.0.0" });
    assign(world, next, 1);
    await world.run(30_000);
    expect(stageOf(world)?.kind).toBe("shadow");
    assign(world, next);
    await world.run(3_000);
    expect(stageOf(world)).toMatchObject({ kind: "trial", attempt: 1 });
    await world.run(30_000);
    expect(world.modelState()).toMatchObject({ active: { version: "2.0.0" }, previous: { version: "1.0.0" } });
  });

  it("answers nobody where it is the version that was confirmed before", async () => {
    const world = new AgentWorld();
    world.device.start();
    const first = await world.install("1.0.0");
    await world.install("2.0.0");
    assign(world, first, 1);
    expect(new Set(await world.run(30_000))).toEqual(new Set(["2.0.0"]));
    expect(stageOf(world)?.kind).toBe("shadow");
    expect(counted(world).compared).toBeGreaterThan(10);
    assign(world, first);
    await world.run(40_000);
    expect(world.modelState()).toMatchObject({ active: { version: "1.0.0" }, previous: { version: "2.0.0" } });
  });

  it("goes back into shadow when that is wanted again, and the active model answers from there on", async () => {
    const world = await aServingWorld();
    const next = world.control.package({ version: "2.0.0" });
    assign(world, next);
    await world.run(5_000);
    expect(stageOf(world)?.kind).toBe("trial");
    assign(world, next, 1);
    await world.run(3_000);
    expect(stageOf(world)?.kind).toBe("shadow");
    expect(new Set(await world.run(20_000))).toEqual(new Set(["1.0.0"]));
  });

  it("stays there for as long as it is wanted, also where it always answers something else", async () => {
    const world = await aServingWorld();
    assign(world, world.control.package({ version: "2.0.0", script: { contradictsAbove: 0.6 } }), 1);
    await world.run(minutes(5), { mean: 0.75 });
    expect(stageOf(world)?.kind).toBe("shadow");
    const { compared, disagreed } = counted(world);
    expect(disagreed).toBe(compared);
    expect(world.modelState()?.failure).toBeUndefined();
  });

  it("is given the share of the requests that the assignment names, also when that changes", async () => {
    const world = await aServingWorld();
    const next = world.control.package({ version: "2.0.0" });
    assign(world, next, 0.25);
    await world.run(minutes(10));
    const { compared } = counted(world);
    expect(compared / 600).toBeGreaterThan(0.17);
    expect(compared / 600).toBeLessThan(0.33);
    assign(world, next, 1);
    await world.run(minutes(2));
    expect(counted(world).compared - compared).toBeGreaterThan(100);
    expect(world.eventNames().filter((name) => name === "shadow-started")).toHaveLength(1);
  });

  it("has no shadow where nothing is active: it goes on to its trial", async () => {
    const world = new AgentWorld();
    world.device.start();
    assign(world, world.control.package({ version: "2.0.0" }), 1);
    await world.run(40_000);
    expect(world.modelState()?.active?.version).toBe("2.0.0");
    expect(world.eventNames()).not.toContain("shadow-started");
  });

  it("runs beside what came with the device", async () => {
    const world = new AgentWorld({ factory: { version: "0.9.0" } });
    world.device.start();
    await world.run(3_000);
    assign(world, world.control.package({ version: "2.0.0" }), 1);
    const answers = await world.run(40_000);
    expect(new Set(answers)).toEqual(new Set(["0.9.0"]));
    expect(stageOf(world)?.kind).toBe("shadow");
    expect(counted(world).compared).toBeGreaterThan(20);
  });
});

describe("what the device cannot afford", () => {
  it("is skipped and counted: a candidate that is slower than the requests come delays nobody", async () => {
    const world = await aServingWorld();
    assign(world, world.control.package({ version: "2.0.0", script: { latencyMs: 3_000 } }), 1);
    await world.run(25_000);
    const before = world.clock.monotonic();
    await world.infer();
    expect(world.clock.monotonic()).toBe(before);
    await world.run(60_000);
    const { compared, skipped, candidateWorkMs, activeWorkMs } = counted(world);
    expect(skipped).toBeGreaterThan(compared);
    expect(candidateWorkMs).toBe(3_000 * compared);
    expect(activeWorkMs).toBe(0);
  });

  it.each([
    ["throttled", { throttled: 1 }],
    ["low on charge", { "on-battery": 1, battery: 0.2 }],
  ])("is not begun while the device is %s", async (_case, reading) => {
    let shown: HealthReading = {};
    const world = await aServingWorld({ health: { read: async () => shown } });
    assign(world, world.control.package({ version: "2.0.0" }), 1);
    await world.run(minutes(2));
    const { compared } = counted(world);
    shown = reading;
    await world.run(minutes(2));
    const paused = counted(world);
    expect(paused.compared - compared).toBeLessThan(80);
    expect(paused.skipped).toBeGreaterThan(50);
    shown = {};
    await world.run(minutes(2));
    expect(counted(world).compared - paused.compared).toBeGreaterThan(50);
  });

  it("is refused with the figures where there is no memory for both", async () => {
    const world = new AgentWorld({ agent: { memoryBudget: mebibytes(100) } });
    world.device.start();
    await world.install("1.0.0", { memoryBytes: mebibytes(60) });
    assign(world, world.control.package({ version: "2.0.0", variant: { requires: needing(60) } }), 1);
    const answers = await world.run(20_000);
    expect(new Set(answers)).toEqual(new Set(["1.0.0"]));
    expect(world.modelState()?.failure).toMatchObject({
      kind: "rejected",
      reason: expect.stringMatching(
        /^no memory: it takes about \d+ MiB and models may take 100 MiB, of which 60 MiB are in use$/,
      ),
    });
  });

  it("is refused where there is memory for both only as long as the active model rests", async () => {
    const world = new AgentWorld({ agent: { memoryBudget: mebibytes(200) } });
    world.device.start();
    const first = world.control.package({
      variant: { requires: needing(110) },
      script: { memoryBytes: mebibytes(110) },
    });
    const other = world.control.package({
      model: "words",
      variant: { requires: needing(110) },
      script: { memoryBytes: mebibytes(110) },
    });
    world.control.assign(world.device.id, [first]);
    await world.clock.advance(minutes(2));
    world.control.assign(world.device.id, [first, other]);
    await world.clock.advance(minutes(2));
    expect(
      world.device.agent.status().models.find(({ model }) => model === first.manifest.model)?.running.rests,
    ).toMatch(/memory/);
    const next = world.control.package({ version: "2.0.0", variant: { requires: needing(100) } });
    world.control.assign(world.device.id, [next], { models: [wanted(next, 1)] });
    await world.clock.advance(10_000);
    expect(world.modelState()?.failure).toMatchObject({
      kind: "rejected",
      reason: expect.stringMatching(/^no memory/),
    });
  });

  it("gives way when another model needs its memory, is not to blame, and comes back when there is room", async () => {
    const world = new AgentWorld({ agent: { memoryBudget: mebibytes(260) } });
    world.device.start();
    await world.install("1.0.0", { memoryBytes: mebibytes(60) });
    const next = world.control.package({ version: "2.0.0", script: { memoryBytes: mebibytes(80) } });
    assign(world, next, 1);
    await world.run(20_000);
    const other = world.control.package({
      model: "words",
      variant: { requires: needing(150) },
      script: { memoryBytes: mebibytes(150) },
    });
    for (let round = 0; round < 4; round++) {
      expect(stageOf(world)).toMatchObject({ kind: "shadow", attempt: 1 });
      world.control.assign(world.device.id, [next, other], { models: [wanted(next, 1), wanted(other)] });
      const answers = await world.run(90_000);
      expect(new Set(answers)).toEqual(new Set(["1.0.0"]));
      expect(world.modelState(other.manifest.model)?.active?.version).toBe("1.0.0");
      expect(stageOf(world)).toMatchObject({ kind: "shadow", attempt: 0 });
      assign(world, next, 1);
      await world.run(60_000);
    }
    expect(world.modelState()).toMatchObject({ failure: undefined, quarantined: [] });
  });

  it("is waited for before its golden set too, where another model's trial has it just now", async () => {
    const world = new AgentWorld({ agent: { memoryBudget: mebibytes(250) } });
    world.device.start();
    const aPackage = (model: string, version: string, takes: number, expected = takes) =>
      world.control.package({
        model,
        version,
        variant: { requires: needing(expected) },
        script: { memoryBytes: mebibytes(takes) },
      });
    const [digits, words] = [aPackage("digits", "1.0.0", 60), aPackage("words", "1.0.0", 50)];
    world.control.assign(world.device.id, [digits, words]);
    await world.clock.advance(minutes(3));
    const others = aPackage("words", "2.0.0", 60);
    const longTrial = { ...wanted(others), soak: { ...soak, durationMs: minutes(2), deadlineMs: minutes(2) } };
    world.control.assign(world.device.id, [digits, others], { models: [wanted(digits), longTrial] });
    await world.clock.advance(10_000);
    expect(world.modelState(others.manifest.model)?.candidate?.stage.kind).toBe("trial");
    const next = aPackage("digits", "2.0.0", 90);
    world.control.assign(world.device.id, [next, others], { models: [wanted(next, 1), longTrial] });
    await world.clock.advance(30_000);
    expect(stageOf(world)?.kind).toBe("verified");
    await world.clock.advance(minutes(10));
    expect(stageOf(world)).toMatchObject({ kind: "shadow", slot: { version: "2.0.0" } });
  });
});

describe("a candidate that does not run in shadow", () => {
  it("has failed when more requests fail than a trial would allow, with the figures", async () => {
    const world = await aServingWorld();
    assign(world, world.control.package({ version: "2.0.0", script: { failsEvery: 2, misbehavesAbove: 0.6 } }), 1);
    const answers = await world.run(60_000, { mean: 0.75 });
    expect(new Set(answers)).toEqual(new Set(["1.0.0"]));
    expect(world.modelState()?.failure).toMatchObject({
      kind: "failed",
      reason:
        "in shadow 1 of 2 requests failed that the active version had answered, more than 10 % allowed; last: the script says so",
    });
    expect(counted(world)).toMatchObject({ compared: 1, failed: 1 });
  });

  it("has failed when its worker stops again and again", async () => {
    const world = await aServingWorld();
    assign(world, world.control.package({ version: "2.0.0", script: { crashesAt: 3, misbehavesAbove: 0.6 } }), 1);
    await world.run(60_000, { mean: 0.75 });
    expect(world.modelState()?.failure).toMatchObject({
      kind: "failed",
      reason: "3 attempts to run it in shadow were cut off; last: it was ended by SIGSEGV",
    });
    expect(world.eventNames().filter((name) => name === "shadow-started")).toHaveLength(3);
  });

  it("gives way to the next variant, which runs in shadow too", async () => {
    const world = await aServingWorld();
    const script = { crashesAt: 3, misbehavesAbove: 0.6 };
    assign(
      world,
      world.control.package({ version: "2.0.0", variant: { id: "int8" }, script, others: { fp32: {} } }),
      1,
    );
    await world.run(120_000, { mean: 0.75 });
    expect(world.modelState()).toMatchObject({
      candidate: { stage: { kind: "shadow", slot: { variant: "fp32" } } },
      quarantined: [{ variant: "int8", cause: "no-answer" }],
    });
  });
});

describe("an attempt in shadow", () => {
  it("is given back when the agent stops in order, and when it has been well for a while", async () => {
    const world = await aServingWorld();
    assign(world, world.control.package({ version: "2.0.0" }), 1);
    await world.run(20_000);
    for (let reboot = 0; reboot < 4; reboot++) {
      await world.device.stop();
      world.device.start();
      await world.run(10_000);
    }
    expect(stageOf(world)).toMatchObject({ kind: "shadow", attempt: 1 });
    await world.clock.advance(minutes(2));
    expect(stageOf(world)).toMatchObject({ kind: "shadow", attempt: 0, proofs: 1 });
    await world.device.stop();
    expect(stageOf(world)).toMatchObject({ kind: "shadow", attempt: 0, proofs: 1 });
  });

  it("counts when the power goes: the third ends the update", async () => {
    const world = await aServingWorld();
    assign(world, world.control.package({ version: "2.0.0" }), 1);
    await world.run(20_000);
    for (let cut = 0; cut < 3; cut++) {
      expect(stageOf(world)?.kind).toBe("shadow");
      world.device.crash();
      world.device.start();
      await world.run(10_000);
    }
    expect(world.modelState()?.failure).toMatchObject({
      kind: "failed",
      reason: "3 attempts to run it in shadow were cut off; last: the agent was stopped in each",
    });
  });
});
