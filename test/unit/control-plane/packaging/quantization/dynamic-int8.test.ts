import { describe, expect, it } from "vitest";
import { graphAttribute, intAttribute, node, tensorValue } from "../../../../../control-plane/packaging/onnx/build.ts";
import type { AttributeProto } from "../../../../../control-plane/packaging/onnx/model.ts";
import { onnxMessage } from "../../../../../control-plane/packaging/onnx/schema.ts";
import { dynamicInt8 } from "../../../../../control-plane/packaging/quantization/dynamic-int8.ts";
import { quantizeWeights } from "../../../../../control-plane/packaging/quantization/numbers.ts";
import { floatsOf } from "../../../../../control-plane/packaging/onnx/graph/floats-of.ts";
import type { SmallModel } from "../../../../support/small-models.ts";
import {
  initializersOf,
  nodesOf,
  quantizing,
  smallGraph,
  smallModel,
  weight,
} from "../../../../support/small-models.ts";

function quantized(small: SmallModel, overrides = {}) {
  return dynamicInt8(smallModel(small), quantizing("dynamic-int8", overrides));
}

function float(name: string, f: number): AttributeProto {
  return onnxMessage("Attribute", { name, f, type: 1 });
}

const layer = { nodes: [node("MatMul", ["x", "w"], ["y"])], weights: [weight("w", [16, 16])] };

