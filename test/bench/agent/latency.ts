import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";

import { onnxRuntimeInChild } from "../../../edge-agent/adapters/node/onnxruntime-child.ts";
import { systemClock } from "../../../edge-agent/adapters/node/system-clock.ts";
import { connect } from "../../../edge-agent/client/agent-client.ts";
import { InferenceService } from "../../../edge-agent/core/inference-service.ts";
import type { Manifest } from "../../../proto/manifest.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import { seconds } from "../../../proto/units.ts";
import { silentLog } from "../../support/agent-world.ts";
import { noSampling } from "../../support/no-sampling.ts";
import { quantile, round } from "../conditions.ts";
import type { BenchDevice } from "./device.ts";
import type { Row } from "./memory.ts";
import { binaryRequest, HttpStream } from "./http-stream.ts";
import type { BenchModelVersion } from "./packages.ts";
import { startBareServer } from "./bare-server.ts";

const warmUp = 200;

/**
 * One inference on each way to the model, in turns, against the same session called directly in the measuring process: what the
 * way adds. The port and the socket file belong to the daemon, and are asked over a bare connection; the library is what
 * applications use, its own work included; the core is the agent's inference service without HTTP, in the measuring process; the
 * bare server is Node's own HTTP server in a process of its own, which takes the same body and gives it no work.
 */
export async function measureLatency(
  device: BenchDevice,
  { input, manifest }: BenchModelVersion,
  file: string,
  rounds: number,
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const session = await InferenceSession.create(file, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  const { name, dims, values } = input;
  const tensor: Tensor = { name, dataType: "float32", dims, rawData: new Uint8Array(values.buffer) };
  await using core = await serve(manifest, file, signal);
  using library = connect({ socket: device.socket });
  const application = library.model(input.model);
  const request = binaryRequest(input);
  using overPort = await HttpStream.open({ host: "127.0.0.1", port: device.port });
  using overSocket = await HttpStream.open({ path: device.socket });
  await using bare = await startBareServer(`${file}.bare.sock`);
  using overBare = await HttpStream.open({ path: bare.socket });
  const asked = async (stream: HttpStream) => {
    const { status, text } = await stream.ask(request);
    if (status !== 200) throw new Error(`the answer was ${status}: ${text}`);
  };
  const ways = {
    direct: () => session.run({ [name]: new OrtTensor("float32", values, dims) }),
    "core without HTTP": () => core.infer(manifest.model, [tensor], signal),
    "HTTP on a port": () => asked(overPort),
    "HTTP on a socket file": () => asked(overSocket),
    "library on a socket file": () => application.infer({ [name]: { data: values, dims } }),
    "bare HTTP server, no work": () => asked(overBare),
  };
  const times = new Map(Object.keys(ways).map((way) => [way, [] as number[]]));
  for (let i = -warmUp; i < rounds; i++) {
    signal.throwIfAborted();
    for (const [way, ask] of Object.entries(ways)) {
      const began = performance.now();
      await ask();
      if (i >= 0) times.get(way)?.push(performance.now() - began);
    }
  }
  await session.release();
  const figure = (way: string, share: number) => quantile(times.get(way) ?? [], share);
  return Object.keys(ways).map((way) => ({
    latency: way,
    "payload bytes": values.byteLength,
    "p50 ms": round(figure(way, 0.5), 3),
    "p99 ms": round(figure(way, 0.99), 3),
    ...(way !== "direct" && {
      "added p50 ms": round(figure(way, 0.5) - figure("direct", 0.5), 3),
      "added p99 ms": round(figure(way, 0.99) - figure("direct", 0.99), 3),
    }),
  }));
}

async function serve(manifest: Manifest, location: string, signal: AbortSignal): Promise<InferenceService> {
  const [variant] = manifest.variants;
  if (variant === undefined) throw new Error("a package has a variant");
  const { model, version, inputs, outputs } = manifest;
  const { digest } = variant.file;
  const start = { model, location, file: digest, inputs, outputs, maxInferenceMs: seconds(10) };
  const worker = await onnxRuntimeInChild().start(start, signal);
  const service = new InferenceService({
    clock: systemClock,
    log: silentLog,
    sampling: noSampling,
    onWindow: () => undefined,
    onStopped: () => undefined,
    onChange: () => undefined,
  });
  service.activate(
    { slot: { version, package: digest, variant: variant.id, file: digest }, manifest, variant },
    worker,
  );
  return service;
}
