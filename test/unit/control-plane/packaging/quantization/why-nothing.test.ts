import { describe, expect, it } from "vitest";
import { node } from "../../../../../control-plane/packaging/onnx/build.ts";
import { rawTensor } from "../../../../../control-plane/packaging/onnx/tensor.ts";
import { float16sOf } from "../../../../../control-plane/packaging/quantization/float16.ts";
import { dynamicInt8 } from "../../../../../control-plane/packaging/quantization/dynamic-int8.ts";
import { quantizeModel } from "../../../../../control-plane/packaging/quantization/quantize-model.ts";
import { whyNothing } from "../../../../../control-plane/packaging/quantization/why-nothing.ts";
import type { SmallModel } from "../../../../support/small-models.ts";
import { quantizing, smallModel, weight } from "../../../../support/small-models.ts";

function reason(small: SmallModel): string {
  const model = smallModel(small);
  return whyNothing(model, "dynamic-int8", dynamicInt8(model, quantizing("dynamic-int8")).report);
}

const halves = rawTensor("w", [16, 16], "float16", float16sOf(new Float32Array(256)));

describe("why there was nothing to quantize", () => {
  it.each([
    [
      "an integer model",
      [node("DequantizeLinear", ["x", "s", "z"], ["y"])],
      [],
      /it is quantized already: give the float model/,
    ],
    [
      "16-bit weights",
      [node("MatMul", ["x", "w"], ["y"])],
      [halves],
      /its weights are float16, .*: export it in float32/,
    ],
    [
      "trees",
      [node("TreeEnsembleRegressor", ["x"], ["y"], [], "ai.onnx.ml")],
      [],
      /TreeEnsembleRegressor and its like/,
    ],
    ["no weights", [node("Relu", ["x"], ["y"])], [], /it has hardly any weights/],
    [
      "another method's layers",
      [node("Conv", ["x", "k"], ["y"])],
      [weight("k", [16, 16, 1, 1])],
      /Conv_y: ConvInteger is slower/,
    ],
    ["no layers", [node("Einsum", ["x", "k"], ["y"])], [weight("k", [16, 16])], /it has no layer of that kind/],
  ])("%s", (_what, nodes, weights, message) => {
    expect(reason({ nodes, weights })).toMatch(message);
  });

  it("a model that holds int8 weights was made by this program", () => {
    const model = smallModel({ nodes: [node("MatMul", ["x", "w"], ["y"])], weights: [weight("w", [16, 16])] });
    const { model: small } = quantizeModel(model, quantizing("weights-int8"), undefined);
    const { report } = dynamicInt8(small, quantizing("dynamic-int8"));
    expect(whyNothing(small, "dynamic-int8", report)).toMatch(/quantized already/);
  });
});
