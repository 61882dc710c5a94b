import { describe, expect, it } from "vitest";
import type { ModelScript } from "../../../../edge-agent/adapters/memory/scripted-runtime.ts";
import { parseModelName } from "../../../../proto/ids.ts";
import { mebibytes } from "../../../../proto/units.ts";
import type { TestPackage } from "../../../support/agent-control.ts";
import { anImage } from "../../../support/agent-control.ts";
import { AgentWorld } from "../../../support/agent-world.ts";
import { aModel } from "../../../support/messages.ts";

const faces = parseModelName("faces");
const never = new AbortController().signal;

/** A device whose models may take 250 MiB together. */
function aSmallDevice() {
  const world = new AgentWorld({ agent: { memoryBudget: mebibytes(250) } });
  world.device.start();
  return world;
}

function aPackage(
  world: AgentWorld,
  model: string,
  version: string,
  memory: number,
  script: Partial<ModelScript> = {},
) {
  const requires = { architectures: undefined, cpuFlags: [], memoryBytes: mebibytes(memory) };
  const memoryBytes = mebibytes(memory);
  return world.control.package({ model, version, variant: { requires }, script: { memoryBytes, ...script } });
}

async function bringIn(world: AgentWorld, packages: readonly TestPackage[], ms = 30_000): Promise<void> {
  world.control.assign(world.device.id, packages);
  await world.clock.advance(ms);
}

function statusOf(world: AgentWorld, model: string) {
  return world.device.agent.status().models.find((one) => one.model === model);
}

/** What one inference of a model comes to, given time. */
async function ask(world: AgentWorld, model = aModel, ms = 2_000): Promise<string> {
  const answer = world.device.agent.infer(model, [anImage(0.5)], never).then(
    ({ version }) => version,
    (error: unknown) => String(error),
  );
  await world.clock.advance(ms);
  return await answer;
}

describe("an update on a device with little memory", () => {
  it("is refused before it is downloaded where it could never run beside the others, and says so in figures", async () => {
    const world = aSmallDevice();
    await bringIn(world, [aPackage(world, "digits", "1", 300)]);
    expect(world.modelState()).toMatchObject({
      active: undefined,
      failure: {
        kind: "rejected",
        reason: "no memory: it takes about 300 MiB and models may take 250 MiB, of which 0 MiB are in use",
      },
    });
  });

  it("is tried while the active model rests, where both do not fit; its requests wait, and it comes back at a rollback", async () => {
    const world = aSmallDevice();
    await bringIn(world, [aPackage(world, "digits", "1", 150)], 70_000);
    const bad = aPackage(world, "digits", "2", 150, { failsEvery: 1, misbehavesAbove: 0.9 });
    await bringIn(world, [bad], 2_000);
    expect(statusOf(world, "digits")).toMatchObject({ phase: "trial", running: { rests: undefined } });
    expect(world.device.agent.status().memory).toEqual({
      budgetBytes: mebibytes(250),
      usedBytes: mebibytes(150),
    });
    expect(await ask(world)).toBe("2");

    const answers = await world.run(10_000, { everyMs: 500, mean: 1 });
    expect(answers).toContain("InferenceError: the script says so");
    expect(answers.at(-1)).toBe("1");
    expect(world.modelState()).toMatchObject({ active: { version: "1" }, failure: { kind: "rolled-back" } });
    expect(statusOf(world, "digits")?.running.memoryBytes).toBe(mebibytes(150));
  });

  it("keeps the active model warm where both fit", async () => {
    const world = aSmallDevice();
    await bringIn(world, [aPackage(world, "digits", "1", 100)], 70_000);
    await bringIn(world, [aPackage(world, "digits", "2", 100)], 2_000);
    expect(statusOf(world, "digits")?.running.memoryBytes).toBe(mebibytes(200));
  });

  it("brings the active model back where the candidate does not even start", async () => {
    const world = aSmallDevice();
    const first = aPackage(world, "digits", "1", 150);
    await bringIn(world, [first], 70_000);
    await bringIn(world, [aPackage(world, "digits", "2", 150, { loadError: "no such operator" })]);
    expect(world.modelState()?.failure?.reason).toMatch(/no such operator/);
    expect(await ask(world)).toBe("1");
  });
});

