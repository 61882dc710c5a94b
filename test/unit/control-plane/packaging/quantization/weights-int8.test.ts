import { describe, expect, it } from "vitest";
import { graphAttribute, intAttribute, node, tensorValue } from "../../../../../control-plane/packaging/onnx/build.ts";
import { floatsOf } from "../../../../../control-plane/packaging/onnx/graph/floats-of.ts";
import type { ModelProto } from "../../../../../control-plane/packaging/onnx/model.ts";
import { onnxMessage } from "../../../../../control-plane/packaging/onnx/schema.ts";
import { scalesOf } from "../../../../../control-plane/packaging/quantization/stored-weight-names.ts";
import { weightsInt8 } from "../../../../../control-plane/packaging/quantization/weights-int8.ts";
import { pseudoRandom } from "../../../../support/run-onnx.ts";
import type { SmallModel } from "../../../../support/small-models.ts";
import {
  initializersOf,
  nodesOf,
  quantizing,
  smallGraph,
  smallModel,
  weight,
} from "../../../../support/small-models.ts";

const options = quantizing("weights-int8");
const random = pseudoRandom(256, 1);
const matMul = { nodes: [node("MatMul", ["x", "w"], ["y"])], weights: [weight("w", [16, 16])] };

function quantized(small: SmallModel, overrides = {}) {
  return weightsInt8(smallModel(small), { ...options, ...overrides });
}

function scaleOf(model: ModelProto, name: string): readonly number[] | undefined {
  return model.graph?.initializer.find((tensor) => tensor.name === name)?.dims.map(Number);
}

