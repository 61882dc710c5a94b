import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";

import { onnxRuntimeInChild } from "../../edge-agent/adapters/node/onnxruntime-child.ts";
import { systemClock } from "../../edge-agent/adapters/node/system-clock.ts";
import { InferenceService } from "../../edge-agent/core/inference-service.ts";
import type { LoadedPackage } from "../../edge-agent/core/package-store.ts";
import type { Manifest } from "../../proto/manifest.ts";
import type { Tensor } from "../../proto/messages.ts";
import { seconds } from "../../proto/units.ts";
import type { BenchModel } from "../fixtures/make-bench-models.ts";
import { fastBenchModel, slowBenchModel } from "../fixtures/make-bench-models.ts";
import { aManifest } from "../support/manifests.ts";
import { packageForBench } from "./bench-package.ts";
import type { Conditions } from "./conditions.ts";
import { memoryOf, quantile, round } from "./conditions.ts";
import { startControlPlaneProcess } from "./control-plane-process.ts";
import type { BenchResult } from "./main.ts";

const rounds = { fast: 3_000, slow: 300 };
const warmUp = 50;

/**
 * One inference through the agent (child process, input check, counting) against the same session called directly. Both are
 * measured in turns within one run, so that a busy moment of the machine meets both.
 */
export async function benchAgentOverhead(conditions: Conditions, signal: AbortSignal): Promise<BenchResult> {
  const directory = await mkdtemp(join(tmpdir(), "sedge-bench-agent-"));
  try {
    const rows = [
      await compare("0.1 ms model", fastBenchModel(), rounds.fast, directory, signal),
      await compare("10 ms model", slowBenchModel(), rounds.slow, directory, signal),
      await memoryOfDaemon(directory, signal),
    ];
    return {
      name: "agent-overhead",
      conditions,
      rows,
      notes: [
        "times in ms; the direct session runs in the measuring process, with the same options: one thread, no spinning",
      ],
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function compare(
  name: string,
  model: BenchModel,
  count: number,
  directory: string,
  signal: AbortSignal,
): Promise<Record<string, string | number>> {
  const file = join(directory, "model.onnx");
  await writeFile(file, model.bytes);
  const length = model.input.dims.reduce((product, dim) => product * dim, 1);
  const values = Float32Array.from({ length }, (_, i) => Math.sin(i));
  const direct = await InferenceSession.create(file, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  const loaded = packageOf(model);
  await using service = new InferenceService({
    clock: systemClock,
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    onWindow: () => undefined,
    onStopped: () => undefined,
    onChange: () => undefined,
  });
  const { manifest, variant } = loaded;
  const worker = await onnxRuntimeInChild().start(
    {
      model: manifest.model,
      location: file,
      file: variant.file.digest,
      inputs: manifest.inputs,
      outputs: manifest.outputs,
      maxInferenceMs: seconds(10),
    },
    signal,
  );
  service.activate(loaded, worker);
  const input: Tensor = {
    name: model.input.name,
    dataType: "float32",
    dims: model.input.dims,
    rawData: new Uint8Array(values.buffer),
  };
  const directMs: number[] = [];
  const agentMs: number[] = [];
  for (let i = -warmUp; i < count; i++) {
    const began = performance.now();
    await direct.run({ [model.input.name]: new OrtTensor("float32", values, model.input.dims) });
    const between = performance.now();
    await service.infer(manifest.model, [input], signal);
    const ended = performance.now();
    if (i < 0) continue;
    directMs.push(between - began);
    agentMs.push(ended - between);
  }
  await direct.release();
  const [directP50, directP99] = [quantile(directMs, 0.5), quantile(directMs, 0.99)];
  const [agentP50, agentP99] = [quantile(agentMs, 0.5), quantile(agentMs, 0.99)];
  return {
    model: name,
    "payload bytes": values.byteLength,
    "direct p50": round(directP50, 3),
    "agent p50": round(agentP50, 3),
    "added p50": round(agentP50 - directP50, 3),
    "direct p99": round(directP99, 3),
    "agent p99": round(agentP99, 3),
    "added p99": round(agentP99 - directP99, 3),
    "ratio p50": round(agentP50 / directP50, 2),
  };
}

function packageOf(model: BenchModel): LoadedPackage {
  const shape = ["batch", ...model.input.dims.slice(1)];
  const base = aManifest();
  const manifest: Manifest = {
    ...base,
    inputs: [{ name: model.input.name, dataType: "float32", shape }],
    outputs: [{ name: model.output, dataType: "float32", shape: ["batch", 10] }],
    features: [{ kind: "mean", name: "brightness", input: model.input.name }],
    interpretation: {
      kind: "classification",
      output: model.output,
      scores: "logits",
      labels: Array.from({ length: 10 }, (_, digit) => String(digit)),
    },
    reference: {
      ...base.reference,
      streams: base.reference.streams.map((stream) =>
        stream.kind === "categorical"
          ? {
              ...stream,
              categories: Array.from({ length: 10 }, (_, digit) => String(digit)),
              counts: Array(10).fill(1),
            }
          : stream,
      ),
    },
  };
  const variant = manifest.variants[0];
  if (variant === undefined) throw new Error("the sample manifest has a variant");
  const slot = {
    version: manifest.version,
    package: variant.file.digest,
    variant: variant.id,
    file: variant.file.digest,
  };
  return { slot, manifest, variant };
}

const agentEntry = fileURLToPath(new URL("../../dist/edge-agent/daemon/main.js", import.meta.url));

/** Node's options as the installed program has them. */
function shebangOptions(): string[] {
  const [line = ""] = readFileSync(agentEntry, "utf8").split("\n");
  return line.split(" ").filter((word) => word.startsWith("--"));
}

/** The built daemon with the small digits model, at rest, and its inference child. */
async function memoryOfDaemon(directory: string, signal: AbortSignal): Promise<Record<string, string | number>> {
  await using server = await startControlPlaneProcess([], signal);
  await packageForBench(server.api, 1, signal);
  const data = join(directory, "agent");
  const { token } = await server.api.createEnrolmentToken({ labels: {} });
  await run(["enrol", "--server", server.api.server, "--token", token, "--id", "bench-agent", "--data", data]);
  const config = join(directory, "agent.yaml");
  await writeFile(config, "http: { host: 127.0.0.1, port: 0 }\n");
  const agent = spawn(process.execPath, [...shebangOptions(), agentEntry, "run", "--data", data, "--config", config], {
    stdio: "ignore",
  });
  const exited = once(agent, "exit");
  try {
    await server.api.startRollout({
      model: "bench",
      version: "1",
      selector: "all",
      stages: [{ name: "everyone", percent: 100 }],
      soak: { durationMs: seconds(1), minInferences: 0, deadlineMs: seconds(1), maxErrorShare: 0.5 },
    });
    while ((await server.api.devices())[0]?.reported?.models[0]?.active === undefined)
      await delay(200, undefined, { signal });
    await delay(seconds(5), undefined, { signal });
    const pid = agent.pid ?? 0;
    const child = Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
    const daemon = memoryOf(pid);
    const inference = memoryOf(child);
    const sharedOnce = Math.min(daemon.sharedMiB, inference.sharedMiB);
    return {
      memory: "MiB at rest",
      "daemon resident": round(daemon.residentMiB),
      "child resident": round(inference.residentMiB),
      "both, shared pages once": round(daemon.residentMiB + inference.residentMiB - sharedOnce),
    };
  } finally {
    agent.kill("SIGTERM");
    await exited;
  }
}

async function run(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [agentEntry, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`sedge-agent ${args[0] ?? ""} ended with exit code ${String(code)}`);
}
