import { describe, expect, it } from "vitest";
import { parseRolloutId } from "../../../../proto/ids.ts";
import type { Blame } from "../../../../edge-agent/core/step-runner.ts";
import type { TestPackage } from "../../../support/agent-control.ts";
import { AgentWorld } from "../../../support/agent-world.ts";
import { aModel, anAssignment } from "../../../support/messages.ts";

const reason = "it reads badly in the rain";

async function worldOn(...versions: readonly string[]): Promise<AgentWorld> {
  const world = new AgentWorld();
  world.device.start();
  for (const version of versions) await world.install(version);
  return world;
}

function assignIn(world: AgentWorld, { assignment }: TestPackage, rollout: string): void {
  const [template] = anAssignment().models;
  if (template === undefined) throw new Error("the assignment names no model");
  const models = [{ ...template, ...assignment, rollout: parseRolloutId(rollout) }];
  world.control.assign(world.device.id, [], { models });
}

const rollBack = async (world: AgentWorld, blame: Blame = "nobody") => {
  const outcome = world.device.agent.rollBack(aModel, reason, blame);
  await world.clock.advance(1_000);
  return await outcome;
};

describe("a rollback that somebody asks for on the device", () => {
  it("brings the version before back without losing a request, and is told as a rollback", async () => {
    const world = await worldOn("1.0.0", "2.0.0");
    const answers = world.run(5_000, { everyMs: 10 });
    expect(await rollBack(world)).toEqual({ kind: "rolled-back", from: "2.0.0", to: "1.0.0" });
    expect(new Set(await answers)).toEqual(new Set(["2.0.0", "1.0.0"]));
    expect(world.modelState()).toMatchObject({
      active: { version: "1.0.0" },
      previous: undefined,
      failure: { kind: "rolled-back", reason, byHand: true },
    });
    expect(world.eventNames().slice(-2)).toEqual(["update-rolled-back", "model-activated"]);
    expect(world.control.reports.at(-1)?.models[0]).toMatchObject({
      active: { version: "1.0.0" },
      failure: { kind: "rolled-back", reason, byHand: true },
    });
  });

  it("is a failure of the version only where whoever asks says so", async () => {
    const world = await worldOn("1.0.0", "2.0.0");
    await rollBack(world, "version");
    expect(world.control.reports.at(-1)?.models[0]?.failure).toEqual({
      package: world.modelState()?.failure?.package,
      kind: "rolled-back",
      reason,
    });
  });

  it("holds through restarts and repeated assignments, until another rollout asks for the version", async () => {
    const world = await worldOn("1.0.0");
    const second = world.control.package({ version: "2.0.0" });
    assignIn(world, second, "r-1");
    await world.run(30_000);
    await rollBack(world);
    world.device.crash();
    world.device.start();
    await world.clock.advance(1_000);
    assignIn(world, second, "r-1");
    expect(new Set(await world.run(30_000))).toEqual(new Set(["1.0.0"]));
    assignIn(world, second, "r-2");
    await world.run(30_000);
    expect(world.modelState()).toMatchObject({ active: { version: "2.0.0" }, failure: undefined });
  });

  it("ends a trial at once", async () => {
    const world = await worldOn("1.0.0");
    world.control.assign(world.device.id, [world.control.package({ version: "2.0.0" })]);
    await world.run(5_000);
    expect(world.modelState()?.candidate?.stage.kind).toBe("trial");
    expect(await rollBack(world)).toEqual({ kind: "rolled-back", from: "2.0.0", to: "1.0.0" });
    expect((await world.infer()).version).toBe("1.0.0");
    expect(world.modelState()).toMatchObject({ candidate: undefined, failure: { kind: "rolled-back", reason } });
  });

  it("is refused where there is nothing to go back to, or no such model", async () => {
    const world = await worldOn("1.0.0");
    expect(await rollBack(world)).toEqual({ kind: "refused", reason: "digits: it has no version to go back to" });
    world.control.assign(world.device.id, []);
    await world.clock.advance(1_000);
    expect(await rollBack(world)).toEqual({ kind: "refused", reason: "digits: this device has no such model" });
  });

  it("is refused, and the active version serves on, when the version before is damaged", async () => {
    const world = await worldOn("1.0.0", "2.0.0");
    const previous = world.modelState()?.previous;
    if (previous === undefined) throw new Error("there is a version before");
    world.device.disk.files.set(previous.file, Uint8Array.of(1, 2, 3));
    await world.device.stop();
    world.device.start();
    await world.clock.advance(1_000);
    const outcome = await rollBack(world);
    expect(outcome).toMatchObject({ kind: "refused" });
    expect((await world.infer()).version).toBe("2.0.0");
    expect(world.modelState()).toMatchObject({ active: { version: "2.0.0" }, failure: undefined });
  });
});
