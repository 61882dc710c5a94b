import { describe, expect, it } from "vitest";
import { AgentWorld } from "../../../support/agent-world.ts";
import type { PackageOptions, TestPackage } from "../../../support/agent-control.ts";
import { anAssignment } from "../../../support/messages.ts";
import { parseRolloutId } from "../../../../proto/ids.ts";

const wrong = { offset: 0.5 };
const off = [1, 2].map((n) => `golden case ${n}, output "logits" is off by 0.5, more than 0.001`).join("; ");

async function worldWithFirst(options?: ConstructorParameters<typeof AgentWorld>[0]) {
  const world = new AgentWorld(options);
  world.device.start();
  await world.install("1.0.0");
  return world;
}

/** The first variant is called int8 here. */
function secondVersion(world: AgentWorld, options: PackageOptions): TestPackage {
  return world.control.package({ version: "2.0.0", variant: { id: "int8" }, ...options });
}

const told = (world: AgentWorld) =>
  world.control
    .eventsOf(world.device.id)
    .filter(({ name }) => name === "variant-quarantined")
    .map(({ reason }) => reason);

function assignIn(world: AgentWorld, rollout: string, update: TestPackage): void {
  const [model] = anAssignment().models;
  if (model === undefined) throw new Error("the builder has no model");
  const soak = { durationMs: 10_000, minInferences: 5, deadlineMs: 60_000, maxErrorShare: 0.1 };
  const models = [{ ...model, ...update.assignment, soak, rollout: parseRolloutId(rollout) }];
  world.control.assign(world.device.id, [update], { models });
}

describe("a variant that does not do on a device", () => {
  it.each([
    ["computes other outputs", wrong, "wrong-outputs", off],
    ["cannot be loaded", { loadError: "opset 99" }, "not-loadable", "opset 99"],
    ["ends its process", { crashesAt: 1 }, "no-answer", "golden case 1: it was ended by SIGSEGV"],
  ] as const)("gives way to the next one at once when it %s", async (_what, script, cause, reason) => {
    const world = await worldWithFirst();
    const update = secondVersion(world, { script, others: { fp32: {} } });
    world.control.assign(world.device.id, [update]);
    const answers = await world.run(30_000);
    expect(new Set(answers)).toEqual(new Set(["1.0.0", "2.0.0"]));
    const { active, failure, quarantined } = world.modelState() ?? {};
    expect({ active, failure }).toMatchObject({ active: { version: "2.0.0", variant: "fp32" }, failure: undefined });
    expect(quarantined).toMatchObject([{ variant: "int8", cause, reason }]);
    expect(told(world)).toEqual([`int8: ${reason}`]);
    expect(world.control.reports.at(-1)?.models[0]?.quarantined).toEqual([
      { package: update.assignment.package, variant: "int8", cause, reason, runtime: "onnxruntime-node 1.30.0" },
    ]);
    expect(world.device.agent.status().models[0]?.quarantined).toEqual([{ variant: "int8", reason }]);
  });

  it("leaves nothing of itself on the disk", async () => {
    const world = await worldWithFirst();
    const update = secondVersion(world, { script: wrong, others: { fp32: {} } });
    world.control.assign(world.device.id, [update]);
    await world.run(30_000);
    const [int8, fp32] = update.manifest.variants.map(({ file }) => world.device.disk.files.has(file.digest));
    expect({ int8, fp32 }).toEqual({ int8: false, fp32: true });
  });

  it("stays on the disk where the active version has the same file", async () => {
    const world = new AgentWorld();
    world.device.start();
    const script = { name: "the same file", offset: 0.000_1 };
    const installed = await world.install("1.0.0", script);
    const variant = { id: "int8", tolerance: { maxDifference: 0, sameTop: false } };
    world.control.assign(world.device.id, [
      world.control.package({ version: "2.0.0", script, variant, others: { fp32: { ...wrong } } }),
    ]);
    await world.run(10_000);
    expect(world.modelState()?.failure?.kind).toBe("failed");
    expect(world.device.disk.files.has(installed.manifest.variants[0]?.file.digest ?? installed.manifestFile)).toBe(
      true,
    );
    expect(new Set(await world.run(3_000))).toEqual(new Set(["1.0.0"]));
  });

  it("fails the update when none is left, and each is named", async () => {
    const world = await worldWithFirst();
    const others = { fp16: { loadError: "opset 99" }, fp32: { crashesAt: 1 } };
    world.control.assign(world.device.id, [secondVersion(world, { script: wrong, others })]);
    expect(new Set(await world.run(30_000))).toEqual(new Set(["1.0.0"]));
    expect(world.modelState()?.failure).toMatchObject({
      kind: "failed",
      reason: `no variant is left: int8: ${off} · ` + "fp16: opset 99 · fp32: golden case 1: it was ended by SIGSEGV",
    });
  });

  it("is remembered over a power cut, and tried again by a new version of the agent", async () => {
    const world = await worldWithFirst();
    const update = secondVersion(world, { script: wrong });
    world.control.assign(world.device.id, [update]);
    await world.run(10_000);
    world.device.crash();
    world.device.start();
    assignIn(world, "r-2", update);
    await world.run(10_000);
    expect(told(world)).toHaveLength(1);
    expect(world.modelState()?.failure?.reason).toContain(off);
    await world.device.stop();
    world.device.startAs({ agentVersion: "0.2.0" });
    assignIn(world, "r-3", update);
    await world.run(10_000);
    expect(told(world)).toHaveLength(2);
  });

  it("that gave no answer is tried again when another rollout asks", async () => {
    const world = await worldWithFirst();
    const update = secondVersion(world, { script: { crashesAt: 1 } });
    for (const rollout of ["r-1", "r-2"]) {
      assignIn(world, rollout, update);
      await world.run(10_000);
    }
    expect(told(world)).toHaveLength(2);
  });

  it("and takes the whole device down is out after three attempts, and the next one serves", async () => {
    const world = await worldWithFirst();
    const update = secondVersion(world, { script: { latencyMs: 3_000 }, others: { fp32: {} } });
    world.control.assign(world.device.id, [update]);
    for (let cuts = 0; cuts < 10 && world.modelState()?.active?.version === "1.0.0"; cuts++) {
      await world.run(4_000);
      const stage = world.modelState()?.candidate?.stage;
      if (stage?.kind === "preflight" && stage.slot.variant === "int8") {
        world.device.crash();
        world.device.start();
      }
    }
    await world.run(30_000);
    expect(told(world)).toEqual(["int8: 3 preflights were cut off before they ended"]);
    expect(world.modelState()?.active).toMatchObject({ version: "2.0.0", variant: "fp32" });
  });
});
