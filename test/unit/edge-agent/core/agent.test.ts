import { describe, expect, it } from "vitest";
import { AgentWorld } from "../../../support/agent-world.ts";

describe("an agent", () => {
  it("fetches, checks, tries out and confirms what is assigned, and tells each step", async () => {
    const world = new AgentWorld();
    world.device.start();
    await world.install("1.0.0");
    world.control.assign(world.device.id, [world.control.package({ version: "2.0.0" })]);
    const answers = await world.run(30_000);
    expect(new Set(answers)).toEqual(new Set(["1.0.0", "2.0.0"]));
    expect(world.modelState()).toMatchObject({
      active: { version: "2.0.0" },
      previous: { version: "1.0.0" },
      candidate: undefined,
      failure: undefined,
    });
    const update = ["update-started", "update-fetched", "trial-started", "update-confirmed"];
    expect(world.eventNames()).toEqual(["agent-started", ...update, ...update]);
    expect(world.control.reports.at(-1)).toMatchObject({
      generation: 2,
      models: [{ phase: "idle", active: { version: "2.0.0" } }],
    });
    await world.device.stop();
    expect(world.control.statuses.map(({ state }) => state)).toEqual(["online", "offline"]);
  });
});
