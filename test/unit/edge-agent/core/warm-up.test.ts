import { describe, expect, it } from "vitest";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import type { InferenceWorker } from "../../../../edge-agent/core/ports.ts";
import { ModelUnavailableError } from "../../../../edge-agent/core/inference-call.ts";
import { InferenceError } from "../../../../edge-agent/core/ports.ts";
import { warmUp } from "../../../../edge-agent/core/warm-up.ts";
import { anImage } from "../../../support/agent-control.ts";
import { AgentWorld } from "../../../support/agent-world.ts";

const never = new AbortController().signal;
const golden = { cases: [0.25, 0.5].map((mean) => ({ inputs: [anImage(mean)], outputs: [] })) };

/** How often a worker that takes `latencyMs` for each inference runs; the n-th one fails. */
async function runs(warmUpRuns: number, { done = 0, latencyMs = 0, failsAt = 0, cases = golden.cases } = {}) {
  const clock = new VirtualClock();
  let inferences = 0;
  const worker: InferenceWorker = {
    async infer() {
      if (++inferences === failsAt) throw new InferenceError("runtime", "no");
      if (latencyMs > 0) await clock.sleep(latencyMs, never);
      return [];
    },
    stopped: new Promise(() => undefined),
    memoryBytes: async () => 0,
    [Symbol.asyncDispose]: async () => {},
  };
  const warm = warmUp(worker, { cases }, { warmUpRuns }, done, clock, never);
  await clock.advance(60_000);
  await warm;
  return inferences;
}

describe("the warm-up of a worker", () => {
  it("is as many inferences as the manifest asks for, those of the golden check among them", async () => {
    expect(await runs(5)).toBe(5);
    expect(await runs(5, { done: 2 })).toBe(3);
    expect(await runs(1, { done: 8 })).toBe(0);
  });

  it("does not keep a device waiting for a slow model", async () => {
    expect(await runs(1_000, { latencyMs: 500 })).toBe(4);
  });

  it("ends with what fails: the first request would show it too", async () => {
    expect(await runs(5, { failsAt: 2 })).toBe(2);
    expect(await runs(5, { cases: [] })).toBe(0);
  });

  it("is over before a request comes, also when the agent starts again", async () => {
    const world = new AgentWorld();
    world.device.start();
    const slow = world.control.package({ script: { latencyMs: 1_000 }, manifest: { warmUpRuns: 1 } });
    world.control.assign(world.device.id, [slow]);
    await world.clock.advance(120_000);
    expect(world.modelState()?.active?.version).toBe("1.0.0");
    world.device.crash();
    world.device.start();
    await world.clock.advance(500);
    await expect(world.infer()).rejects.toThrow(ModelUnavailableError);
    await world.clock.advance(1_000);
    const [{ version }] = await Promise.all([world.infer(), world.clock.advance(2_000)]);
    expect(version).toBe("1.0.0");
  });
});
