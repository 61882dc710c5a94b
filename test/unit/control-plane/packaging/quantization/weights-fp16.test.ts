import { describe, expect, it } from "vitest";
import { node } from "../../../../../control-plane/packaging/onnx/build.ts";
import { weightsFp16 } from "../../../../../control-plane/packaging/quantization/weights-fp16.ts";
import { initializersOf, nodesOf, quantizing, smallModel, weight } from "../../../../support/small-models.ts";

const options = quantizing("weights-fp16");
const nodes = [node("MatMul", ["x", "w"], ["a"]), node("Add", ["a", "t"], ["y"])];

describe("weightsFp16", () => {
  it("stores float16 and casts it to a value of the old name", () => {
    const { model, report } = weightsFp16(
      smallModel({ nodes, weights: [weight("w", [16, 16]), weight("t", [1, 16])] }),
      options,
    );
    expect(initializersOf(model.graph)).toEqual(["w_float16 float16[16, 16]", "t float32[1, 16]"]);
    expect(nodesOf(model.graph)).toEqual(["Cast(w_float16) → w", "MatMul(x, w) → a", "Add(a, t) → y"]);
    expect(report.quantized).toEqual([{ node: "MatMul_a", operator: "MatMul", weights: ["w"] }]);
  });

  it("a weight of numbers that float16 would round to nothing stays as it is", () => {
    const tiny = Array.from({ length: 256 }, (_, i) => (i % 2 === 0 ? 1e-30 : 0));
    const { model, report } = weightsFp16(smallModel({ nodes, weights: [weight("w", [16, 16], tiny)] }), options);
    expect(initializersOf(model.graph)).toEqual(["w float32[16, 16]"]);
    expect(report.kept.map(({ reason }) => reason)).toEqual([expect.stringMatching(/float16 is too coarse/)]);
  });

  it("what float16 cannot hold stays as it is", () => {
    const large = Array.from({ length: 256 }, (_, i) => (i === 9 ? -1e9 : 0));
    const { model, report } = weightsFp16(
      smallModel({ nodes, weights: [weight("w", [16, 16]), weight("t", [16, 16], large)] }),
      options,
    );
    expect(initializersOf(model.graph)).toEqual(["w_float16 float16[16, 16]", "t float32[16, 16]"]);
    expect(report.kept).toEqual([
      { node: "Add_y", operator: "Add", reason: '"t" holds -1000000000, which float16 cannot hold' },
    ]);
  });
});