describe("weightsInt8", () => {
  it("stores int8 and scales, and expands them to a value of the old name", () => {
    const { model, report } = quantized(matMul);
    expect(initializersOf(model.graph)).toEqual(["w_int8 int8[16, 16]", "w_scale float32[1, 16]"]);
    expect(nodesOf(model.graph)).toEqual([
      "Cast(w_int8) → w_unscaled",
      "Mul(w_unscaled, w_scale) → w",
      "MatMul(x, w) → y",
    ]);
    expect(report).toEqual({
      quantized: [{ node: "MatMul_y", operator: "MatMul", weights: ["w"] }],
      kept: [],
      notes: [],
    });
  });

  it.each([
    ["Conv", ["x", "w"], [32, 4, 3, 3], [], [32, 1, 1, 1]],
    ["ConvTranspose", ["x", "w"], [4, 32, 3, 3], [], [1, 32, 1, 1]],
    ["MatMul", ["x", "w"], [2, 8, 32], [], [1, 1, 32]],
    ["MatMul", ["w", "x"], [2, 8, 32], [], [1, 8, 1]],
    ["Gemm", ["x", "w"], [8, 32], [], [1, 32]],
    ["Gemm", ["x", "w"], [8, 32], [intAttribute("transB", 1)], [8, 1]],
    ["Gemm", ["w", "x"], [8, 32], [], [8, 1]],
    ["Gemm", ["w", "x"], [8, 32], [intAttribute("transA", 1)], [1, 32]],
    ["Gather", ["w", "i"], [8, 32], [], [8, 1]],
    ["LSTM", ["x", "w", "r"], [2, 64, 4], [], [1, 64, 1]],
  ])("%s(%s): a scale for each output channel", (operator, inputs, dims, attributes, scale) => {
    const { model } = quantized({ nodes: [node(operator, inputs, ["y"], attributes)], weights: [weight("w", dims)] });
    expect(scaleOf(model, "w_scale")).toEqual(scale);
  });

  it("one scale in all, when that is asked", () => {
    const { model } = quantized(matMul, { perChannel: false });
    expect(scaleOf(model, "w_scale")).toEqual([]);
  });

  it("readers that disagree about the channels share the scales with the smaller error", () => {
    // The columns differ in size, the rows do not: a scale for each column is worth more, although the Gather is read first.
    const values = Array.from({ length: 256 }, (_, i) => (random[i] ?? 0) * 10 ** (i % 4));
    const { model } = quantized({
      nodes: [node("Gather", ["w", "i"], ["g"]), node("MatMul", ["g", "w"], ["y"])],
      weights: [weight("w", [16, 16], values)],
    });
    expect(scaleOf(model, "w_scale")).toEqual([1, 16]);
  });

  it("a weight whose readers are unknown gets the scales with the smallest error", () => {
    const values = Array.from({ length: 256 }, (_, i) => (random[i] ?? 0) * 10 ** (Math.floor(i / 16) % 4));
    const { model } = quantized({
      nodes: [node("Einsum", ["x", "w"], ["y"])],
      weights: [weight("w", [16, 16], values)],
    });
    expect(scaleOf(model, "w_scale")).toEqual([16, 1]);
  });

  it("small weights, weights of one dimension and what is used element by element stay", () => {
    const small = quantized({ nodes: [node("MatMul", ["x", "w"], ["y"])], weights: [weight("w", [15, 17])] });
    expect(small.report.kept).toEqual([
      { node: "MatMul_y", operator: "MatMul", reason: "its weight has fewer than 256 elements" },
    ]);
    expect(small.report.notes).toEqual(["nothing was quantized: the model is as large and as fast as before"]);
    expect(quantized({ nodes: [node("Add", ["x", "b"], ["y"])], weights: [weight("b", [512])] }).report.kept).toEqual(
      [],
    );
    const table = quantized({ nodes: [node("Add", ["x", "t"], ["y"])], weights: [weight("t", [16, 16])] });
    expect(table.report.kept[0]?.reason).toMatch(/"t" is used element by element/);
    expect(initializersOf(table.model.graph)).toEqual(["t float32[16, 16]"]);
  });

  it("a mask with infinities stays; a layer's weight with one is refused", () => {
    const masked = [-Infinity, ...Array.from({ length: 255 }, () => 0)];
    const mask = quantized({ nodes: [node("Trilu", ["m"], ["y"])], weights: [weight("m", [16, 16], masked)] });
    expect(mask.report.kept[0]?.reason).toBe('"m" holds -Infinity: a mask, not a layer\'s weight');
    expect(() => quantized({ ...matMul, weights: [weight("w", [16, 16], masked)] })).toThrow(/"w" holds -Infinity/);
  });

  it("weights of excluded nodes stay, also for those who share them", () => {
    const { model, report } = quantized(
      {
        nodes: [node("MatMul", ["x", "w"], ["a"]), node("MatMul", ["a", "w"], ["y"])],
        weights: [weight("w", [16, 16])],
      },
      { exclude: ["MatMul_a"] },
    );
    expect(initializersOf(model.graph)).toEqual(["w float32[16, 16]"]);
    expect(report.kept).toEqual([
      { node: "MatMul_a", operator: "MatMul", reason: 'excluded ("MatMul_a" reads the same weight)' },
      { node: "MatMul_y", operator: "MatMul", reason: 'excluded ("MatMul_a" reads the same weight)' },
    ]);
  });

  it("a shared weight is stored once", () => {
    const { model, report } = quantized({
      nodes: [node("MatMul", ["x", "w"], ["a"]), node("MatMul", ["a", "w"], ["y"])],
      weights: [weight("w", [16, 16])],
    });
    expect(initializersOf(model.graph)).toEqual(["w_int8 int8[16, 16]", "w_scale float32[1, 16]"]);
    expect(report.quantized.map((part) => part.node)).toEqual(["MatMul_a", "MatMul_y"]);
  });

  it("weights in Constant nodes, in bodies, and of outer graphs that only a body reads", () => {
    const inside = onnxMessage("Attribute", { name: "value", t: weight("", [16, 16]), type: 4 });
    const branch = smallGraph({
      nodes: [
        node("Constant", [], ["inner"], [inside]),
        node("MatMul", ["x", "inner"], ["m"]),
        node("Gemm", ["m", "outer"], ["z"], [intAttribute("transB", 1)]),
      ],
      outputs: { z: [1, 16] },
    });
    const other = smallGraph({ nodes: [node("Identity", ["x"], ["z2"])], outputs: { z2: [1, 16] } });
    const branches = [graphAttribute("then_branch", branch), graphAttribute("else_branch", other)];
    const plain = smallModel({
      nodes: [node("If", ["go"], ["y"], branches)],
      weights: [weight("outer", [16, 16])],
    });
    const { model, report } = weightsInt8(
      { ...plain, graph: { ...plain.graph!, input: [...plain.graph!.input, tensorValue("go", "bool", [])] } },
      options,
    );
    // By row: the consumer in the body has transB.
    expect(initializersOf(model.graph)).toEqual(["outer_int8 int8[16, 16]", "outer_scale float32[16, 1]"]);
    const body = model.graph?.node.find((one) => one.opType === "If")?.attribute[0]?.g;
    expect(initializersOf(body)).toEqual(["inner_int8 int8[16, 16]", "inner_scale float32[1, 16]"]);
    expect(nodesOf(body)[0]).toBe("Cast(inner_int8) → inner_unscaled");
    expect(report.quantized.map((part) => [part.node, part.weights])).toEqual([
      ["MatMul_m", ["inner"]],
      ["Gemm_z", ["outer"]],
    ]);
    expect(report.notes).toEqual(["1 Constant nodes became initializers"]);
  });

  it("new names keep clear of those that are there", () => {
    const { model } = quantized({
      nodes: [node("MatMul", ["x", "w"], ["w_scale"]), node("Relu", ["w_scale"], ["y"])],
      weights: [weight("w", [16, 16])],
    });
    expect(initializersOf(model.graph)).toEqual(["w_int8 int8[16, 16]", "w_scale_2 float32[1, 16]"]);
  });

  it("an initializer that IR version 3 lists as an input loses that entry; a weight that is an output stays", () => {
    const plain = smallModel({ ...matMul, inputs: { x: [1, 16], w: [16, 16] } });
    const { model } = weightsInt8({ ...plain, irVersion: 3 }, options);
    expect(model.graph?.input.map((input) => input.name)).toEqual(["x"]);
    expect(model.irVersion).toBe(4);
    const asOutput = quantized({ ...matMul, outputs: { y: [1, 16], w: [16, 16] } });
    expect(asOutput.report.kept[0]?.reason).toBe("its weight is an output of the graph too");
  });

  it("normalization is folded into the convolution before it", () => {
    const norm = ["g", "b", "m", "v"].map((name) =>
      weight(
        name,
        [32],
        Array.from({ length: 32 }, (_, i) => 1 + i),
      ),
    );
    const { model, report } = quantized({
      nodes: [node("Conv", ["x", "w"], ["c"]), node("BatchNormalization", ["c", "g", "b", "m", "v"], ["y"])],
      weights: [weight("w", [32, 4, 3, 3]), ...norm],
      inputs: { x: [1, 4, 8, 8] },
      outputs: { y: [1, 32, 6, 6] },
    });
    expect(model.graph?.node.map((one) => one.opType)).toEqual(["Cast", "Mul", "Conv"]);
    expect(report.notes).toEqual([
      "1 nodes that scale or shift channels were folded into the convolutions before them",
    ]);
  });

  it("the scales of the parent version are found in its file, and kept", () => {
    const parent = quantized(matMul).model;
    const baseScales = scalesOf(parent);
    expect([...baseScales.keys()]).toEqual(["w"]);
    const tuned = Array.from(floatsOf(weight("w", [16, 16])), (value) => value * 0.97);
    const child = quantized({ ...matMul, weights: [weight("w", [16, 16], tuned)] }, { baseScales }).model;
    expect(scalesOf(child)).toEqual(baseScales);
  });

  it("a reduced range is no use here, and the report says so", () => {
    const { model, report } = quantized(matMul, { reduceRange: true });
    expect(model).toEqual(quantized(matMul).model);
    expect(report.notes).toEqual(["a reduced range changes nothing here: the weights are used as float32"]);
  });

  it("refuses operators so old that Cast and Mul were others", () => {
    expect(() => quantized({ ...matMul, opset: 6 })).toThrow(/version 6 of ONNX's operators/);
  });
});
