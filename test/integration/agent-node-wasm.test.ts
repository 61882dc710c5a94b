import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { connect } from "../../edge-agent/client/agent-client.ts";
import { chooseRuntime } from "../../edge-agent/adapters/node/choose-runtime.ts";
import { onnxRuntimeInChild } from "../../edge-agent/adapters/node/onnxruntime-child.ts";
import { mebibytes } from "../../proto/units.ts";
import { readHeldOutDigits } from "../fixtures/read-digits.ts";
import { silentLog } from "../support/agent-world.ts";
import { startOneDeviceControl } from "../support/one-device-control.ts";
import { SedgeAgent } from "../support/sedge-agent.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { doubling, endless, loadable, memoryEating, numbersOf, x } from "../support/tiny-models.ts";

const signal = new AbortController().signal;
const runtime = onnxRuntimeInChild({ engine: "wasm" });
const blocker = pathToFileURL(
  fileURLToPath(new URL("../support/children/without-onnxruntime-node.mjs", import.meta.url)),
);
const withoutNative = { NODE_OPTIONS: `--import ${blocker.href}` };

afterEach(() => {
  vi.unstubAllEnvs();
});

describe("a model in WebAssembly, in its own process", () => {
  it("answers, and several requests at once in their order", async () => {
    await using directory = await temporaryDirectory();
    await using worker = await runtime.start(await loadable(join(directory.path, "m.onnx"), doubling), signal);
    const answers = await Promise.all([1, 2, 3, 4].map((value) => worker.infer(x(value), signal)));
    expect(answers.map(([y]) => numbersOf(y))).toEqual([[2], [4], [6], [8]]);
    expect(await worker.memoryBytes()).toBeGreaterThan(mebibytes(10));
  });

  it("is ended when an inference takes too long", async () => {
    await using directory = await temporaryDirectory();
    const model = await loadable(join(directory.path, "m.onnx"), endless, { maxInferenceMs: 100 });
    await using worker = await runtime.start(model, signal);
    await expect(worker.infer(x(1), signal)).rejects.toMatchObject({ class: "timeout" });
    expect(await worker.stopped).toBe("an inference took longer than 100 ms");
  });

  it("does not start where a model takes more memory than 32 bits count, or than it may", async () => {
    await using directory = await temporaryDirectory();
    const eating = runtime.start(await loadable(join(directory.path, "m.onnx"), memoryEating), signal);
    await expect(eating).rejects.toThrow("Integer overflow");
    const bounded = onnxRuntimeInChild({ engine: "wasm", maxMemoryBytes: mebibytes(64) });
    const start = bounded.start(await loadable(join(directory.path, "m.onnx"), doubling), signal);
    await expect(start).rejects.toThrow(/bytes of memory, more than 67108864/);
  });
});

describe("the choice of a runtime", () => {
  it("is machine code where it runs", async () => {
    await using directory = await temporaryDirectory();
    const chosen = await chooseRuntime({ choice: "auto", data: directory.path, log: silentLog }, signal);
    expect(chosen).toMatchObject({ name: "onnxruntime-node", version: "1.30.0", choiceReason: "" });
  });

  it("is WebAssembly where machine code does not run, with the reason", async () => {
    vi.stubEnv("NODE_OPTIONS", withoutNative.NODE_OPTIONS);
    await using directory = await temporaryDirectory();
    const chosen = await chooseRuntime({ choice: "auto", data: directory.path, log: silentLog }, signal);
    expect(chosen).toMatchObject({ name: "onnxruntime-web", version: "1.30.0" });
    expect(chosen.choiceReason).toMatch(/^onnxruntime-node does not run here: .*Cannot find package/);
  });

  it("is what the configuration forces", async () => {
    await using directory = await temporaryDirectory();
    const chosen = await chooseRuntime({ choice: "wasm", data: directory.path, log: silentLog }, signal);
    expect(chosen).toMatchObject({ name: "onnxruntime-web", choiceReason: "the configuration asks for wasm" });
  });
});

describe("sedge-agent without onnxruntime-node", () => {
  it("takes the float variant unless int8 is asked for, answers right, and says what it runs with", async () => {
    await using control = await startOneDeviceControl();
    await using directory = await temporaryDirectory();
    const agent = new SedgeAgent(join(directory.path, "device"));
    await agent.enrol(control);
    await control.assign("digits-2.yaml");
    await using _daemon = await agent.daemon([], withoutNative);
    const status = await agent.serving("2");
    expect(status.runtime).toMatchObject({ name: "onnxruntime-web", version: "1.30.0" });
    expect(status.runtime.reason).toContain("Cannot find package");
    // The publisher's first is int8.
    expect(status.models[0]?.serving).toEqual({ version: "2", variant: "fp32" });
    expect(control.heard.find(({ kind }) => kind === "birth")).toMatchObject({
      profile: { runtimes: [{ name: "onnxruntime-web", version: "1.30.0" }] },
    });
    const rightAnswers = async () => {
      using client = connect({ url: await agent.address() });
      const sample = readHeldOutDigits().slice(0, 40);
      const answers = await Promise.all(sample.map(({ pixels }) => classify(client, pixels)));
      return answers.filter((answer, i) => answer === sample[i]?.label).length;
    };
    expect(await rightAnswers()).toBeGreaterThan(36);
    expect(await agent.run("status")).toMatchObject({ output: expect.stringMatching(/runtime: +onnxruntime-web 1/) });
    expect(await agent.runWith(withoutNative, "doctor", "--offline")).toMatchObject({
      output: expect.stringMatching(/\[WARN\] onnxruntime +onnxruntime-web 1\.30\.0 runs/),
    });

    await control.assign("digits-3.yaml");
    await agent.serving("3");
    await control.assign("digits-2.yaml", ["int8"]);
    expect((await agent.serving("2")).models[0]?.serving).toEqual({ version: "2", variant: "int8" });
    expect(await rightAnswers()).toBeGreaterThan(36);
  });
});

async function classify(client: ReturnType<typeof connect>, pixels: Uint8Array): Promise<number> {
  const data = Float32Array.from(pixels, (pixel) => pixel / 255);
  const { outputs } = await client.model("digits").infer({ image: { data, dims: [1, 1, 28, 28] } });
  const scores = Array.from(outputs["logits"]?.data ?? [], Number);
  return scores.indexOf(Math.max(...scores));
}
