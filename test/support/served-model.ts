import { join } from "node:path";
import { onnxRuntimeInChild } from "../../edge-agent/adapters/node/onnxruntime-child.ts";
import { systemClock } from "../../edge-agent/adapters/node/system-clock.ts";
import { InferenceService } from "../../edge-agent/core/inference-service.ts";
import type { LoadedPackage } from "../../edge-agent/core/package-store.ts";
import type { LocalHttpAgent } from "../../edge-agent/daemon/local-agent.ts";
import type { GraphProto } from "../../control-plane/packaging/onnx/model.ts";
import type { Manifest } from "../../proto/manifest.ts";
import type { Window } from "../../proto/telemetry-messages.ts";
import { silentLog } from "./agent-world.ts";
import { aManifest } from "./manifests.ts";
import { until } from "./end-to-end-waiting.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { loadable } from "./tiny-models.ts";
import { scriptedLocalAgent } from "./scripted-local-agent.ts";
import { noSampling } from "./no-sampling.ts";

export interface ServedModelOptions {
  readonly graph: Partial<GraphProto>;
  readonly manifest?: Partial<Manifest>;
  readonly maxInferenceMs?: number;
  readonly queueCapacity?: number;
}

export interface ServedModelAgent extends AsyncDisposable {
  readonly agent: LocalHttpAgent;
  readonly manifest: Manifest;
  /** Closes the window under way; answers all that were closed. */
  readonly windows: () => readonly Window[];
  /** Resolves when so many requests have come to the agent since it began. */
  readonly untilAsked: (times: number) => Promise<void>;
}

/** A real model in a real inference process, served by the agent's own inference service without a control plane. */
export async function servedModel(options: ServedModelOptions): Promise<ServedModelAgent> {
  const one = [{ name: "x", dataType: "float32", shape: [1] }] as const;
  const manifest = aManifest({
    inputs: one,
    outputs: [{ name: "y", dataType: "float32", shape: [1] }],
    features: [],
    interpretation: { kind: "regression", output: "y" },
    reference: { rows: 0, streams: [] },
    ...options.manifest,
  });
  const { inputs, outputs, version } = manifest;
  const directory = await temporaryDirectory();
  const windows: Window[] = [];
  const service = new InferenceService({
    clock: systemClock,
    log: silentLog,
    ...(options.queueCapacity !== undefined && { queueCapacity: options.queueCapacity }),
    sampling: noSampling,
    onWindow: (window) => windows.push(window),
    onStopped: () => undefined,
    onChange: () => undefined,
  });
  const { maxInferenceMs = 30_000 } = options;
  const model = await loadable(join(directory.path, "m.onnx"), options.graph, { inputs, outputs, maxInferenceMs });
  const worker = await onnxRuntimeInChild().start(model, new AbortController().signal);
  const [variant] = manifest.variants as readonly [LoadedPackage["variant"]];
  const slot = { version, package: variant.file.digest, variant: variant.id, file: variant.file.digest };
  service.activate({ manifest, variant, slot }, worker);
  const agent = agentOver(service, manifest);
  let asked = 0;
  return {
    manifest,
    untilAsked: (times) => until(`${times} requests have come`, () => asked >= times),
    windows() {
      service.closeWindows();
      return windows;
    },
    agent: {
      ...agent,
      infer(...call) {
        asked++;
        return agent.infer(...call);
      },
    },
    async [Symbol.asyncDispose]() {
      // What still runs is not waited for: some test models never end.
      await worker[Symbol.asyncDispose]();
      await service[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

/** The service as the daemon's ways in see it. */
export function agentOver(service: InferenceService, manifest: Manifest): LocalHttpAgent {
  return {
    ...scriptedLocalAgent(manifest, () => Promise.reject(new Error("the service answers"))),
    infer: (name, tensors, signal, call) => service.infer(name, tensors, signal, call),
    statistics: () => service.statistics(manifest.model, [manifest.version]),
    takeFeedback: (name, id, truth) => service.takeFeedback(name, id, truth),
  };
}
