import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";

import { onnxRuntimeInChild } from "../../../edge-agent/adapters/node/onnxruntime-child.ts";
import { systemClock } from "../../../edge-agent/adapters/node/system-clock.ts";
import { connect } from "../../../edge-agent/client/agent-client.ts";
import { InferenceService } from "../../../edge-agent/core/inference-service.ts";
import type { Manifest } from "../../../proto/manifest.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import { seconds } from "../../../proto/units.ts";
import { seededRandom } from "../../fixtures/training/seeded-random.ts";
import { silentLog } from "../../support/agent-world.ts";
import { noSampling } from "../../support/no-sampling.ts";
import { quantile, round } from "../conditions.ts";
import type { BenchDevice } from "./device.ts";
import type { Row } from "./memory.ts";
import { binaryRequest, HttpStream } from "./http-stream.ts";
import type { BenchModelVersion } from "./packages.ts";
import { startBareServer } from "./bare-server.ts";

const warmUpTurns = 20;
const inARow = 10;

/**
 * Inferences on each way to the model, ten in a row on each in turns, against the same session called directly in the measuring
 * process: what the way adds. The order is another one in each turn: whoever asks a daemon that was asked just before finds it with
 * warm caches, and is 0.1 ms faster for it on a processor that others use too. What the first of a row takes stands apart: that is
 * what an application sees that asks now and then.
 *
 * The port and the socket file belong to the daemon, and are asked over a bare connection; the library is what applications use, its
 * own work included; the core is the agent's inference service without HTTP, in the measuring process; the bare servers are Node's
 * own HTTP server in a process of its own, which takes the same body and gives it no work: the floor of what goes over HTTP.
 */
export async function measureLatency(
  device: BenchDevice,
  { input, manifest }: BenchModelVersion,
  file: string,
  turns: number,
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
  await using bareSocket = await startBareServer({ path: `${file}.bare.sock` });
  using overBareSocket = await HttpStream.open(bareSocket.at);
  await using barePort = await startBareServer({ host: "127.0.0.1", port: 0 });
  using overBarePort = await HttpStream.open(barePort.at);
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
    "bare HTTP server on a port, no work": () => asked(overBarePort),
    "bare HTTP server on a socket file, no work": () => asked(overBareSocket),
  };
  const measured = Object.entries(ways).map(([way, ask]) => ({ way, ask, first: [] as number[], all: [] as number[] }));
  const random = seededRandom(1);
  for (let turn = -warmUpTurns; turn < turns; turn++) {
    signal.throwIfAborted();
    for (const next of random.permutation(measured.length)) {
      const { ask, first, all } = measured[next] as (typeof measured)[number];
      for (let i = 0; i < inARow; i++) {
        const began = performance.now();
        await ask();
        const took = performance.now() - began;
        if (turn < 0) continue;
        all.push(took);
        if (i === 0) first.push(took);
      }
    }
  }
  await session.release();
  const [direct] = measured as [(typeof measured)[number]];
  return measured.map(({ way, first, all }) => ({
    latency: way,
    "payload bytes": values.byteLength,
    "p50 ms": round(quantile(all, 0.5), 3),
    "p99 ms": round(quantile(all, 0.99), 3),
    "first of ten p50 ms": round(quantile(first, 0.5), 3),
    ...(way !== direct.way && {
      "added p50 ms": round(quantile(all, 0.5) - quantile(direct.all, 0.5), 3),
      "added p99 ms": round(quantile(all, 0.99) - quantile(direct.all, 0.99), 3),
      "first of ten added p50 ms": round(quantile(first, 0.5) - quantile(direct.first, 0.5), 3),
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
