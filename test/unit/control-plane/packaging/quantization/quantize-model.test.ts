import { describe, expect, it } from "vitest";
import { node } from "../../../../../control-plane/packaging/onnx/build.ts";
import { encodeModel } from "../../../../../control-plane/packaging/onnx/encode.ts";
import { quantizationMethods } from "../../../../../control-plane/packaging/quantization/quantization.ts";
import { quantizeModel } from "../../../../../control-plane/packaging/quantization/quantize-model.ts";
import { quantizing, smallModel, weight } from "../../../../support/small-models.ts";

const layer = { ...node("MatMul", ["x", "w"], ["y"]), docString: 'File "train.py", line 7' };
const model = smallModel({ nodes: [layer], weights: [weight("w", [16, 16])] });
const ranges = new Map([
  ["x", { min: -1, max: 1 }],
  ["y", { min: -8, max: 8 }],
]);

describe("quantizeModel", () => {
  it.each(quantizationMethods)(
    "%s: quantizes, drops the exporter's notes, and gives the same bytes each time",
    (method) => {
      const { model: first, report } = quantizeModel(model, quantizing(method), ranges);
      expect(report.quantized.map((part) => part.node)).toEqual(["MatMul_y"]);
      expect(first.graph?.node.some((one) => one.docString !== undefined)).toBe(false);
      expect(encodeModel(quantizeModel(model, quantizing(method), ranges).model)).toEqual(encodeModel(first));
    },
  );

  it.each(quantizationMethods)("%s: leaves excluded nodes alone, and refuses exclusions of nothing", (method) => {
    const { report } = quantizeModel(model, quantizing(method, { exclude: ["MatMul_y"] }), ranges);
    expect(report.quantized).toEqual([]);
    expect(() => quantizeModel(model, quantizing(method, { exclude: ["MatMul_z"] }), ranges)).toThrow(
      /no node is called "MatMul_z" \(near it: "MatMul_y"\)/,
    );
  });

  it("static-int8 without ranges is refused", () => {
    expect(() => quantizeModel(model, quantizing("static-int8"), undefined)).toThrow(/calibrate with samples first/);
  });
});
