import { describe, expect, it } from "vitest";
import { hours, minutes } from "../../../../proto/units.ts";
import { AgentWorld } from "../../../support/agent-world.ts";

const soak = { durationMs: 600_000, minInferences: 5, deadlineMs: 900_000, maxErrorShare: 0.1 };
const crashing = { crashesAt: 1, misbehavesAbove: 0.6 };

/** A device whose active model ends with the next request. */
async function aFragileWorld(): Promise<AgentWorld> {
  const world = new AgentWorld();
  world.device.start();
  await world.install("1.0.0", crashing);
  return world;
}

/** The versions that answer in the seconds after the active model's worker has died. */
async function answersAfterItsDeath(world: AgentWorld): Promise<readonly string[]> {
  void world.infer(0.75).catch(() => undefined);
  await world.clock.advance(1_000);
  return await world.run(5_000);
}

const ofTheActive = Array.from({ length: 5 }, () => "1.0.0");

describe("an active model whose worker dies is started again at once", () => {
  it.each([
    ["its trial", undefined],
    ["the shadow", { share: 1 }],
  ])("while the next version takes long to start for %s", async (_case, shadow) => {
    const world = await aFragileWorld();
    const next = world.control.package({ version: "2.0.0", script: { latencyMs: 30_000 } });
    const wanted = { ...next.assignment, rollout: undefined, soak, variantOrder: [], ...(shadow && { shadow }) };
    world.control.assign(world.device.id, [next], { models: [wanted] });
    await world.run(10_000);
    expect(world.modelState()?.candidate?.stage).toMatchObject({ kind: "preflight", attempt: 1 });
    expect(await answersAfterItsDeath(world)).toEqual(ofTheActive);
    // It was interrupted, and that says nothing about it.
    expect(world.modelState()?.candidate?.stage).toMatchObject({ kind: "preflight", attempt: 1 });
    await world.clock.advance(minutes(5));
    expect(world.modelState()?.candidate?.stage.kind).toBe(shadow === undefined ? "trial" : "shadow");
  });

  it("while the next version is being fetched, for however long", async () => {
    const world = await aFragileWorld();
    const next = world.control.package({ version: "2.0.0" });
    const wanted = { ...next.assignment, rollout: undefined, soak, variantOrder: [], spreadMs: hours(24) };
    world.control.assign(world.device.id, [next], { models: [wanted] });
    await world.run(10_000);
    expect(world.modelState()?.candidate?.stage.kind).toBe("fetching");
    expect(await answersAfterItsDeath(world)).toEqual(ofTheActive);
    await world.clock.advance(hours(24));
    expect(world.modelState()?.candidate?.stage.kind).not.toBe("fetching");
  });
});
