import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, Agent as HttpAgent, request } from "node:http";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";

import { connect } from "../../edge-agent/client/agent-client.ts";
import { startLocalHttp } from "../../edge-agent/daemon/local-http.ts";
import { onnxRuntimeInChild } from "../../edge-agent/adapters/node/onnxruntime-child.ts";
import { systemClock } from "../../edge-agent/adapters/node/system-clock.ts";
import { InferenceService } from "../../edge-agent/core/inference-service.ts";
import type { LoadedPackage } from "../../edge-agent/core/package-store.ts";
import type { Manifest } from "../../proto/manifest.ts";
import type { Tensor } from "../../proto/tensors.ts";
import { seconds } from "../../proto/units.ts";
import type { BenchModel } from "../fixtures/make-bench-models.ts";
import { fastBenchModel, largeBenchModel, slowBenchModel } from "../fixtures/make-bench-models.ts";
import { agentOver } from "../support/served-model.ts";
import { aManifest } from "../support/manifests.ts";
import { packageForBench } from "./bench-package.ts";
import type { Conditions } from "./conditions.ts";
import { memoryOf, quantile, round } from "./conditions.ts";
import { startControlPlaneProcess } from "./control-plane-process.ts";
import type { BenchResult } from "./main.ts";
import { noSampling } from "../support/no-sampling.ts";

const rounds = { fast: 3_000, large: 1_000, slow: 300 };
const warmUp = 50;

/**
 * One inference through the agent (child process, queue, input check, counting), and through the library for applications over a
 * socket file, against the same session called directly; and a bare HTTP server of Node that gives a body of the same size no
 * work. All are measured in turns within one run, so that a busy moment of the machine meets all.
 */
export async function benchAgentOverhead(conditions: Conditions, signal: AbortSignal): Promise<BenchResult> {
  const directory = await mkdtemp(join(tmpdir(), "sedge-bench-agent-"));
  try {
    const rows = [
      await compare("0.1 ms model", fastBenchModel(), rounds.fast, directory, signal),
      await compare("largest of 600 KB", largeBenchModel(), rounds.large, directory, signal),
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
    sampling: noSampling,
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
  const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const socket = join(directory, "agent.sock");
  const agent = agentOver(service, manifest);
  await using _http = await startLocalHttp({
    endpoints: [{ socket }],
    agent,
    agentVersion: "bench",
    clock: systemClock,
    log,
  });
  using client = connect({ socket });
  const application = client.model(manifest.model);
  await using bare = await bareHttp(join(directory, "bare.sock"));
  const ways = {
    direct: () => direct.run({ [model.input.name]: new OrtTensor("float32", values, model.input.dims) }),
    agent: () => service.infer(manifest.model, [input], signal),
    library: () => application.infer({ [model.input.name]: { data: values, dims: model.input.dims } }),
    "bare HTTP": () => bare.ask(input.rawData),
  };
  const times = Object.fromEntries(Object.keys(ways).map((way) => [way, [] as number[]]));
  for (let i = -warmUp; i < count; i++)
    for (const [way, ask] of Object.entries(ways)) {
      const began = performance.now();
      await ask();
      if (i >= 0) times[way]?.push(performance.now() - began);
    }
  await direct.release();
  const figure = (way: keyof typeof ways, share: number) => quantile(times[way] ?? [], share);
  const row: Record<string, string | number> = { model: name, "payload bytes": values.byteLength };
  for (const [label, share] of [
    ["p50", 0.5],
    ["p99", 0.99],
  ] as const) {
    const base = figure("direct", share);
    row[`direct ${label}`] = round(base, 3);
    row[`added by agent ${label}`] = round(figure("agent", share) - base, 3);
    row[`added with library ${label}`] = round(figure("library", share) - base, 3);
    row[`bare HTTP ${label}`] = round(figure("bare HTTP", share), 3);
  }
  return row;
}

/** What Node's own HTTP server and client take for a body over a socket file that nobody looks at. */
async function bareHttp(socketPath: string) {
  const server = createServer((asked, response) => asked.resume().once("end", () => response.end("{}")));
  server.listen(socketPath);
  await once(server, "listening");
  const agent = new HttpAgent({ keepAlive: true });
  return {
    ask: (body: Uint8Array) =>
      new Promise<void>((resolve, reject) => {
        const headers = { host: "localhost", "content-length": body.length };
        const sent = request({ socketPath, agent, method: "POST", headers }, (response) =>
          response.resume().once("end", () => resolve()),
        );
        sent.once("error", reject);
        sent.end(body);
      }),
    async [Symbol.asyncDispose]() {
      agent.destroy();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
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
