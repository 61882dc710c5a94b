import { describe, expect, it } from "vitest";
import {
  floatAttribute,
  intAttribute,
  intsAttribute,
  node,
} from "../../../../../control-plane/packaging/onnx/build.ts";
import type { GraphProto, TensorProto } from "../../../../../control-plane/packaging/onnx/model.ts";
import { onnxMessage } from "../../../../../control-plane/packaging/onnx/schema.ts";
import { dataTypeCode, rawTensor } from "../../../../../control-plane/packaging/onnx/tensor.ts";
import { exposeWeights, functionNotes } from "../../../../../control-plane/packaging/quantization/expose-weights.ts";
import { float16sOf } from "../../../../../control-plane/packaging/quantization/float16.ts";
import type { QuantizationMethod } from "../../../../../control-plane/packaging/quantization/quantization.ts";
import { quantizationMethods } from "../../../../../control-plane/packaging/quantization/quantization.ts";
import { quantizeModel } from "../../../../../control-plane/packaging/quantization/quantize-model.ts";
import { isWeight } from "../../../../../control-plane/packaging/quantization/weight-role.ts";
import { observeRanges } from "../../../../support/quantize-with-ranges.ts";
import { randomTensor, runOnnx } from "../../../../support/run-onnx.ts";
import type { SmallModel } from "../../../../support/small-models.ts";
import {
  initializersOf,
  nodesOf,
  quantizing,
  smallGraph,
  smallModel,
  weight,
} from "../../../../support/small-models.ts";

const exposed = (small: SmallModel): GraphProto => exposeWeights(smallGraph(small), isWeight).graph;
const toFloat32 = [intAttribute("to", dataTypeCode("float32"))];
const shape = rawTensor("shape", [2], "int64", BigInt64Array.of(16n, -1n));
const halves = (name: string): TensorProto =>
  rawTensor(name, [16, 16], "float16", float16sOf(Float32Array.from({ length: 256 }, (_, i) => (i % 7) / 8)));

const hidden: Readonly<Record<string, SmallModel>> = {
  "an Identity": {
    nodes: [node("Identity", ["w"], ["v"]), node("MatMul", ["x", "v"], ["y"])],
    weights: [weight("w", [16, 16])],
  },
  "a Transpose": {
    nodes: [node("Transpose", ["w"], ["v"]), node("MatMul", ["x", "v"], ["y"])],
    weights: [weight("w", [16, 16])],
  },
  "a Reshape": {
    nodes: [node("Reshape", ["w", "shape"], ["v"]), node("MatMul", ["x", "v"], ["y"])],
    weights: [weight("w", [256]), shape],
  },
  "a Cast": {
    nodes: [node("Cast", ["w"], ["v"], toFloat32), node("MatMul", ["x", "v"], ["y"])],
    weights: [halves("w")],
  },
  "one after the other": {
    nodes: [
      node("Cast", ["w"], ["c"], toFloat32),
      node("Reshape", ["c", "shape"], ["r"]),
      node("Transpose", ["r"], ["v"], [intsAttribute("perm", [1, 0])]),
      node("MatMul", ["x", "v"], ["y"]),
    ],
    weights: [halves("w"), shape],
  },
  "the factors of a Gemm": {
    nodes: [node("Gemm", ["x", "w", "b"], ["y"], [floatAttribute("alpha", 0.5), floatAttribute("beta", 2)])],
    weights: [weight("w", [16, 16]), weight("b", [16])],
  },
};

describe("functionNotes", () => {
  it("tells of nodes that call functions of the model, in which no layer is found", () => {
    const model = smallModel({ nodes: [node("Twice", ["x"], ["y"], [], "own"), node("Relu", ["x"], ["z"])] });
    expect(functionNotes(model)).toEqual([]);
    const twice = onnxMessage("Function", { name: "Twice", domain: "own", input: ["a"], output: ["b"] });
    expect(functionNotes({ ...model, functions: [twice] })).toEqual([
      expect.stringMatching(/^1 nodes call functions .*inline_local_functions/),
    ]);
  });
});

describe("exposeWeights", () => {
  it("turns a weight of any number of dimensions as ONNX does", async () => {
    const nodes = [
      node("Transpose", ["w"], ["v"], [intsAttribute("perm", [2, 0, 1])]),
      node("Reshape", ["v", "flat"], ["m"]),
      node("MatMul", ["x", "m"], ["y"]),
    ];
    const flat = rawTensor("flat", [2], "int64", BigInt64Array.of(0n, -1n));
    const small = { nodes, weights: [weight("w", [2, 3, 16]), flat], outputs: { y: [1, 6] } };
    const model = smallModel(small);
    const { graph } = exposeWeights(model.graph as GraphProto, isWeight);
    expect(nodesOf(graph)).toEqual(["MatMul(x, m) → y"]);
    expect(initializersOf(graph)).toContain("m float32[16, 6]");
    const feeds = { x: randomTensor([1, 16]) };
    expect((await runOnnx({ ...model, graph }, feeds))["y"]?.data).toEqual((await runOnnx(model, feeds))["y"]?.data);
  });

  it("leaves what others read as well, what is no weight, and weights that the method does not take", () => {
    const shared = {
      nodes: [node("Transpose", ["w"], ["v"]), node("MatMul", ["x", "v"], ["a"]), node("Add", ["a", "w"], ["y"])],
      weights: [weight("w", [16, 16])],
    };
    expect(nodesOf(exposed(shared))).toHaveLength(3);
    const added = { nodes: [node("Transpose", ["w"], ["v"]), node("Add", ["x", "v"], ["y"])], weights: shared.weights };
    expect(nodesOf(exposed(added))).toHaveLength(2);
    const cast = smallGraph(hidden["a Cast"] as SmallModel);
    expect(exposeWeights(cast, () => false).graph).toBe(cast);
  });

  const cases = Object.keys(hidden).flatMap((what) => quantizationMethods.map((method) => [what, method] as const));
  it.each(cases)("a weight behind %s is found by %s", async (what, method: QuantizationMethod) => {
    const model = smallModel(hidden[what] as SmallModel);
    const samples = Array.from({ length: 4 }, (_, seed) => ({ x: randomTensor([1, 16], seed) }));
    const ranges = await observeRanges(model, samples);
    const { model: quantized, report } = quantizeModel(model, quantizing(method, { blockSize: 16 }), ranges);
    expect(report.quantized).toHaveLength(1);
    const [feeds] = samples as [(typeof samples)[0]];
    const right = (await runOnnx(model, feeds))["y"]?.data as Float32Array;
    const found = (await runOnnx(quantized, feeds))["y"]?.data as Float32Array;
    const largest = Math.max(...right.map(Math.abs));
    const allowed = method === "weights-int4" ? 0.2 : 0.03;
    for (const [i, value] of found.entries())
      expect(Math.abs(value - (right[i] as number))).toBeLessThan(allowed * largest);
  });
});
