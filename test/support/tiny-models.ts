import { writeFile } from "node:fs/promises";
import { graphAttribute, intAttribute, modelOf, node, tensorValue } from "../../control-plane/packaging/onnx/build.ts";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import type { GraphProto } from "../../control-plane/packaging/onnx/model.ts";
import { onnxMessage } from "../../control-plane/packaging/onnx/schema.ts";
import { rawTensor } from "../../control-plane/packaging/onnx/tensor.ts";
import type { LoadableModel } from "../../edge-agent/core/ports.ts";
import type { Tensor } from "../../proto/tensors.ts";
import { aModel, digestOf } from "./messages.ts";

/** Real ONNX files of a few hundred bytes, for the agent's tests: each takes "x" and gives "y", both float32 of shape [1]. */

/** y = x + x. */
export const doubling: Partial<GraphProto> = { node: [node("Add", ["x", "x"], ["y"])] };

/** A Loop whose condition stays true and whose number of turns is absent: it never ends. */
export const endless: Partial<GraphProto> = {
  node: [
    node(
      "Loop",
      ["", "go", "x"],
      ["y"],
      [
        graphAttribute(
          "body",
          onnxMessage("Graph", {
            name: "body",
            node: [node("Identity", ["go.in"], ["go.out"]), node("Identity", ["v.in"], ["v.out"])],
            input: [
              tensorValue("i", "int64", []),
              tensorValue("go.in", "bool", []),
              tensorValue("v.in", "float32", [1]),
            ],
            output: [tensorValue("go.out", "bool", []), tensorValue("v.out", "float32", [1])],
          }),
        ),
      ],
    ),
  ],
  initializer: [rawTensor("go", [], "bool", Uint8Array.of(1))],
};

/** Takes eight gigabytes, and as much again for the sum. */
export const memoryEating: Partial<GraphProto> = {
  node: [node("ConstantOfShape", ["shape"], ["c"]), node("Add", ["x", "c"], ["y"])],
  initializer: [rawTensor("shape", [1], "int64", BigInt64Array.of(2_000_000_000n))],
  output: [tensorValue("y", "float32", ["n"])],
};

/** y = the largest of 50 million copies of x: 200 MB for the time of a run. */
export const roomy: Partial<GraphProto> = {
  node: [
    node("Expand", ["x", "shape"], ["copies"]),
    node("ReduceMax", ["copies"], ["y"], [intAttribute("keepdims", 1)]),
  ],
  initializer: [rawTensor("shape", [1], "int64", BigInt64Array.of(50_000_000n))],
};

export function modelBytes(graph: Partial<GraphProto>): Uint8Array {
  const ends = { input: [tensorValue("x", "float32", [1])], output: [tensorValue("y", "float32", [1])] };
  return encodeModel(modelOf(onnxMessage("Graph", { name: "test", ...ends, ...graph }), "sedge-test"));
}

export async function loadable(
  path: string,
  graph: Partial<GraphProto>,
  overrides: Partial<LoadableModel> = {},
): Promise<LoadableModel> {
  await writeFile(path, modelBytes(graph));
  return loadableAs({ location: path, ...overrides });
}

export function loadableAs(overrides: Partial<LoadableModel> = {}): LoadableModel {
  return {
    model: aModel,
    location: digestOf(1),
    file: digestOf(1),
    inputs: [{ name: "x", dataType: "float32", shape: [1] }],
    outputs: [{ name: "y", dataType: "float32", shape: [1] }],
    maxInferenceMs: 30_000,
    ...overrides,
  };
}

export function x(value: number): Tensor[] {
  return [{ name: "x", dataType: "float32", dims: [1], rawData: new Uint8Array(Float32Array.of(value).buffer) }];
}

export function numbersOf(tensor: Tensor | undefined): number[] {
  return tensor === undefined ? [] : [...new Float32Array(tensor.rawData.slice().buffer)];
}
