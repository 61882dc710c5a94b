import { describe, expect, it } from "vitest";
import { intAttribute, node } from "../../../../../control-plane/packaging/onnx/build.ts";
import { intOf } from "../../../../../control-plane/packaging/onnx/graph/attributes.ts";
import { weightsInt4 } from "../../../../../control-plane/packaging/quantization/weights-int4.ts";
import type { SmallModel } from "../../../../support/small-models.ts";
import { initializersOf, nodesOf, quantizing, smallModel, weight } from "../../../../support/small-models.ts";

function quantized(small: SmallModel, overrides = {}) {
  return weightsInt4(smallModel(small), quantizing("weights-int4", overrides));
}

const layer = { nodes: [node("MatMul", ["x", "w"], ["y"])], weights: [weight("w", [72, 8])] };

describe("weightsInt4", () => {
  it("a MatMul becomes MatMulNBits over blocks of its columns", () => {
    const { model, report } = quantized(layer);
    expect(nodesOf(model.graph)).toEqual(["MatMulNBits(x, w_int4, w_int4_scale, w_int4_zero_point) → y"]);
    expect(initializersOf(model.graph)).toEqual([
      "w_int4 uint8[8, 3, 16]",
      "w_int4_scale float32[24]",
      "w_int4_zero_point uint8[16]",
    ]);
    const [multiply] = model.graph?.node ?? [];
    expect(["K", "N", "bits", "block_size", "accuracy_level"].map((name) => intOf(multiply!, name, -1))).toEqual([
      72, 8, 4, 32, 4,
    ]);
    expect(multiply?.name).toBe("MatMul_y");
    expect(model.opsetImport.map((set) => [set.domain, set.version])).toEqual([
      ["", 17],
      ["com.microsoft", 1],
    ]);
    expect(report.quantized).toEqual([{ node: "MatMul_y", operator: "MatMul", weights: ["w"] }]);
  });

  it("a Gemm with a transposed weight and a bias: the same integers, and an Add", () => {
    const gemm = quantized({
      nodes: [node("Gemm", ["x", "w", "b"], ["y"], [intAttribute("transB", 1)])],
      weights: [weight("w", [32, 16]), weight("b", [32])],
    }).model;
    expect(nodesOf(gemm.graph)[1]).toBe("Add(y_product, b) → y");
    expect(initializersOf(gemm.graph)[0]).toBe("w_int4 uint8[32, 1, 16]");
  });

  it("blocks of the size that is asked", () => {
    const { model } = quantized(layer, { blockSize: 16 });
    expect(initializersOf(model.graph)[0]).toBe("w_int4 uint8[8, 5, 8]");
  });

  it.each([8, 24, 0, Number.NaN])("refuses blocks of %d", (blockSize) => {
    expect(() => quantized(layer, { blockSize })).toThrow(/must be a power of two and at least 16/);
  });

  it("small layers, layers with short sums and other operators stay, with the reason", () => {
    const kept = (small: SmallModel) => quantized(small, { blockSize: 128 }).report.kept.map((part) => part.reason);
    expect(kept({ ...layer, weights: [weight("w", [15, 17])] })).toEqual(["its weight has fewer than 256 elements"]);
    expect(kept({ ...layer, weights: [weight("w", [4, 100])] })).toEqual([
      "its sums of 4 products are too short for blocks of 128",
    ]);
    expect(kept({ nodes: [node("Conv", ["x", "w"], ["y"])], weights: [weight("w", [32, 4, 3, 3])] })).toEqual([
      "int4 weights exist for fully connected layers only (MatMul and Gemm)",
    ]);
  });

  it("a model without such layers imports no further operators", () => {
    const { model } = quantized({ nodes: [node("Relu", ["x"], ["y"])] });
    expect(model.opsetImport).toHaveLength(1);
  });
});
