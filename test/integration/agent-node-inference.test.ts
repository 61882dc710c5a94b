import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { node, tensorValue } from "../../control-plane/packaging/onnx/build.ts";
import { rawTensor } from "../../control-plane/packaging/onnx/tensor.ts";
import { onnxRuntimeInChild } from "../../edge-agent/adapters/node/onnxruntime-child.ts";
import { InferenceError, ModelLoadError } from "../../edge-agent/core/ports.ts";
import { mebibytes } from "../../proto/units.ts";
import { patienceMs } from "../support/end-to-end-waiting.ts";
import { doubling, endless, loadable, memoryEating, numbersOf, x } from "../support/tiny-models.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { built } from "../support/built-programs.ts";

const signal = new AbortController().signal;
const runtime = onnxRuntimeInChild();

describe("a model in its own process", () => {
  it("answers, and several requests at once in their order", async () => {
    await using directory = await temporaryDirectory();
    await using worker = await runtime.start(await loadable(join(directory.path, "m.onnx"), doubling), signal);
    const answers = await Promise.all([1, 2, 3, 4].map((value) => worker.infer(x(value), signal)));
    expect(answers.map(([y]) => numbersOf(y))).toEqual([[2], [4], [6], [8]]);
    expect(answers[0]?.[0]).toMatchObject({ name: "y", dataType: "float32", dims: [1] });
    expect(await worker.memoryBytes()).toBeGreaterThan(mebibytes(10));
  });

  it("does not start from a file that is no model, and says why", async () => {
    await using directory = await temporaryDirectory();
    const model = await loadable(join(directory.path, "m.onnx"), doubling);
    await writeFile(model.location, "<html>not found</html>");
    const start = runtime.start(model, signal);
    await expect(start).rejects.toThrow(ModelLoadError);
    await expect(start).rejects.toThrow(/sha256:01.* cannot be loaded: .*protobuf/i);
  });

  it("does not start without the outputs that its manifest names", async () => {
    await using directory = await temporaryDirectory();
    const outputs = [{ name: "scores", dataType: "float32", shape: [1] }] as const;
    const model = await loadable(join(directory.path, "m.onnx"), doubling, { outputs });
    await expect(runtime.start(model, signal)).rejects.toThrow("the model has no output scores");
  });

  it.each([
    ["a head that is no JSON", [3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]],
    ["a message of eight gigabytes", [255, 255, 255, 255, 255, 255, 255, 255]],
  ])("does not take the daemon with it when it says %s", async (_case, bytes) => {
    await using directory = await temporaryDirectory();
    const model = await loadable(join(directory.path, "m.onnx"), doubling);
    const foreign = join(directory.path, "foreign.cjs");
    await writeFile(foreign, `require("node:fs").writeSync(3, Buffer.from(${JSON.stringify(bytes)}));`);
    vi.stubEnv("NODE_OPTIONS", `--require ${foreign}`);
    try {
      await expect(runtime.start(model, signal)).rejects.toThrow(/the inference process said what cannot be read/);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it("is ended when it answers more than its device has room for", async () => {
    await using directory = await temporaryDirectory();
    const growing = {
      node: [node("ConstantOfShape", ["count"], ["zeros"])],
      input: [tensorValue("count", "int64", [1])],
      output: [tensorValue("zeros", "float32", ["found"])],
    };
    const model = await loadable(join(directory.path, "m.onnx"), growing, {
      inputs: [{ name: "count", dataType: "int64", shape: [1] }],
      outputs: [{ name: "zeros", dataType: "float32", shape: ["found"] }],
      answers: { dimensions: [], mostBytes: mebibytes(2) },
    });
    await using worker = await runtime.start(model, signal);
    const ask = (count: number) =>
      worker.infer(
        [
          {
            name: "count",
            dataType: "int64",
            dims: [1],
            rawData: new Uint8Array(BigInt64Array.of(BigInt(count)).buffer),
          },
        ],
        signal,
      );
    expect((await ask(1_000))[0]).toMatchObject({ name: "zeros", dims: [1_000] });
    await expect(ask(1_000_000)).rejects.toThrow(/announced 4000000 bytes of outputs; .* allow 2097152/);
    expect(await worker.stopped).toMatch(/what cannot be read/);
  });

  it("may answer with more rows than its file declares: the runtime does not mind, and many files are wrong", async () => {
    await using directory = await temporaryDirectory();
    const boxes = { name: "boxes", dataType: "float32", shape: [1, 84, 8_400] } as const;
    const detector = {
      node: [node("Expand", ["x", "four"], ["boxes"])],
      initializer: [rawTensor("four", [3], "int64", BigInt64Array.of(4n, 84n, 8_400n))],
      output: [tensorValue(boxes.name, boxes.dataType, boxes.shape)],
    };
    const model = await loadable(join(directory.path, "m.onnx"), detector, { outputs: [boxes] });
    await using worker = await runtime.start(model, signal);
    expect(await worker.infer(x(1), signal)).toMatchObject([{ name: "boxes", dims: [4, 84, 8_400] }]);
  });

  it("refuses wrong inputs before the runtime sees them", async () => {
    await using directory = await temporaryDirectory();
    await using worker = await runtime.start(await loadable(join(directory.path, "m.onnx"), doubling), signal);
    const [right] = x(1) as [ReturnType<typeof x>[0] & object];
    for (const [inputs, mistake] of [
      [[], 'input "x" is missing'],
      [[right, right], 'input "x" is given 2 times'],
      [[right, { ...right, name: "z" }], 'the model has no input "z"'],
      [[{ ...right, dataType: "float64" as const }], "must be float32, not float64"],
      [[{ ...right, dims: [] }], "has the shape [] where the model takes [1]"],
      [[{ ...right, dims: [2] }], "has the shape [2] where the model takes [1]"],
      [[{ ...right, rawData: new Uint8Array(3) }], "has 3 bytes of data; its shape makes 4"],
    ] as const)
      await expect(worker.infer(inputs, signal)).rejects.toMatchObject({
        class: "input",
        message: expect.stringContaining(mistake),
      });
    expect(numbersOf((await worker.infer(x(4), signal))[0])).toEqual([8]);
  });

  it("is ended when an inference takes too long; those behind it are lost", async () => {
    await using directory = await temporaryDirectory();
    const model = await loadable(join(directory.path, "m.onnx"), endless, { maxInferenceMs: 100 });
    await using worker = await runtime.start(model, signal);
    const [stuck, behind] = await Promise.allSettled([worker.infer(x(1), signal), worker.infer(x(2), signal)]);
    expect(reasonOf(stuck)).toMatchObject({ class: "timeout" });
    expect(reasonOf(behind)).toMatchObject({ class: "worker-lost" });
    expect(await worker.stopped).toBe("an inference took longer than 100 ms");
    await expect(worker.infer(x(3), signal)).rejects.toMatchObject({ class: "worker-lost" });
  });

  it("is ended when it takes more memory than it may", async () => {
    await using directory = await temporaryDirectory();
    const bounded = onnxRuntimeInChild({ maxMemoryBytes: mebibytes(600) });
    await using worker = await bounded.start(await loadable(join(directory.path, "m.onnx"), memoryEating), signal);
    await expect(worker.infer(x(1), signal)).rejects.toThrow(InferenceError);
    expect(await worker.stopped).toMatch(/bytes of memory, more than 629145600/);
  });

  it("tells everybody who waits when it is killed, and how it ended", async () => {
    await using directory = await temporaryDirectory();
    await using worker = await runtime.start(await loadable(join(directory.path, "m.onnx"), endless), signal);
    const waiting = Promise.allSettled([worker.infer(x(1), signal), worker.infer(x(2), signal)]);
    for (const pid of await inferenceChildrenOf(process.pid)) process.kill(pid, "SIGKILL");
    expect((await waiting).map((result) => reasonOf(result)?.class)).toEqual(["worker-lost", "worker-lost"]);
    expect(await worker.stopped).toBe("the inference process was ended by SIGKILL");
  });

  it("lets a caller give up without ending the others", async () => {
    await using directory = await temporaryDirectory();
    await using worker = await runtime.start(await loadable(join(directory.path, "m.onnx"), doubling), signal);
    const impatient = new AbortController();
    const given = worker.infer(x(1), impatient.signal);
    impatient.abort(new Error("gone home"));
    await expect(given).rejects.toThrow("gone home");
    expect(numbersOf((await worker.infer(x(2), signal))[0])).toEqual([4]);
  });

  it("is gone when nobody holds it any longer", async () => {
    await using directory = await temporaryDirectory();
    const worker = await runtime.start(await loadable(join(directory.path, "m.onnx"), doubling), signal);
    await worker[Symbol.asyncDispose]();
    expect(await worker.stopped).toBe("it was no longer needed");
    expect(await inferenceChildrenOf(process.pid)).toEqual([]);
  });

  it.each(["idle", "stuck"])("does not outlive a daemon that is killed while it is %s", async (how) => {
    await using directory = await temporaryDirectory();
    const model = await loadable(join(directory.path, "m.onnx"), how === "stuck" ? endless : doubling);
    const program = built(new URL("../support/inference-holder.ts", import.meta.url));
    const holder = spawn(process.execPath, [program, JSON.stringify(model), how], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface(holder.stdout), "line")) as [string];
    expect(line).toBe("ready");
    const children = await inferenceChildrenOf(holder.pid as number);
    expect(children).toHaveLength(1);
    holder.kill("SIGKILL");
    const deadline = Date.now() + patienceMs;
    while (await isAlive(children[0] as number)) {
      if (Date.now() > deadline) throw new Error("the inference process outlives its daemon");
      await delay(10);
    }
  });
});

function reasonOf(result: PromiseSettledResult<unknown> | undefined): InferenceError | undefined {
  return result?.status === "rejected" ? (result.reason as InferenceError) : undefined;
}

/** Processes whose parent is `parent` and that have not ended. */
async function inferenceChildrenOf(parent: number): Promise<number[]> {
  const children: number[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const command = await readFile(`/proc/${name}/cmdline`, "utf8").catch(() => "");
    if (command.includes("inference-child") && (await parentOf(Number(name))) === parent) children.push(Number(name));
  }
  return children;
}

/** Undefined when the process has ended, also when nobody has taken notice of it. */
async function parentOf(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "latin1").catch(() => "State:\tX");
  return /^State:\s+[ZX]/m.test(status) ? undefined : Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
}

async function isAlive(pid: number): Promise<boolean> {
  return (await parentOf(pid)) !== undefined;
}
