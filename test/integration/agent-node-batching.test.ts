import { setMaxListeners } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { intAttribute, intsAttribute, node } from "../../control-plane/packaging/onnx/build.ts";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import type { NodeProto } from "../../control-plane/packaging/onnx/model.ts";
import { onnxRuntimeInChild } from "../../edge-agent/adapters/node/onnxruntime-child.ts";
import { systemClock } from "../../edge-agent/adapters/node/system-clock.ts";
import { InferenceService } from "../../edge-agent/core/inference-service.ts";
import { proveJoining } from "../../edge-agent/core/joining-proof.ts";
import type { LoadedPackage } from "../../edge-agent/core/package-store.ts";
import type { InferenceWorker } from "../../edge-agent/core/ports.ts";
import type { Manifest } from "../../proto/manifest.ts";
import type { Tensor } from "../../proto/tensors.ts";
import { digitsDirectory, readHeldOutDigits } from "../fixtures/read-digits.ts";
import { silentLog } from "../support/agent-world.ts";
import { aManifest } from "../support/manifests.ts";
import { digestOf } from "../support/messages.ts";
import { noSampling } from "../support/no-sampling.ts";
import { smallModel } from "../support/small-models.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const signal = new AbortController().signal;
setMaxListeners(0, signal);

interface Served {
  readonly location: string;
  readonly manifest: Manifest;
  readonly golden: readonly (readonly Tensor[])[];
}

/** A real model in a real inference process that has shown what it must, with the runs that it is asked for from then on. */
async function served({ location, manifest, golden }: Served) {
  const { model, inputs, outputs, maxInferenceMs, version } = manifest;
  const real = await onnxRuntimeInChild().start(
    { model, location, file: digestOf(1), inputs, outputs, maxInferenceMs },
    signal,
  );
  const variant = manifest.variants[0] as LoadedPackage["variant"];
  const cases = golden.map((given) => ({ inputs: given, outputs: [] }));
  const { joining } = await proveJoining(real, { cases }, { manifest, variant }, systemClock, signal);
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
  service.activate(
    { manifest, variant, joining, slot: { version, package: digestOf(1), variant: variant.id, file: digestOf(1) } },
    worker,
  );
  return {
    joining,
    runs,
    async answerTo(input: Tensor): Promise<Float32Array> {
      const { outputs: found } = await service.infer(model, [input], signal);
      return new Float32Array(new Uint8Array(found[0]?.rawData ?? []).buffer);
    },
    [Symbol.asyncDispose]: () => service[Symbol.asyncDispose](),
  };
}

const rowsTo16 = [{ name: "batch", min: 1, max: 16, typical: 1 }];

function servedDigits(file: string, overrides: Partial<Manifest>) {
  const manifest = aManifest({
    inputs: [{ name: "image", dataType: "float32", shape: ["batch", 1, 28, 28] }],
    outputs: [{ name: "logits", dataType: "float32", shape: ["batch", 10] }],
    features: [],
    interpretation: { kind: "regression", output: "logits" },
    reference: { rows: 0, streams: [] },
    maxInferenceMs: 60_000,
    ...overrides,
  });
  const golden = images(70)
    .slice(60)
    .map((image) => [image]);
  return served({ location: fileURLToPath(new URL(file, digitsDirectory)), manifest, golden });
}

/** Four numbers in and four out, by the nodes between "x" and "y". */
async function servedNodes(nodes: readonly NodeProto[], directory: string) {
  const shape = ["batch", 4] as const;
  const location = join(directory, "model.onnx");
  await writeFile(location, encodeModel(smallModel({ nodes, inputs: { x: shape }, outputs: { y: shape } })));
  const manifest = aManifest({
    inputs: [{ name: "x", dataType: "float32", shape }],
    outputs: [{ name: "y", dataType: "float32", shape }],
    dimensions: rowsTo16,
    features: [],
    interpretation: { kind: "regression", output: "y" },
    reference: { rows: 0, streams: [] },
    maxInferenceMs: 60_000,
  });
  return await served({ location, manifest, golden: [[x(1)]] });
}

function x(first: number): Tensor {
  const values = Float32Array.of(first, first + 1, first + 2, first + 4);
  return { name: "x", dataType: "float32", dims: [1, 4], rawData: new Uint8Array(values.buffer) };
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
        dimensions: rowsTo16,
      });
      await using alone = await servedDigits(file, {});
      const cameras = images(60);
      const answers = await Promise.all(cameras.map((image) => together.answerTo(image)));
      for (const [i, image] of cameras.entries()) {
        const expected = await alone.answerTo(image);
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

describe("a model whose rows depend on each other, though its manifest allows sixteen", () => {
  it.each<readonly [string, readonly NodeProto[]]>([
    [
      "by the mean of the batch",
      [node("ReduceMean", ["x"], ["mean"], [intsAttribute("axes", [0])]), node("Sub", ["x", "mean"], ["y"])],
    ],
    [
      "by what came before",
      [node("Constant", [], ["axis"], [intAttribute("value_int", 0)]), node("CumSum", ["x", "axis"], ["y"])],
    ],
    ["by the largest of the batch", [node("Softmax", ["x"], ["y"], [intAttribute("axis", 0)])]],
  ])("%s, is found out by its one golden row, and answers everybody as if alone", async (_what, nodes) => {
    await using directory = await temporaryDirectory();
    await using model = await servedNodes(nodes, directory.path);
    expect(model.joining).toMatchObject({ kind: "off", reason: expect.stringContaining("is not what it is alone") });
    const asked = Array.from({ length: 20 }, (_, i) => x(i * i));
    const together = await Promise.all(asked.map((input) => model.answerTo(input)));
    for (const [i, input] of asked.entries()) expect(together[i]).toEqual(await model.answerTo(input));
    expect(Math.max(...model.runs)).toBe(1);
  });

  it("is told from one whose rows are independent", async () => {
    await using directory = await temporaryDirectory();
    await using model = await servedNodes([node("Softmax", ["x"], ["y"], [intAttribute("axis", 1)])], directory.path);
    expect(model.joining).toEqual({ kind: "proved", rows: 16 });
  });
});
