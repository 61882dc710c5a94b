import { describe, expect, it } from "vitest";
import { encodeAssignment } from "../../../../proto/codec/assignment.ts";
import { parseDeviceId, parseModelName, parseRolloutId } from "../../../../proto/ids.ts";
import { payloadTypes } from "../../../../proto/statements.ts";
import { aSigningKey } from "../../../support/agent-control.ts";
import { AgentWorld, pacedAt } from "../../../support/agent-world.ts";
import { anAssignment } from "../../../support/messages.ts";

const update = ["update-started", "update-fetched", "trial-started", "update-confirmed"];

async function worldWith(version: string, options?: ConstructorParameters<typeof AgentWorld>[0]) {
  const world = new AgentWorld(options);
  world.device.start();
  const installed = await world.install(version);
  return { world, installed, device: world.device.id };
}

describe("an update", () => {
  it("is fetched, checked, tried out and confirmed, and each step is told", async () => {
    const { world, device } = await worldWith("1.0.0");
    world.control.assign(device, [world.control.package({ version: "2.0.0" })]);
    const answers = await world.run(30_000);
    expect(new Set(answers)).toEqual(new Set(["1.0.0", "2.0.0"]));
    expect(world.modelState()).toMatchObject({
      active: { version: "2.0.0" },
      previous: { version: "1.0.0" },
      candidate: undefined,
      failure: undefined,
    });
    expect(world.eventNames()).toEqual(["agent-started", ...update, ...update]);
    expect(world.control.reports.at(-1)).toMatchObject({
      generation: 2,
      models: [{ phase: "idle", active: { version: "2.0.0" } }],
    });
    await world.device.stop();
    expect(world.control.statuses.map(({ state }) => state)).toEqual(["online", "offline"]);
  });

  it("that does not repeat its golden outputs fails with the difference, and the old model serves throughout", async () => {
    const { world, device } = await worldWith("1.0.0");
    world.control.assign(device, [world.control.package({ version: "2.0.0", script: { offset: 0.5 } })]);
    expect(new Set(await world.run(30_000))).toEqual(new Set(["1.0.0"]));
    expect(world.modelState()).toMatchObject({ active: { version: "1.0.0" }, candidate: undefined });
    expect(world.modelState()?.failure).toMatchObject({ kind: "failed" });
    expect(world.modelState()?.failure?.reason).toContain(
      'golden case 1, output "logits" is off by 0.5, more than 0.001',
    );
    expect(world.eventNames().slice(-3)).toEqual(["update-fetched", "variant-quarantined", "update-failed"]);
  });

  it("that cannot be loaded fails with the runtime's reason", async () => {
    const { world, device } = await worldWith("1.0.0");
    world.control.assign(device, [world.control.package({ version: "2.0.0", script: { loadError: "opset 99" } })]);
    await world.run(10_000);
    expect(world.modelState()?.failure).toMatchObject({
      kind: "failed",
      reason: "no variant is left: fp32: opset 99",
    });
  });

  it("is rejected when no publisher that the device trusts has signed it", async () => {
    const { world, device } = await worldWith("1.0.0");
    world.control.assign(device, [world.control.package({ version: "2.0.0", signer: aSigningKey() })]);
    await world.run(10_000);
    expect(world.modelState()).toMatchObject({
      active: { version: "1.0.0" },
      failure: { kind: "rejected", reason: "no publisher that this device trusts has signed the package" },
    });
  });

  it("is rejected with every reason when no variant runs on the device", async () => {
    const { world, device } = await worldWith("1.0.0");
    const requires = { architectures: ["x64"], cpuFlags: ["avx2"], memoryBytes: 0 };
    world.control.assign(device, [world.control.package({ version: "2.0.0", variant: { requires } })]);
    await world.run(10_000);
    const reason =
      "no variant runs on this device: fp32: needs the architecture x64, the device is arm64; needs the CPU flags avx2, which the device lacks";
    expect(world.modelState()?.failure).toMatchObject({ kind: "rejected", reason });
  });

  it("takes the variant that its assignment asks for first", async () => {
    const { world, device } = await worldWith("1.0.0");
    const update = world.control.package({ version: "2.0.0", alias: "int8" });
    const [model] = anAssignment().models;
    if (model === undefined) throw new Error("the builder has no model");
    world.control.assign(device, [update], { models: [{ ...model, ...update.assignment, variantOrder: ["int8"] }] });
    await world.run(30_000);
    expect(world.modelState()?.active).toMatchObject({ version: "2.0.0", variant: "int8" });
  });

  it("whose trial shows errors is rolled back within the soak", async () => {
    const { world, device } = await worldWith("1.0.0");
    const failing = world.control.package({ version: "2.0.0", script: { failsEvery: 2, misbehavesAbove: 0.6 } });
    world.control.assign(device, [failing]);
    const answers = await world.run(8_000, { mean: 0.75 });
    expect(world.modelState()).toMatchObject({ active: { version: "1.0.0" }, candidate: undefined });
    expect(world.modelState()?.failure).toMatchObject({
      package: failing.assignment.package,
      kind: "rolled-back",
      reason:
        "1 of 2 inferences failed that the active version answered, more than 10 % allowed; last: the script says so",
    });
    expect(answers.at(-1)).toBe("1.0.0");
    expect(world.eventNames().at(-1)).toBe("update-rolled-back");
  });

  it("whose worker dies in each trial is rolled back after three, and not one request is lost", async () => {
    const { world, device } = await worldWith("1.0.0");
    const script = { crashesAt: 2, misbehavesAbove: 0.6 };
    world.control.assign(device, [world.control.package({ version: "2.0.0", script })]);
    const answers = await world.run(20_000, { mean: 0.75 });
    expect(answers.filter((answer) => answer.includes("Error"))).toEqual([]);
    expect(world.modelState()?.failure?.reason).toBe("3 trials were cut off; last: it was ended by SIGSEGV");
    expect(world.eventNames().filter((name) => name === "trial-started")).toHaveLength(4);
    expect(world.modelState()?.active?.version).toBe("1.0.0");
  });

  it("that failed is not tried again until another package was assigned", async () => {
    const { world, installed, device } = await worldWith("1.0.0");
    const bad = world.control.package({ version: "2.0.0", script: { offset: 0.5 } });
    world.control.assign(device, [bad]);
    await world.run(10_000);
    world.control.assign(device, [bad]);
    await world.run(10_000);
    expect(world.eventNames().filter((name) => name === "update-failed")).toHaveLength(1);
    world.control.assign(device, [installed]);
    await world.run(5_000);
    expect(world.modelState()?.failure).toBeUndefined();
    world.control.assign(device, [bad]);
    await world.run(10_000);
    expect(world.eventNames().filter((name) => name === "update-failed")).toHaveLength(2);
  });

  it("that failed is tried again when another rollout asks for it: a person thinks that the cause is gone", async () => {
    const { world, device } = await worldWith("1.0.0");
    const bad = world.control.package({ version: "2.0.0", script: { offset: 0.5 } });
    const assignIn = (rollout: string) => {
      const [model] = anAssignment().models;
      if (model === undefined) throw new Error("the builder has no model");
      world.control.assign(device, [bad], {
        models: [{ ...model, ...bad.assignment, rollout: parseRolloutId(rollout) }],
      });
    };
    const failures = () => world.eventNames().filter((name) => name === "update-failed").length;
    assignIn("r-1");
    await world.run(10_000);
    assignIn("r-1");
    await world.run(10_000);
    expect(failures()).toBe(1);
    assignIn("r-2");
    await world.run(10_000);
    expect(failures()).toBe(2);
  });

  it("on a quiet device is confirmed at the deadline when nothing went wrong", async () => {
    const { world, device } = await worldWith("1.0.0");
    world.control.assign(device, [world.control.package({ version: "2.0.0" })]);
    await world.clock.advance(59_000);
    expect(world.modelState()?.candidate?.stage.kind).toBe("trial");
    await world.clock.advance(2_000);
    expect(world.modelState()?.active?.version).toBe("2.0.0");
    const [confirmed] = world.control.eventsOf(device).slice(-1);
    expect(confirmed?.reason).toBe("60 s brought only 0 of 5 inferences, and nothing went wrong");
  });

  it("is given up when a newer assignment names another version", async () => {
    const { world, installed, device } = await worldWith("1.0.0");
    world.control.assign(device, [world.control.package({ version: "2.0.0" })]);
    await world.run(5_000);
    expect(world.modelState()?.candidate).toMatchObject({ version: "2.0.0", stage: { kind: "trial" } });
    const third = world.control.package({ version: "3.0.0" });
    world.control.assign(device, [third]);
    await world.run(30_000);
    expect(world.modelState()).toMatchObject({ active: { version: "3.0.0" }, previous: { version: "1.0.0" } });
    const kept = new Set([...installed.files.keys(), ...third.files.keys()]);
    expect(new Set(world.device.disk.files.keys())).toEqual(kept);
  });

  it("waits in fetching while no source can be reached, and goes on when one can", async () => {
    const { world, device } = await worldWith("1.0.0");
    const next = world.control.package({ version: "2.0.0" });
    for (const digest of next.files.keys()) world.control.artifacts.delete(digest);
    world.control.assign(device, [next]);
    await world.run(3_600_000, { everyMs: 60_000 });
    expect(world.modelState()).toMatchObject({ candidate: { stage: { kind: "fetching" } }, failure: undefined });
    for (const [digest, bytes] of next.files) world.control.artifacts.set(digest, bytes);
    await world.run(900_000, { everyMs: 5_000 });
    expect(world.modelState()?.active?.version).toBe("2.0.0");
  });

  it("begins to be fetched at a moment of the device's own within the time that its assignment gives", async () => {
    const beganAt = async (seed: number) => {
      const { world, device } = await worldWith("1.0.0", { seed });
      const update = world.control.package({ version: "2.0.0" });
      const [model] = anAssignment().models;
      if (model === undefined) throw new Error("the builder has no model");
      const { served } = world.control;
      world.control.assign(device, [update], { models: [{ ...model, ...update.assignment, spreadMs: 60_000 }] });
      let second = 0;
      for (; world.control.served === served && second < 100; second++) await world.run(1_000);
      return second;
    };
    const moments = [await beganAt(1), await beganAt(2), await beganAt(3)];
    expect(new Set(moments).size).toBe(3);
    expect(Math.max(...moments)).toBeLessThanOrEqual(61);
  });

  it("comes no faster than its limit, in blocks over the connection too", async () => {
    for (const sources of [undefined, []]) {
      const limited = { agent: { pins: pacedAt(10_000) }, ...(sources && { sources }) };
      const { world, device } = await worldWith("1.0.0", limited);
      const script = { name: Array.from({ length: 60_000 }, (_, i) => i % 10).join("") };
      world.control.assign(device, [world.control.package({ version: "2.0.0", script })]);
      await world.run(5_000);
      expect(world.modelState()?.candidate?.stage.kind).toBe("fetching");
      await world.run(20_000);
      expect(world.modelState()?.active?.version).toBe("2.0.0");
    }
  });

  it("comes in blocks over the connection where there is no other source", async () => {
    const { world } = await worldWith("1.0.0", { sources: [] });
    expect(world.modelState()?.active?.version).toBe("1.0.0");
  });

  it("fails with figures on a device without room, which goes on serving", async () => {
    const { world, device } = await worldWith("1.0.0", { capacityBytes: 8_000 });
    const name = "x".repeat(8_000);
    world.control.assign(device, [world.control.package({ version: "2.0.0", script: { name } })]);
    expect((await world.run(10_000)).at(-1)).toBe("1.0.0");
    expect(world.modelState()?.failure?.reason).toMatch(
      /^no space: \d+ more bytes are needed and only \d+ may be used$/,
    );
  });
});