describe("dynamicInt8", () => {
  it("a MatMul: the activation is quantized, the sums are scaled back", () => {
    const { model, report } = quantized(layer);
    expect(nodesOf(model.graph)).toEqual([
      "DynamicQuantizeLinear(x) → x_uint8, x_scale, x_zero_point",
      "MatMulInteger(x_uint8, w_int8, x_zero_point) → y_int32",
      "Cast(y_int32) → y_unscaled",
      "Mul(x_scale, w_scale) → y_scale",
      "Mul(y_unscaled, y_scale) → y",
    ]);
    expect(initializersOf(model.graph)).toEqual(["w_int8 int8[16, 16]", "w_scale float32[16]"]);
    expect(model.graph?.node[1]?.name).toBe("MatMul_y");
    expect(report.quantized).toEqual([{ node: "MatMul_y", operator: "MatMul", weights: ["w"] }]);
  });

  it("a Gemm with a bias; a transposed weight is turned", () => {
    const transB = [intAttribute("transB", 1)];
    const w = weight("w", [2, 3], [1, 2, 3, 4, 5, 6]);
    const { model } = quantized({
      nodes: [node("Gemm", ["x", "w", "b"], ["y"], transB)],
      weights: [w, weight("b", [2])],
    });
    expect(nodesOf(model.graph).at(-1)).toBe("Add(y_product, b) → y");
    expect(initializersOf(model.graph)).toEqual(["w_int8 int8[3, 2]", "w_scale float32[2]", "b float32[2]"]);
    const turned = quantizeWeights(Float32Array.of(1, 4, 2, 5, 3, 6), [3, 2], { axis: 1, bits: 8 });
    expect(model.graph?.initializer[0]?.rawData).toEqual(new Uint8Array(turned.quantized.buffer));
  });

  it("an activation is quantized once for all layers that read it, a weight once for all that share it", () => {
    const { model } = quantized({
      nodes: [node("MatMul", ["x", "w"], ["a"]), node("MatMul", ["x", "v"], ["b"]), node("MatMul", ["a", "w"], ["y"])],
      weights: [weight("w", [16, 16]), weight("v", [16, 16])],
    });
    expect(nodesOf(model.graph).filter((one) => one.startsWith("Dynamic"))).toHaveLength(2);
    expect(initializersOf(model.graph)).toHaveLength(4);
  });

  it("seven bits and one scale in all, when that is asked", () => {
    const { model } = quantized(layer, { reduceRange: true, perChannel: false });
    expect(initializersOf(model.graph)).toEqual(["w_int8 int8[16, 16]", "w_scale float32[]"]);
    const expected = quantizeWeights(floatsOf(weight("w", [16, 16])), [16, 16], { axis: undefined, bits: 7 });
    expect(model.graph?.initializer[0]?.rawData).toEqual(new Uint8Array(expected.quantized.buffer));
  });

  it("the factors of a Gemm go into its weights, unless others read them too", () => {
    const scaled = node("Gemm", ["x", "w"], ["y"], [float("alpha", 2)]);
    const { model } = quantized({ nodes: [scaled], weights: [weight("w", [16, 16])] });
    expect(initializersOf(model.graph)).toEqual(["w_int8 int8[16, 16]", "w_scale float32[16]"]);
    const { report } = quantized({
      nodes: [scaled, node("Gemm", ["x", "w"], ["z"], [float("alpha", 3)])],
      weights: [weight("w", [16, 16])],
    });
    expect(report.kept.map(({ reason }) => reason)).toEqual(Array(2).fill("it is a Gemm with alpha, beta or transA"));
  });

  it.each([
    ["both factors are computed", node("MatMul", ["x", "x"], ["y"]), /both of its factors are computed/],
    ["the weight comes first", node("MatMul", ["w", "x"], ["y"]), /first factor/],
    ["three dimensions", node("MatMul", ["x", "stack"], ["y"]), /3 dimensions/],
    ["another type", node("MatMul", ["x", "ints"], ["y"]), /not float32/],
    ["transA", node("Gemm", ["x", "w"], ["y"], [intAttribute("transA", 1)]), /alpha, beta or transA/],
    ["a convolution", node("Conv", ["x", "w"], ["y"]), /ConvInteger is slower/],
    ["an LSTM", node("LSTM", ["x", "w", "w"], ["y"]), /no int8 operator does/],
    ["an excluded node", node("MatMul", ["x", "w"], ["excluded"]), /^excluded$/],
  ])("stays float and is reported: %s", (_, one, reason) => {
    const ints = { ...weight("ints", [16, 16]), dataType: 6 };
    const weights = [weight("w", [16, 16]), weight("stack", [2, 8, 16]), ints];
    const { model, report } = quantized({ nodes: [one], weights }, { exclude: ["MatMul_excluded"] });
    expect(report.kept.map((part) => part.reason)).toEqual([expect.stringMatching(reason)]);
    expect(model.graph?.node).toEqual([one]);
    expect(report.notes[0]).toMatch(/nothing was quantized/);
  });

  it("a weight that another node needs in float32 stays float32 for all", () => {
    const { model, report } = quantized({
      nodes: [node("Gather", ["w", "i"], ["g"]), node("MatMul", ["g", "w"], ["y"])],
      weights: [weight("w", [16, 16])],
    });
    expect(initializersOf(model.graph)).toEqual(["w float32[16, 16]"]);
    expect(report.kept).toEqual([
      {
        node: "MatMul_y",
        operator: "MatMul",
        reason: 'its weight "w" is read by "Gather_g" too, which needs it in float32',
      },
    ]);
  });

  it("layers in bodies, whose weights stand further out; a value that a body defines hides the weight of the same name", () => {
    const reading = smallGraph({ nodes: [node("MatMul", ["x", "w"], ["z"])], outputs: { z: [1, 16] } });
    const hiding = smallGraph({
      nodes: [node("Transpose", ["x"], ["w"]), node("MatMul", ["x", "w"], ["z2"])],
      outputs: { z2: [1, 1] },
    });
    const branches = [graphAttribute("then_branch", reading), graphAttribute("else_branch", hiding)];
    const plain = smallModel({ nodes: [node("If", ["go"], ["y"], branches)], weights: [weight("w", [16, 16])] });
    const graph = { ...plain.graph!, input: [...plain.graph!.input, tensorValue("go", "bool", [])] };
    const { model, report } = dynamicInt8({ ...plain, graph }, quantizing("dynamic-int8"));
    expect(initializersOf(model.graph)).toEqual(["w_int8 int8[16, 16]", "w_scale float32[16]"]);
    expect(report.quantized.map((part) => part.node)).toEqual(["MatMul_z"]);
    expect(report.kept.map((part) => part.node)).toEqual(["MatMul_z2"]);
    expect(nodesOf(model.graph?.node[0]?.attribute[0]?.g)[0]).toMatch(/^DynamicQuantizeLinear\(x\)/);
  });

  it("older operators are converted first, and the report says so", () => {
    const { model, report } = quantized({ ...layer, opset: 9 });
    expect(model.opsetImport[0]?.version).toBe(11);
    expect(report.notes).toEqual(["ONNX's operators were brought from version 9 to version 11"]);
  });
});
