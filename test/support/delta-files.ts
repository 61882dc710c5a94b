import { createDelta } from "../../control-plane/packaging/delta/create-delta.ts";
import { modelOf, node, tensorValue } from "../../control-plane/packaging/onnx/build.ts";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import { onnxMessage } from "../../control-plane/packaging/onnx/schema.ts";
import { rawTensor } from "../../control-plane/packaging/onnx/tensor.ts";
import type { DeltaSource } from "../../edge-agent/core/ports.ts";
import type { Digest } from "../../proto/ids.ts";
import { seededRandom } from "../fixtures/training/seeded-random.ts";
import { sha256Of } from "./packages.ts";

/** One float layer; `drift` is what a training step has moved its weights by. Files with different drifts resemble each other. */
export function aTrainedFile(drift: number, weights = 20_000): Uint8Array {
  const random = seededRandom(1);
  const values = Float32Array.from({ length: weights }, () => random.normal() * 0.05 + drift * random.normal());
  const graph = onnxMessage("Graph", {
    name: "trained",
    node: [node("MatMul", ["x", "w"], ["y"])],
    initializer: [rawTensor("w", [weights / 100, 100], "float32", values)],
    input: [tensorValue("x", "float32", ["batch", weights / 100])],
    output: [tensorValue("y", "float32", ["batch", 100])],
  });
  return encodeModel(modelOf(graph, "test"));
}

/** Makes a delta between any two files of `artifacts`, and puts it there. */
export function deltaSourceOver(artifacts: Map<Digest, Uint8Array>): DeltaSource {
  return {
    async find(base, target) {
      const [from, to] = [artifacts.get(base), artifacts.get(target)];
      if (from === undefined || to === undefined) return { kind: "none" };
      const { bytes } = createDelta(from, to);
      const digest = sha256Of(bytes);
      artifacts.set(digest, bytes);
      return { kind: "ready", file: { digest, size: bytes.length } };
    },
  };
}