describe("several models that do not fit together", () => {
  it("rest when nobody asks for them, and the next request brings them back", async () => {
    const world = aSmallDevice();
    const digits = aPackage(world, "digits", "1", 150);
    await bringIn(world, [digits], 70_000);
    await bringIn(world, [digits, aPackage(world, "faces", "1", 150)], 90_000);
    expect(statusOf(world, "digits")).toMatchObject({
      serving: { version: "1" },
      running: { rests: "others need its memory", memoryBytes: 0 },
    });
    expect(await ask(world, faces)).toBe("1");

    // Not while faces is asked for.
    expect(await ask(world)).toMatch(/ModelUnavailableError: .*there is no memory for it: it takes about 150 MiB/);
    await world.clock.advance(60_000);
    expect(await ask(world)).toBe("1");
    expect(statusOf(world, "faces")?.running.rests).toBe("others need its memory");
    expect(world.eventNames()).not.toContain("worker-stopped");
  });

  it("come up one after the other when the agent starts, as far as they fit", async () => {
    const world = aSmallDevice();
    const packages = [aPackage(world, "digits", "1", 150), aPackage(world, "faces", "1", 150)];
    await bringIn(world, packages.slice(0, 1), 70_000);
    await bringIn(world, packages, 90_000);
    await world.device.stop();
    world.device.start();
    await world.clock.advance(2_000);
    const resting = [aModel, faces].map((model) => statusOf(world, model)?.running.rests);
    expect(resting.filter((reason) => reason === undefined)).toHaveLength(1);
    expect(resting.find((reason) => reason !== undefined)).toMatch(/^there is no memory for it/);
  });

  it("make no exception for what came with the device: it waits for room like any other", async () => {
    const requires = { architectures: undefined, cpuFlags: [], memoryBytes: mebibytes(150) };
    const world = new AgentWorld({
      agent: { memoryBudget: mebibytes(250) },
      factory: { model: "faces", variant: { requires }, script: { memoryBytes: mebibytes(150) } },
    });
    world.device.start();
    await world.clock.advance(70_000);
    await bringIn(world, [aPackage(world, "digits", "1", 150)], 90_000);
    expect(statusOf(world, "faces")?.running.rests).toBe("others need its memory");
    await world.device.stop();
    world.device.start();
    await world.clock.advance(2_000);
    expect(statusOf(world, "faces")?.factory).toBe("1.0.0");
    const resting = [aModel, faces].map((model) => statusOf(world, model)?.running.rests);
    expect(resting.filter((reason) => reason === undefined)).toHaveLength(1);
    expect(resting.find((reason) => reason !== undefined)).toMatch(/^there is no memory for it/);
    await world.clock.advance(70_000);
    expect(await ask(world, faces)).toBe("1.0.0");
  });

  it("lose the one that grew beyond all measure, and it is started again as any that stopped", async () => {
    const world = aSmallDevice();
    const grown = aPackage(world, "faces", "1", 80, { memoryBytes: mebibytes(200) });
    world.control.assign(world.device.id, [aPackage(world, "digits", "1", 80), grown]);
    for (let passed = 0; passed < 100; passed++) await Promise.all([ask(world, aModel, 500), ask(world, faces, 500)]);
    expect(world.control.eventsOf(world.device.id)).toContainEqual(
      expect.objectContaining({
        name: "worker-stopped",
        model: faces,
        reason: expect.stringMatching(
          /all models together take 280 MiB of memory, more than 250 MiB; this one 200 MiB/,
        ),
      }),
    );
    expect(world.control.eventsOf(world.device.id)).not.toContainEqual(
      expect.objectContaining({ name: "worker-stopped", model: aModel }),
    );
  });
});
