import { setMaxListeners } from "node:events";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { onnxRuntimeInChild } from "../../edge-agent/adapters/node/onnxruntime-child.ts";
import { systemClock } from "../../edge-agent/adapters/node/system-clock.ts";
import { InferenceService } from "../../edge-agent/core/inference-service.ts";
import type { LoadedPackage } from "../../edge-agent/core/package-store.ts";
import type { InferenceWorker } from "../../edge-agent/core/ports.ts";
import type { Manifest } from "../../proto/manifest.ts";
import type { Tensor } from "../../proto/tensors.ts";
import { digitsDirectory, readHeldOutDigits } from "../fixtures/read-digits.ts";
import { silentLog } from "../support/agent-world.ts";
import { aManifest } from "../support/manifests.ts";
import { digestOf } from "../support/messages.ts";
import { noSampling } from "../support/no-sampling.ts";

const signal = new AbortController().signal;
setMaxListeners(0, signal);

/** The digits model in a real inference process, with the runs that it is asked for. */
async function servedDigits(file: string, overrides: Partial<Manifest>) {
  const manifest = aManifest({
    inputs: [{ name: "image", dataType: "float32", shape: ["batch", 1, 28, 28] }],
    outputs: [{ name: "logits", dataType: "float32", shape: ["batch", 10] }],
    features: [],
    interpretation: { kind: "regression", output: "logits" },
    reference: { rows: 0, streams: [] },
    maxInferenceMs: 60_000,
    ...overrides,
  });
  const { model, inputs, outputs, maxInferenceMs, version } = manifest;
  const location = fileURLToPath(new URL(file, digitsDirectory));
  const real = await onnxRuntimeInChild().start(
    { model, location, file: digestOf(1), inputs, outputs, maxInferenceMs },
    signal,
  );
  const runs: number[] = [];
  const worker: InferenceWorker = {
    stopped: real.stopped,
    infer(given, until) {
      runs.push(given[0]?.dims[0] ?? 0);
      return real.infer(given, until);
    },
    memoryBytes: () => real.memoryBytes(),
    [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
  };
  const service = new InferenceService({
    clock: systemClock,
    log: silentLog,
    sampling: noSampling,
    onWindow: () => undefined,
    onStopped: () => undefined,
    onChange: () => undefined,
  });
  const variant = manifest.variants[0] as LoadedPackage["variant"];
  service.activate(
    { manifest, variant, slot: { version, package: digestOf(1), variant: variant.id, file: digestOf(1) } },
    worker,
  );
  return {
    runs,
    async logitsOf(image: Tensor): Promise<Float32Array> {
      const { outputs: found } = await service.infer(model, [image], signal);
      return new Float32Array(new Uint8Array(found[0]?.rawData ?? []).buffer);
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

function images(count: number): readonly Tensor[] {
  return readHeldOutDigits()
    .slice(0, count)
    .map(({ pixels }) => {
      const values = Float32Array.from(pixels, (value) => value / 255);
      return { name: "image", dataType: "float32", dims: [1, 1, 28, 28], rawData: new Uint8Array(values.buffer) };
    });
}

describe("sixty cameras that ask a real model at once", () => {
  it.each(["digits-1.onnx", "digits-2-int8.onnx"])(
    "get from %s what each would get alone, in fewer runs",
    async (file) => {
      await using together = await servedDigits(file, {
        dimensions: [{ name: "batch", min: 1, max: 16, typical: 1 }],
      });
      await using alone = await servedDigits(file, {});
      const cameras = images(60);
      const answers = await Promise.all(cameras.map((image) => together.logitsOf(image)));
      for (const [i, image] of cameras.entries()) {
        const expected = await alone.logitsOf(image);
        const answer = answers[i] as Float32Array;
        for (const [k, logit] of expected.entries()) expect(Math.abs((answer[k] as number) - logit)).toBeLessThan(1e-4);
      }
      expect(alone.runs).toEqual(cameras.map(() => 1));
      expect(together.runs.length).toBeLessThan(15);
      expect(Math.max(...together.runs)).toBe(16);
      expect(together.runs.reduce((sum, rows) => sum + rows, 0)).toBe(60);
    },
  );
});
