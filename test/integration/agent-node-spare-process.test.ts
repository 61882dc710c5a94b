import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterEach, describe, expect, it, vi } from "vitest";
import { chooseRuntime } from "../../edge-agent/adapters/node/choose-runtime.ts";
import { silentLog } from "../support/agent-world.ts";
import { eventually } from "../support/sedge-agent.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { doubling, loadable, numbersOf, x } from "../support/tiny-models.ts";

const blocker = pathToFileURL(
  fileURLToPath(new URL("../support/children/without-onnxruntime-node.mjs", import.meta.url)),
);

/** The inference processes of this test, as the kernel lists them. */
function inferenceProcesses(): readonly number[] {
  const children = readdirSync("/proc/self/task").flatMap((thread) =>
    readFileSync(`/proc/self/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
  return children.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("inference-child"));
}

const noneLeft = () =>
  eventually("no inference process is left", () =>
    Promise.resolve(inferenceProcesses().length === 0 ? true : undefined),
  );

async function chosenIn(data: string, signal: AbortSignal) {
  return await chooseRuntime({ choice: "auto", data, log: silentLog }, signal);
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe.skipIf(process.platform !== "linux")("the process in which the runtime was tried out", () => {
  it.each(["onnxruntime-node", "onnxruntime-web"])("is there for the first model that starts, of %s", async (name) => {
    if (name === "onnxruntime-web") vi.stubEnv("NODE_OPTIONS", `--import ${blocker.href}`);
    const stop = new AbortController();
    await using directory = await temporaryDirectory();
    const runtime = await chosenIn(directory.path, stop.signal);
    expect(runtime.name).toBe(name);
    const tried = inferenceProcesses();
    expect(tried).toHaveLength(1);
    const model = await loadable(join(directory.path, "m.onnx"), doubling);
    {
      await using first = await runtime.start(model, stop.signal);
      expect(inferenceProcesses()).toEqual(tried);
      await using second = await runtime.start(model, stop.signal);
      expect(inferenceProcesses()).toHaveLength(2);
      for (const worker of [first, second])
        expect((await worker.infer(x(21), stop.signal)).map(numbersOf)).toEqual([[42]]);
    }
    await noneLeft();
  });

  it("ends when the agent stops before a model has started", async () => {
    const stop = new AbortController();
    await using directory = await temporaryDirectory();
    await chosenIn(directory.path, stop.signal);
    expect(inferenceProcesses()).toHaveLength(1);
    stop.abort();
    await noneLeft();
  });

  it("ends with a model that cannot be loaded; the next one gets its own", async () => {
    const stop = new AbortController();
    await using directory = await temporaryDirectory();
    const runtime = await chosenIn(directory.path, stop.signal);
    const tried = inferenceProcesses();
    const broken = await loadable(join(directory.path, "broken.onnx"), doubling);
    await writeFile(broken.location, "<html>not found</html>");
    await expect(runtime.start(broken, stop.signal)).rejects.toThrow(/cannot be loaded: .*protobuf/i);
    await noneLeft();
    const model = await loadable(join(directory.path, "m.onnx"), doubling);
    await using worker = await runtime.start(model, stop.signal);
    expect((await worker.infer(x(1), stop.signal)).map(numbersOf)).toEqual([[2]]);
    expect(inferenceProcesses()).not.toEqual(tried);
  });

  it("is not missed when it has died meanwhile", async () => {
    const stop = new AbortController();
    await using directory = await temporaryDirectory();
    const runtime = await chosenIn(directory.path, stop.signal);
    for (const pid of inferenceProcesses()) process.kill(pid, "SIGKILL");
    await noneLeft();
    const model = await loadable(join(directory.path, "m.onnx"), doubling);
    await using worker = await runtime.start(model, stop.signal);
    expect((await worker.infer(x(1), stop.signal)).map(numbersOf)).toEqual([[2]]);
  });
});
