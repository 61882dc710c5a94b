import { describe, expect, it } from "vitest";
import { parseModelName } from "../../../../proto/ids.ts";
import { AgentWorld, pacedAt } from "../../../support/agent-world.ts";

const longText = (bytes: number) => "x".repeat(bytes);
const used = ({ device: { disk } }: AgentWorld) =>
  [...disk.files.values(), ...disk.partials.values()].reduce((sum, bytes) => sum + bytes.length, 0);

async function worldWithFirst(capacityBytes: number, bytesPerSecond?: number) {
  const world = new AgentWorld({ capacityBytes, agent: { pins: pacedAt(bytesPerSecond) } });
  world.device.start();
  await world.install("1.0.0");
  return world;
}

describe("the room for an update", () => {
  it("must be there before the first byte of what is large, and nothing is left behind where it is not", async () => {
    const world = await worldWithFirst(30_000);
    const before = new Set(world.device.disk.files.keys());
    const served = world.control.served;
    const update = world.control.package({ version: "2.0.0", script: { name: longText(40_000) } });
    world.control.assign(world.device.id, [update]);
    expect(new Set(await world.run(10_000))).toEqual(new Set(["1.0.0"]));
    expect(world.modelState()?.failure).toMatchObject({
      kind: "rejected",
      reason: expect.stringMatching(/^no space: 40\d\d\d more bytes are needed and only 2\d\d\d\d may be used$/),
    });
    const [bundle, manifest] = [update.assignment.package, update.manifestFile].map(
      (one) => update.files.get(one)?.length ?? 0,
    );
    expect(world.control.served - served).toBe(Number(bundle) + Number(manifest));
    expect(new Set(world.device.disk.files.keys())).toEqual(before);
    expect(world.device.disk.partials.size).toBe(0);
  });

  it("is made by dropping what an update before it left behind", async () => {
    const world = await worldWithFirst(60_000, 10_000);
    world.control.assign(world.device.id, [
      world.control.package({ version: "2.0.0", script: { name: longText(40_000) } }),
    ]);
    await world.run(3_000);
    expect(world.device.disk.partials.size).toBe(1);
    expect(used(world)).toBeGreaterThan(30_000);
    world.control.assign(world.device.id, [
      world.control.package({ version: "3.0.0", script: { name: longText(40_001) } }),
    ]);
    await world.run(30_000);
    expect(world.modelState()?.active?.version).toBe("3.0.0");
  });

  it("is shared by all models: an update waits for one under way, and is told no when that has taken it", async () => {
    const world = await worldWithFirst(60_000);
    const second = parseModelName("faces");
    const packages = ["digits", "faces"].map((model) =>
      world.control.package({ model, version: "2.0.0", script: { name: longText(30_000) + model } }),
    );
    world.control.assign(world.device.id, packages);
    await world.run(60_000);
    const states = [world.modelState(), world.modelState(second)];
    expect(states.filter((state) => state?.active?.version === "2.0.0")).toHaveLength(1);
    expect(states.find((state) => state?.failure !== undefined)?.failure?.reason).toMatch(/^no space: /);
    expect(used(world)).toBeLessThan(60_000);
  });
});