describe("a disk that is full for a while", () => {
  it("never stops a device from serving, whenever it happens, nor keeps it busy; and the update goes on afterwards", async () => {
    for (let second = 0; second < 15; second++) {
      const { world, device } = await worldWith("1.0.0");
      const wanted = world.control.package({ version: "2.0.0" });
      world.control.assign(device, [wanted]);
      const answers = [...(await world.run(second * 1_000))];
      world.device.disk.isFull = true;
      const calls = world.device.calls;
      answers.push(...(await world.run(60_000)));
      // 60 inferences, and a few attempts of everything else: no loop.
      expect(world.device.calls - calls).toBeLessThan(1_000);
      world.device.disk.isFull = false;
      world.hub.cut(device);
      answers.push(...(await world.run(600_000)));
      expect(answers.filter((answer) => answer.includes("Error"))).toEqual([]);
      const { active, failure } = world.modelState() ?? {};
      // A package that found no room has failed, with that reason; otherwise it came in.
      if (failure !== undefined) expect(failure.reason).toContain("no space");
      expect(active?.version).toBe(failure === undefined ? "2.0.0" : "1.0.0");
      await world.device.stop();
    }
  });

  it("does not make an agent without state drop its files", async () => {
    const { world } = await worldWith("1.0.0");
    await world.device.stop();
    const files = new Set(world.device.disk.files.keys());
    world.device.disk.state = undefined;
    world.hub.setReachable(world.device.id, false);
    world.device.start();
    await world.run(60_000);
    expect(new Set(world.device.disk.files.keys())).toEqual(files);
    const served = world.control.served;
    world.hub.setReachable(world.device.id, true);
    await world.run(900_000);
    expect(world.modelState()?.active?.version).toBe("1.0.0");
    expect(world.control.served).toBe(served);
  });
});

