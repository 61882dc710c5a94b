import { describe, expect, it } from "vitest";
import { scriptBytes, scriptedRuntime } from "../../../../edge-agent/adapters/memory/scripted-runtime.ts";
import { VirtualClock } from "../../../../edge-agent/adapters/memory/virtual-clock.ts";
import type { InferenceRuntime, LoadableModel } from "../../../../edge-agent/core/ports.ts";
import { InferenceError, ModelLoadError } from "../../../../edge-agent/core/ports.ts";
import { sharedRuntime } from "../../../../edge-agent/simulator/shared-runtime.ts";
import { anImage } from "../../../support/agent-control.ts";
import { sha256Of } from "../../../support/packages.ts";
import { aManifest } from "../../../support/manifests.ts";

const never = new AbortController().signal;
const { model, inputs, outputs, maxInferenceMs } = aManifest();
const scripts = [{ name: "good" }, { name: "crashes", crashesAt: 2 }, { name: "broken", loadError: "opset 99" }].map(
  scriptBytes,
);
const [good, crashes, broken] = scripts.map((bytes): LoadableModel => {
  const file = sha256Of(bytes);
  return { model, location: file, file, inputs, outputs, maxInferenceMs };
}) as [LoadableModel, LoadableModel, LoadableModel];

function aRuntime() {
  let started = 0;
  const inner = scriptedRuntime(new Map(scripts.map((bytes) => [sha256Of(bytes), bytes])), new VirtualClock());
  const counted: InferenceRuntime = {
    ...inner,
    start: (loadable, signal) => {
      started++;
      return inner.start(loadable, signal);
    },
  };
  return { runtime: sharedRuntime(counted), started: () => started };
}

describe("a shared runtime", () => {
  it("starts one worker for each file, however many devices load it", async () => {
    const { runtime, started } = aRuntime();
    const workers = await Promise.all([1, 2, 3].map(() => runtime.start(good, never)));
    await runtime.start(crashes, never);
    expect(started()).toBe(2);
    for (const worker of workers) expect(await worker.infer([anImage(0.5)], never)).toHaveLength(1);
  });

  it("stops the worker with its last user, and one user without the others", async () => {
    const { runtime, started } = aRuntime();
    const [one, other] = await Promise.all([runtime.start(good, never), runtime.start(good, never)]);
    await one[Symbol.asyncDispose]();
    await expect(one.infer([anImage(0.5)], never)).rejects.toThrow(InferenceError);
    expect(await one.stopped).toBe("it was no longer needed");
    expect(await other.infer([anImage(0.5)], never)).toHaveLength(1);
    await other[Symbol.asyncDispose]();
    await runtime.start(good, never);
    expect(started()).toBe(2);
  });

  it("tells every user when the worker dies, and starts another for the next", async () => {
    const { runtime, started } = aRuntime();
    const [one, other] = await Promise.all([runtime.start(crashes, never), runtime.start(crashes, never)]);
    await one.infer([anImage(0.5)], never);
    await expect(other.infer([anImage(0.5)], never)).rejects.toThrow("SIGSEGV");
    expect(await Promise.all([one.stopped, other.stopped])).toEqual([
      "it was ended by SIGSEGV",
      "it was ended by SIGSEGV",
    ]);
    expect(await (await runtime.start(crashes, never)).infer([anImage(0.5)], never)).toHaveLength(1);
    expect(started()).toBe(2);
  });

  it("does not keep a model that cannot be loaded", async () => {
    const { runtime, started } = aRuntime();
    await expect(runtime.start(broken, never)).rejects.toThrow(ModelLoadError);
    await expect(runtime.start(broken, never)).rejects.toThrow(ModelLoadError);
    expect(started()).toBe(2);
  });
});
