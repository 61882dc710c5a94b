import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { systemClock } from "../../edge-agent/adapters/node/system-clock.ts";
import { InferenceError } from "../../edge-agent/core/ports.ts";
import { runDirectoryInput } from "../../edge-agent/daemon/directory-input.ts";
import { runGenerator } from "../../edge-agent/daemon/generator-input.ts";
import type { Tensor } from "../../proto/tensors.ts";
import { encodeNpy } from "../fixtures/encode-npy.ts";
import { patienceMs } from "../support/end-to-end-waiting.ts";
import { logLines } from "../support/log-lines.ts";
import { aManifest } from "../support/manifests.ts";
import { scriptedLocalAgent } from "../support/scripted-local-agent.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const manifest = aManifest({
  inputs: [{ name: "image", dataType: "float32", shape: ["batch", 1, 2] }],
});
const picture = encodeNpy([2], Uint8Array.of(51, 255));

type Answer = (inputs: readonly Tensor[]) => Promise<readonly Tensor[]>;

/** Runs the directory's input until `done` holds of the names in it. */
async function worked(
  path: string,
  answer: Answer,
  done: (names: readonly string[]) => boolean,
  of = manifest,
): Promise<string[]> {
  const stop = new AbortController();
  const running = runDirectoryInput(
    { model: of.model, path, agent: scriptedLocalAgent(of, answer), clock: systemClock, log: logLines() },
    stop.signal,
  );
  const deadline = Date.now() + patienceMs;
  let names: string[] = [];
  for (;;) {
    const found: string[] = await readdir(path, { recursive: true }).catch(() => []);
    names = found.toSorted();
    if (done(names)) break;
    if (Date.now() > deadline) throw new Error(`the directory did not get there: ${names.join(", ")}`);
    await systemClock.sleep(5, new AbortController().signal);
  }
  stop.abort();
  await running;
  return names;
}

describe("a directory of inputs", () => {
  it("is one sequence where the model keeps state", async () => {
    await using directory = await temporaryDirectory();
    const recurrent = aManifest({ ...manifest, state: [{ input: "h", output: "hN" }] });
    await writeFile(join(directory.path, "a.npy"), picture);
    const isDone = (found: readonly string[]) => found.includes("a.result.json") && !found.includes("a.npy");
    await worked(directory.path, async (inputs) => inputs, isDone, recurrent);
    expect(JSON.parse(await readFile(join(directory.path, "a.result.json"), "utf8"))).toMatchObject({
      parameters: { sequence_id: `directory ${directory.path}`, sequence_start: false, sequence_end: false },
    });
  });

  it("holds results where inputs were", async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, "a.npy"), picture);
    await writeFile(join(directory.path, "notes.txt"), "not an input");
    const request = { inputs: [{ name: "image", shape: [1, 1, 2], datatype: "FP32", data: [[[0.25, 1]]] }] };
    await writeFile(join(directory.path, "b.json.part"), JSON.stringify(request));
    await rename(join(directory.path, "b.json.part"), join(directory.path, "b.json"));

    const names = await worked(
      directory.path,
      async (inputs) => inputs,
      (found) => found.filter((name) => name.endsWith(".result.json")).length === 2 && found.length === 3,
    );
    expect(names).toEqual(["a.result.json", "b.json.result.json", "notes.txt"]);
    expect(JSON.parse(await readFile(join(directory.path, "a.result.json"), "utf8"))).toMatchObject({
      id: "a.npy",
      model_version: "2.0.0",
      outputs: [{ name: "image", shape: [1, 1, 2], data: [Math.fround(0.2), 1] }],
    });
  });

  it("puts aside what can never be answered, with the reason", async () => {
    await using directory = await temporaryDirectory();
    await writeFile(join(directory.path, "a.npy"), "garbage");
    await writeFile(join(directory.path, "b.json"), '{"inputs":[{"name":"x"}]}');
    await writeFile(join(directory.path, "c.npy"), picture);
    const refuse: Answer = () => Promise.reject(new InferenceError("input", "too dark"));
    await worked(directory.path, refuse, (names) => names.filter((name) => name.includes("reason")).length === 3);
    const reasonOf = (name: string) => readFile(join(directory.path, "rejected", `${name}.reason.txt`), "utf8");
    expect(await reasonOf("a.npy")).toBe("not a .npy file: write one with numpy.save\n");
    expect(await reasonOf("b.json")).toMatch(/inputs\[0\]\.shape/);
    expect(await reasonOf("c.npy")).toBe("too dark\n");
  });

  it("keeps what cannot be answered now", async () => {
    await using directory = await temporaryDirectory();
    await mkdir(directory.path, { recursive: true });
    await writeFile(join(directory.path, "a.npy"), picture);
    let asked = 0;
    const recovers: Answer = async (inputs) => {
      asked += 1;
      if (asked < 3) throw new InferenceError("worker-lost", "the process is gone");
      return inputs;
    };
    expect(await worked(directory.path, recovers, (names) => !names.includes("a.npy"))).toEqual(["a.result.json"]);
  });
});

describe("a generator", () => {
  it("replays every row as the model takes it, and goes on after failures", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "rows.npy");
    await writeFile(file, encodeNpy([3, 2], Uint8Array.of(0, 0, 51, 51, 255, 255)));
    const stop = new AbortController();
    const seen: number[] = [];
    const agent = scriptedLocalAgent(manifest, async ([input]) => {
      seen.push(new Float32Array((input as Tensor).rawData.slice().buffer)[0] ?? Number.NaN);
      if (seen.length === 6) stop.abort();
      if (seen.length === 2) throw new InferenceError("runtime", "once");
      return [];
    });
    const options = { model: manifest.model, file, ratePerSecond: 1_000, seed: 4, agent };
    await runGenerator({ ...options, clock: systemClock, log: logLines() }, stop.signal);
    expect(seen.slice(0, 3).toSorted((a, b) => a - b)).toEqual([0, Math.fround(0.2), 1]);
    expect(seen.slice(3)).toEqual(seen.slice(0, 3));
  });
});