describe("a device", () => {
  it("goes back to the previous version at once, and fetches nothing for it", async () => {
    const { world, installed, device } = await worldWith("1.0.0");
    await world.install("2.0.0");
    const served = world.control.served;
    world.control.assign(device, [installed]);
    await world.clock.advance(0);
    expect(world.modelState()).toMatchObject({ active: { version: "1.0.0" }, previous: { version: "2.0.0" } });
    expect((await world.infer()).version).toBe("1.0.0");
    expect(world.control.served).toBe(served);
    await world.run(2_000);
    expect(world.eventNames().at(-1)).toBe("model-activated");
  });

  it("takes a model away that is no longer assigned, with its files", async () => {
    const { world, device } = await worldWith("1.0.0");
    world.control.assign(device, []);
    await world.run(5_000);
    expect(world.device.disk.state?.models).toEqual([]);
    expect(world.device.disk.files.size).toBe(0);
    await expect(world.infer()).rejects.toThrow("digits is not served at the moment");
  });

  it("updates two models at once", async () => {
    const world = new AgentWorld();
    world.device.start();
    const faces = parseModelName("faces");
    const packages = [world.control.package(), world.control.package({ model: "faces" })];
    world.control.assign(world.device.id, packages);
    await Promise.all([world.run(15_000, { everyMs: 1_000 }), world.run(0)]);
    await world.run(60_000);
    expect(world.modelState()?.active?.version).toBe("1.0.0");
    expect(world.modelState(faces)?.active?.version).toBe("1.0.0");
    expect((await world.infer(0.5, faces)).package).toBe(packages[1]?.assignment.package);
  });

  it("serves before it reaches any network, and keeps what it counted", async () => {
    const { world, device } = await worldWith("1.0.0");
    await world.device.stop();
    world.hub.setReachable(device, false);
    world.device.start();
    await world.clock.advance(0);
    expect(new Set(await world.run(600_000, { everyMs: 10_000 }))).toEqual(new Set(["1.0.0"]));
    const known = world.control.windowsOf(device).length;
    world.hub.setReachable(device, true);
    await world.run(400_000, { everyMs: 10_000 });
    const later = world.control.windowsOf(device).slice(known);
    expect(later.length).toBeGreaterThanOrEqual(15);
    for (const window of later.slice(2, 10)) expect(window).toMatchObject({ inferences: 6, trial: false });
  });

  it("never gives up a confirmed model because the broker is away", async () => {
    const { world, device } = await worldWith("1.0.0");
    world.hub.setReachable(device, false);
    await world.run(7 * 24 * 3_600_000, { everyMs: 3_600_000 });
    expect(world.modelState()).toMatchObject({ active: { version: "1.0.0" }, failure: undefined });
    expect((await world.infer()).version).toBe("1.0.0");
  });

  it("restarts a worker that died, and goes back to the previous version when it dies again and again", async () => {
    const world = new AgentWorld();
    world.device.start();
    await world.install("1.0.0");
    const script = { crashesAt: 1, misbehavesAbove: 0.9 };
    world.control.assign(world.device.id, [world.control.package({ version: "2.0.0", script })]);
    await world.run(30_000);
    expect(world.modelState()?.active?.version).toBe("2.0.0");
    await world.infer(1).catch(() => undefined);
    await world.clock.advance(0);
    expect((await world.infer(0.5)).version).toBe("2.0.0");
    const answers = await world.run(120_000, { mean: 1 });
    expect(answers.at(-1)).toBe("1.0.0");
    expect(world.modelState()).toMatchObject({
      active: { version: "1.0.0" },
      previous: undefined,
      failure: {
        kind: "rolled-back",
        reason: "its worker stopped 5 times in a short while; last: it was ended by SIGSEGV",
      },
    });
    expect(world.eventNames().filter((name) => name === "worker-stopped")).toHaveLength(5);
  });

  it("falls back to the previous version when the active one's file has rotted, and fetches that again", async () => {
    const { world } = await worldWith("1.0.0");
    await world.install("2.0.0");
    await world.device.stop();
    const file = world.modelState()?.active?.file;
    if (file === undefined) throw new Error("nothing is active");
    world.device.disk.files.set(file, Buffer.from("rotten"));
    world.device.start();
    await world.clock.advance(0);
    expect(world.modelState()).toMatchObject({ active: { version: "1.0.0" }, candidate: { stage: { kind: "trial" } } });
    await world.run(30_000);
    expect(world.modelState()?.active?.version).toBe("2.0.0");
  });

  it("counts each window once, and says which inferences were a trial's", async () => {
    const { world, device } = await worldWith("1.0.0");
    await world.run(120_000);
    await world.device.stop();
    const windows = world.control.windowsOf(device);
    const { records, held } = world.device.disk.lanes.windows;
    expect(records.length + held.length).toBeGreaterThan(0);
    expect(windows[0]?.trial).toBe(true);
    expect(windows.slice(1).every(({ trial }) => !trial)).toBe(true);
  });
});

