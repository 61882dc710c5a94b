import { describe, expect, it } from "vitest";
import type { PackageOptions } from "../../../support/agent-control.ts";
import { AgentWorld } from "../../../support/agent-world.ts";
import { aModel } from "../../../support/messages.ts";
import { parseModelName } from "../../../../proto/ids.ts";

function worldWith(factory: PackageOptions = {}): AgentWorld {
  const world = new AgentWorld({ factory: { version: "0.9.0", ...factory } });
  world.device.start();
  return world;
}

const status = (world: AgentWorld) => world.device.agent.status().models[0];
const served = async (world: AgentWorld, ms = 3_000) => new Set((await world.run(ms)).slice(1));

describe("what came with a device", () => {
  it("serves before anybody has assigned anything, without a network", async () => {
    const world = new AgentWorld({ factory: { version: "0.9.0" } });
    world.hub.setReachable(world.device.id, false);
    world.device.start();
    expect(await served(world)).toEqual(new Set(["0.9.0"]));
    expect(status(world)).toMatchObject({ active: undefined, factory: "0.9.0", serving: { version: "0.9.0" } });
  });

  it("is reported", async () => {
    const world = worldWith();
    await world.run(2_000);
    expect(world.control.reports.at(-1)?.models).toMatchObject([
      { model: aModel, active: undefined, factory: { version: "0.9.0", package: world.factory?.assignment.package } },
    ]);
  });

  it("serves until a first version is confirmed, and beside it in its trial", async () => {
    const world = worldWith();
    await world.run(2_000);
    const failing = world.control.package({ version: "1.0.0", script: { failsEvery: 1, misbehavesAbove: 0.6 } });
    world.control.assign(world.device.id, [failing]);
    expect(new Set(await world.run(10_000, { mean: 0.75 }))).toEqual(new Set(["0.9.0"]));
    expect(world.modelState()?.failure?.kind).toBe("rolled-back");
    await world.install("2.0.0");
    expect(await served(world)).toEqual(new Set(["2.0.0"]));
    expect(status(world)).toMatchObject({ active: "2.0.0", previous: undefined, factory: "0.9.0" });
  });

  it("is never collected, and needs no place on the disk", async () => {
    const world = worldWith();
    for (const version of ["1.0.0", "2.0.0", "3.0.0"]) await world.install(version);
    expect([...world.factoryFiles.keys()].some((digest) => world.device.disk.files.has(digest))).toBe(false);
    expect(world.factoryFiles.size).toBe(4);
  });

  it("takes over from the only version when that stops again and again, and the rollout hears of it", async () => {
    const world = worldWith();
    await world.install("1.0.0", { crashesAt: 60, misbehavesAbove: 0.4 });
    await world.run(400_000);
    expect(await served(world)).toEqual(new Set(["0.9.0"]));
    expect(world.modelState()).toMatchObject({ active: undefined, failure: { kind: "rolled-back" } });
    expect(world.eventNames()).toContain("update-rolled-back");
  });

  it("takes over when a person takes back the only version, without a gap", async () => {
    const world = worldWith();
    await world.install("1.0.0");
    const rollback = world.device.agent.rollBack(aModel, "it reads badly", "nobody");
    const answers = await world.run(5_000, { everyMs: 10 });
    expect(await rollback).toEqual({ kind: "rolled-back", from: "1.0.0", to: undefined });
    expect(new Set(answers)).toEqual(new Set(["1.0.0", "0.9.0"]));
    expect(await world.device.agent.rollBack(aModel, "again", "nobody")).toMatchObject({ kind: "refused" });
  });

  it("takes over when the files of active and previous are lost, until they are there again", async () => {
    const world = worldWith();
    await world.install("1.0.0");
    await world.install("2.0.0");
    await world.device.stop();
    world.device.disk.files.clear();
    const artifacts = [...world.control.artifacts];
    world.control.artifacts.clear();
    world.device.start();
    expect(await served(world)).toEqual(new Set(["0.9.0"]));
    for (const [digest, bytes] of artifacts) world.control.artifacts.set(digest, bytes);
    await world.run(60_000);
    expect(await served(world)).toEqual(new Set(["2.0.0"]));
  });

  it("stays when the assignment has only other models, and when it has no model any more", async () => {
    const world = worldWith();
    await world.run(2_000);
    world.control.assign(world.device.id, [world.control.package({ model: "faces", version: "1.0.0" })]);
    await world.run(30_000, { model: parseModelName("faces") });
    expect(await served(world)).toEqual(new Set(["0.9.0"]));
    world.control.assign(world.device.id, []);
    expect(await served(world, 10_000)).toEqual(new Set(["0.9.0"]));
  });

  it("is not fetched when it is assigned", async () => {
    const world = worldWith();
    await world.run(2_000);
    if (world.factory !== undefined) world.control.assign(world.device.id, [world.factory]);
    await world.run(30_000);
    expect(world.modelState()?.active?.version).toBe("0.9.0");
    expect(world.control.served).toBe(0);
  });

  it("is tried variant by variant, each by its golden outputs", async () => {
    const others = { fp16: { loadError: "opset 99" }, fp32: {} };
    const world = worldWith({ variant: { id: "int8" }, script: { offset: 0.5 }, others });
    await world.run(2_000);
    expect(status(world)?.serving).toEqual({ version: "0.9.0", variant: "fp32" });
  });

  it("does not serve when it does not do on this device, and the agent does not hurry", async () => {
    const world = worldWith({ script: { offset: 0.5 } });
    await world.run(600_000, { everyMs: 10_000 });
    expect(status(world)?.serving).toBeUndefined();
    expect(world.device.calls).toBeLessThan(1_000);
    await world.install("1.0.0");
  });

  it("is as good as missing where its files are damaged", async () => {
    const world = new AgentWorld({ factory: { version: "0.9.0" } });
    const [variant] = world.factory?.manifest.variants ?? [];
    if (variant === undefined || world.factory === undefined) throw new Error("the builder makes a variant");
    world.factoryFiles.set(variant.file.digest, Buffer.from("rotten"));
    world.device.start();
    await world.run(3_000);
    expect(status(world)?.serving).toBeUndefined();
    world.control.assign(world.device.id, [world.factory]);
    await world.run(60_000);
    expect(world.modelState()?.active?.version).toBe("0.9.0");
    expect(await served(world)).toEqual(new Set(["0.9.0"]));
  });
});
