import { describe, expect, it } from "vitest";
import { encodeAgentState } from "../../../../edge-agent/adapters/portable/agent-state-json.ts";
import { salvageAgentState } from "../../../../edge-agent/adapters/portable/salvaged-state.ts";
import type { AgentState } from "../../../../edge-agent/core/agent-state.ts";
import { AgentWorld } from "../../../support/agent-world.ts";
import { aModel } from "../../../support/messages.ts";

/** Switches the device off, and on again with an older agent: of what the newer one saved it understands a part. */
async function downgrade(world: AgentWorld): Promise<void> {
  await world.device.stop();
  const newer = new TextDecoder()
    .decode(encodeAgentState(world.device.disk.state as AgentState))
    .replace('"schema":1', '"schema":2,"standby":{"since":7}')
    // Stages of candidates that have no name here.
    .replaceAll(/"stage":\{"kind":"[a-z]+"/g, '"stage":{"kind":"rehearsal"');
  world.device.disk.state = salvageAgentState(new TextEncoder().encode(newer));
  world.device.start();
}

describe("an agent that meets the state of a newer one", () => {
  it("serves the model that was active, without a network, and deletes nothing", async () => {
    const world = new AgentWorld();
    world.device.start();
    await world.install("1.0.0");
    await world.install("2.0.0");
    const files = [...world.device.disk.files.keys()];
    world.hub.setReachable(world.device.id, false);
    await downgrade(world);
    await world.run(2_000);
    expect(new Set(await world.run(600_000))).toEqual(new Set(["2.0.0"]));
    expect([...world.device.disk.files.keys()]).toEqual(files);
    expect(world.modelState()).toMatchObject({ active: { version: "2.0.0" }, previous: { version: "1.0.0" } });
  });

  it("can still go back to the version before", async () => {
    const world = new AgentWorld();
    world.device.start();
    await world.install("1.0.0");
    await world.install("2.0.0");
    world.hub.setReachable(world.device.id, false);
    await downgrade(world);
    const returned = world.device.agent.rollBack(aModel, "asked on the device", "nobody");
    await world.run(5_000);
    await returned;
    expect(world.modelState()?.active?.version).toBe("1.0.0");
  });

  it("takes the update that the newer one was at from its beginning, when it is connected", async () => {
    const world = new AgentWorld();
    world.device.start();
    await world.install("1.0.0");
    world.control.assign(world.device.id, [world.control.package({ version: "2.0.0" })]);
    await world.runUntil(() => world.modelState()?.candidate?.stage.kind === "trial", 30_000);
    await downgrade(world);
    await world.run(60_000);
    expect(world.modelState()).toMatchObject({ active: { version: "2.0.0" }, previous: { version: "1.0.0" } });
  });

  it("serves what came with the device where it understands nothing at all", async () => {
    const world = new AgentWorld({ factory: { version: "0.9.0" } });
    world.device.start();
    await world.install("1.0.0");
    world.hub.setReachable(world.device.id, false);
    await world.device.stop();
    world.device.disk.state = salvageAgentState(new TextEncoder().encode('{"schema":9,"everything":"elsewhere"}'));
    const files = [...world.device.disk.files.keys()];
    world.device.start();
    await world.run(2_000);
    expect(new Set(await world.run(60_000))).toEqual(new Set(["0.9.0"]));
    expect([...world.device.disk.files.keys()]).toEqual(files);
  });
});