describe("an assignment is refused, and the refusal told,", () => {
  async function refusalAfter(send: (world: AgentWorld) => void): Promise<{ world: AgentWorld; refusal: string }> {
    const { world } = await worldWith("1.0.0");
    world.control.assign(world.device.id, [world.control.package({ version: "1.0.0" })], { generation: 5 });
    await world.run(2_000);
    send(world);
    await world.run(2_000);
    expect(world.device.disk.state?.assignment?.generation).toBe(5);
    expect(world.modelState()?.active?.version).toBe("1.0.0");
    return { world, refusal: world.control.reports.at(-1)?.refusal ?? "" };
  }
  const signed = (world: AgentWorld, overrides: Parameters<typeof anAssignment>[0], key = world.control.director) =>
    key.sign(payloadTypes.assignment, encodeAssignment(anAssignment({ device: world.device.id, ...overrides })));

  it("when it is older than the last", async () => {
    const { world, refusal } = await refusalAfter((on) => on.control.assign(on.device.id, [], { generation: 4 }));
    expect(refusal).toBe("assignment 1.4 is older than 1.5, which was accepted before");
    expect(world.eventNames().at(-1)).toBe("assignment-refused");
  });

  it("when it has the same generation and says something else", async () => {
    const { refusal } = await refusalAfter((on) => on.control.assign(on.device.id, [], { generation: 5 }));
    expect(refusal).toBe("assignment 1.5 differs from the one that was accepted under the same generation");
  });

  it("when it is for another device", async () => {
    const device = parseDeviceId("another-one");
    const { refusal } = await refusalAfter((on) =>
      on.control.sendStatement(on.device.id, signed(on, { device, generation: 6 })),
    );
    expect(refusal).toBe("the assignment is for another-one, this device is lyon-cam-1");
  });

  it("when another key has signed it, even under the director's id", async () => {
    const { refusal } = await refusalAfter((on) => {
      const forged = signed(on, { generation: 6 }, aSigningKey());
      const signatures = forged.signatures.map((one) => ({ ...one, keyId: on.control.director.keyId }));
      on.control.sendStatement(on.device.id, { ...forged, signatures });
    });
    expect(refusal).toBe("the assignment is not signed by this device's control plane");
  });

  it("when it is signed as something else", async () => {
    const { refusal } = await refusalAfter((on) => {
      const payload = encodeAssignment(anAssignment({ device: on.device.id, generation: 6 }));
      on.control.sendStatement(on.device.id, on.control.director.sign(payloadTypes.package, payload));
    });
    expect(refusal).toContain("not an assignment");
  });

  it("and the refusal is forgotten with the next that is accepted", async () => {
    const { world } = await refusalAfter((on) => on.control.assign(on.device.id, [], { generation: 4 }));
    world.control.assign(world.device.id, [], { epoch: 2, generation: 1 });
    await world.run(2_000);
    expect(world.control.reports.at(-1)).toMatchObject({ epoch: 2, generation: 1, refusal: "", models: [] });
  });
});
