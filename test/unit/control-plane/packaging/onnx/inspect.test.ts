import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  graphAttribute,
  intAttribute,
  modelOf,
  node,
  tensorValue,
} from "../../../../../control-plane/packaging/onnx/build.ts";
import { encodeModel } from "../../../../../control-plane/packaging/onnx/encode.ts";
import type { ModelInspection } from "../../../../../control-plane/packaging/onnx/inspect.ts";
import { inspectModel } from "../../../../../control-plane/packaging/onnx/inspect.ts";
import type { GraphProto, ModelProto, NodeProto } from "../../../../../control-plane/packaging/onnx/model.ts";
import { refusals } from "../../../../../control-plane/packaging/onnx/refusals.ts";
import { onnxMessage } from "../../../../../control-plane/packaging/onnx/schema.ts";
import { rawTensor } from "../../../../../control-plane/packaging/onnx/tensor.ts";
import { digitsDirectory } from "../../../../fixtures/read-digits.ts";

const x = tensorValue("x", "float32", ["batch", 4]);
const y = tensorValue("y", "float32", ["batch", 4]);

function graph(fields: Partial<GraphProto> = {}): GraphProto {
  return onnxMessage("Graph", { node: [node("Relu", ["x"], ["y"])], input: [x], output: [y], ...fields });
}

function inspected(graphFields: Partial<GraphProto> = {}, modelFields: Partial<ModelProto> = {}): ModelInspection {
  return inspectModel(encodeModel({ ...modelOf(graph(graphFields), "test"), ...modelFields }));
}

describe("inspectModel", () => {
  it("describes a trained model", () => {
    const inspection = inspectModel(readFileSync(new URL("digits-2.onnx", digitsDirectory)));
    expect(inspection).toMatchObject({
      bytes: 83_120,
      irVersion: 8,
      opset: 17,
      inputs: [{ name: "image", dataType: "float32", shape: ["batch", 1, 28, 28] }],
      outputs: [{ name: "logits", dataType: "float32", shape: ["batch", 10] }],
      nodes: 10,
      // 2 (normalisation) + 16·9 + 16 + 32·16·9 + 32 + 10·1568 + 10
      parameters: 20_492,
      parameterBytes: 81_968,
      subgraphDepth: 0,
      externalTensors: [],
      damagedTensors: [],
    });
    expect(inspection.operators).toContainEqual({ domain: "", operator: "Conv", count: 2, nested: 0 });
  });

  it("leaves out inputs that have a value in the file", () => {
    const weight = rawTensor("w", [4], "float32", new Float32Array(4));
    const inspection = inspected({ initializer: [weight], input: [x, tensorValue("w", "float32", [4])] });
    expect(inspection.inputs.map(({ name }) => name)).toEqual(["x"]);
  });

  it("counts what lies in subgraphs", () => {
    const body = graph({ initializer: [rawTensor("w", [3], "float32", new Float32Array(3))] });
    const inspection = inspected({ node: [node("If", ["c"], ["y"], [graphAttribute("then_branch", body)])] });
    expect(inspection).toMatchObject({ subgraphDepth: 1, nodes: 2, parameters: 3 });
  });

  it("refuses bytes without a graph", () => {
    expect(() => inspectModel(Uint8Array.of(8, 8))).toThrow("the file holds no graph");
  });
});

describe("refusals", () => {
  it.each(["digits-1", "digits-2", "digits-2-int8", "digits-3"])("finds nothing against %s", (name) => {
    expect(refusals(inspectModel(readFileSync(new URL(`${name}.onnx`, digitsDirectory))))).toEqual([]);
  });

  const withoutShape = onnxMessage("ValueInfo", {
    name: "x",
    type: onnxMessage("Type", { tensorType: onnxMessage("TensorType", { elemType: 1 }) }),
  });
  const foreign: NodeProto = node("Magic", ["x"], ["y"], [], "acme.corp");
  const external = { ...rawTensor("w", [4], "float32", new Float32Array(0)), dataLocation: 1 };
  const cases: readonly [string, ModelInspection, RegExp][] = [
    ["an input without a shape", inspected({ input: [withoutShape] }), /input "x" declares no shape/],
    ["a negative dimension", inspected({ input: [tensorValue("x", "float32", [-1, 4])] }), /impossible dimension -1/],
    ["an input of strings", inspected({ input: [tensorValue("x", "string", [1])] }), /element type string/],
    [
      "an unknown element type",
      inspected({ output: [onnxMessage("ValueInfo", { name: "y" })] }),
      /element type unknown/,
    ],
    [
      "bfloat16, and says how to export without",
      inspected({ input: [tensorValue("x", "bfloat16", [1])] }),
      /element type bfloat16; .* \(when a model is converted: keep_io_types=True/,
    ],
    [
      "a list of maps, and says how to export without",
      inspected({
        node: [node("ZipMap", ["x"], ["y"], [], "ai.onnx.ml")],
        output: [onnxMessage("ValueInfo", { name: "y" })],
      }),
      /element type unknown; .* \(ZipMap gives a list of maps/,
    ],
    ["no inputs", inspected({ input: [] }), /no inputs/],
    ["no outputs", inspected({ output: [] }), /no outputs/],
    ["no nodes", inspected({ node: [] }), /no nodes/],
    ["an operator domain that nobody has", inspected({ node: [foreign] }), /domain "acme\.corp"/],
    ["data in another file", inspected({ initializer: [external] }), /tensor "w" lies in another file/],
    ["no operator set", inspected({}, { opsetImport: [] }), /no default operator set/],
    ["a future IR version", inspected({}, { irVersion: 99 }), /IR version 99/],
    [
      "weights that are shorter than their shape",
      inspected({ initializer: [rawTensor("w", [1000], "float32", new Float32Array(4))] }),
      /"w" needs 4000 bytes for its shape and holds 16/,
    ],
    [
      "weights of an overflowing shape",
      inspected({ initializer: [onnxMessage("Tensor", { name: "w", dims: [2n ** 62n, 4], dataType: 1 })] }),
      /impossible shape \[4611686018427387904, 4\]/,
    ],
    [
      "weights without data",
      inspected({ initializer: [onnxMessage("Tensor", { name: "w", dims: [400_000_000], dataType: 1 })] }),
      /declares 400000000 values and holds none/,
    ],
    [
      "too many nodes",
      inspected({ node: Array.from({ length: 20_001 }, (_, i) => node("Relu", ["x"], [`y${i}`])) }),
      /20001 nodes/,
    ],
    ["graphs nested too deep", inspected({ node: [nestedIf(9)] }), /nested 9 deep/],
  ];

  it.each(cases)("names %s", (_what, inspection, reason) => {
    expect(refusals(inspection)).toContainEqual(expect.stringMatching(reason));
  });

  it("takes operators that the file itself defines", () => {
    const definition = onnxMessage("Function", {
      name: "Magic",
      domain: "acme.corp",
      input: ["x"],
      output: ["y"],
      node: [node("Elu", ["x"], ["y"], [intAttribute("alpha", 1)])],
    });
    expect(refusals(inspected({ node: [foreign] }, { functions: [definition] }))).toEqual([]);
  });

  it("names all reasons at once", () => {
    expect(refusals(inspected({ input: [withoutShape], output: [], node: [foreign] }))).toHaveLength(3);
  });
});

function nestedIf(depth: number): NodeProto {
  const body = depth === 1 ? graph() : graph({ node: [nestedIf(depth - 1)] });
  return node("If", ["c"], [`y${depth}`], [graphAttribute("then_branch", body)]);
}
