import { describe, expect, it } from "vitest";
import { intAttribute, node, textAttribute } from "../../../../../control-plane/packaging/onnx/build.ts";
import { encodeModel } from "../../../../../control-plane/packaging/onnx/encode.ts";
import type { ModelProto } from "../../../../../control-plane/packaging/onnx/model.ts";
import { rawTensor } from "../../../../../control-plane/packaging/onnx/tensor.ts";
import { quantizeModel } from "../../../../../control-plane/packaging/quantization/quantize-model.ts";
import type { QuantizationMethod } from "../../../../../control-plane/packaging/quantization/quantization.ts";
import { observeRanges } from "../../../../support/quantize-with-ranges.ts";
import { randomTensor, runOnnx } from "../../../../support/run-onnx.ts";
import { initializersOf, nodesOf, quantizing, smallModel, weight } from "../../../../support/small-models.ts";

const ids = rawTensor("ids", [3], "int64", BigInt64Array.of(0n, -1n, 40n));
const embedding = smallModel({
  nodes: [
    node("Gather", ["table", "ids"], ["rows"]),
    node("Add", ["rows", "x"], ["sum"]),
    node("MatMul", ["sum", "w"], ["y"]),
  ],
  weights: [weight("table", [100, 16]), weight("w", [16, 32]), ids],
  inputs: { x: [3, 16] },
  outputs: { y: [3, 32] },
});

const recurrent = (operator: string, gates: number, attributes = [intAttribute("hidden_size", 16)]): ModelProto =>
  smallModel({
    nodes: [
      node(operator, ["x", "w", "r", "b"], ["all"], [...attributes, textAttribute("direction", "bidirectional")]),
      node("Reshape", ["all", "shape"], ["flat"]),
      node("MatMul", ["flat", "head"], ["y"]),
    ],
    weights: [
      weight("w", [2, gates * 16, 16]),
      weight("r", [2, gates * 16, 16]),
      weight("b", [2, gates * 32]),
      weight("head", [32, 32]),
      rawTensor("shape", [2], "int64", BigInt64Array.of(-1n, 32n)),
    ],
    inputs: { x: [5, 1, 16] },
    outputs: { y: [5, 32] },
  });

async function quantized(model: ModelProto, method: QuantizationMethod, dims: readonly number[], options = {}) {
  const feeds = { x: randomTensor(dims) };
  const ranges = await observeRanges(model, [feeds]);
  const made = quantizeModel(model, quantizing(method, options), ranges);
  const right = (await runOnnx(model, feeds))["y"]?.data as Float32Array;
  const errors: number[] = [];
  for (const optimization of ["disabled", "all"] as const) {
    const found = (await runOnnx(made.model, feeds, { optimization }))["y"]?.data as Float32Array;
    errors.push(Math.hypot(...found.map((value, i) => value - (right[i] as number))) / Math.hypot(...right));
  }
  return { ...made, error: Math.max(...errors) };
}

const methods = ["static-int8", "dynamic-int8", "weights-int4"] as const;

describe("what a method for layers leaves behind", () => {
  it.each(methods)("%s: the rows of a table are looked up as int8", async (method) => {
    const { model, report, error } = await quantized(embedding, method, [3, 16]);
    expect(initializersOf(model.graph)).toEqual(
      expect.arrayContaining(["table_int8 int8[100, 16]", "table_scale float32[100, 1]"]),
    );
    expect(nodesOf(model.graph).slice(0, 4)).toEqual([
      "Gather(table_int8, ids) → rows_int8",
      "Gather(table_scale, ids) → rows_row_scale",
      "Cast(rows_int8) → rows_unscaled",
      "Mul(rows_unscaled, rows_row_scale) → rows",
    ]);
    expect(report.quantized).toContainEqual({ node: "Gather_rows", operator: "Gather", weights: ["table"] });
    expect(error).toBeLessThan(method === "weights-int4" ? 0.2 : 0.02);
  });

  it("one scale for the whole table, when that is asked", async () => {
    const { model, error } = await quantized(embedding, "dynamic-int8", [3, 16], { perChannel: false });
    expect(nodesOf(model.graph)).toContain("Mul(rows_unscaled, table_scale) → rows");
    expect(error).toBeLessThan(0.02);
  });

  it("a table stays when its node is excluded, or when something else reads it", async () => {
    const { model } = await quantized(embedding, "dynamic-int8", [3, 16], { exclude: ["Gather_rows"] });
    expect(initializersOf(model.graph)).toContain("table float32[100, 16]");
    const tied = smallModel({
      nodes: [
        node("Gather", ["table", "ids"], ["rows"]),
        node("MatMul", ["rows", "w"], ["hidden"]),
        node("Transpose", ["table"], ["turned"]),
        node("MatMul", ["hidden", "turned"], ["scores"]),
        node("Add", ["scores", "x"], ["y"]),
      ],
      weights: [weight("table", [100, 16]), weight("w", [16, 16]), ids],
      inputs: { x: [1, 100] },
      outputs: { y: [3, 100] },
    });
    const { model: kept } = await quantized(tied, "dynamic-int8", [1, 100]);
    expect(initializersOf(kept.graph)).toContain("table float32[100, 16]");
  });

  it.each([
    ["LSTM", 4],
    ["GRU", 3],
    ["RNN", 1],
  ])("the weights of a %s become small with every method", async (operator, gates) => {
    const small = recurrent(operator, gates);
    // An RNN of this size is below what is worth a scale.
    const isSmall = gates > 1;
    for (const method of methods) {
      const { model, error } = await quantized(small, method, [5, 1, 16]);
      expect(error).toBeLessThan(method === "weights-int4" ? 0.2 : 0.03);
      const share = encodeModel(model).length / encodeModel(small).length;
      if (isSmall) expect(share).toBeLessThan(0.45);
    }
  });
});

describe("an LSTM in dynamic-int8", () => {
  it.each([
    ["a scale for each column", true, "w_scale float32[2, 64]"],
    ["one for each direction", false, "w_scale float32[2]"],
  ])("is onnxruntime's own operator, with %s", async (_what, perChannel, scale) => {
    const { model, error } = await quantized(recurrent("LSTM", 4), "dynamic-int8", [5, 1, 16], { perChannel });
    expect(nodesOf(model.graph)[0]).toBe(
      "DynamicQuantizeLSTM(x, w_int8, r_int8, b, , , , , w_scale, w_zero_point, r_scale, r_zero_point) → all",
    );
    expect(initializersOf(model.graph)).toEqual(expect.arrayContaining(["w_int8 int8[2, 16, 64]", scale]));
    expect(error).toBeLessThan(0.03);
  });

  it("stays as it is when it is excluded or its weights are computed", async () => {
    const excluded = await quantized(recurrent("LSTM", 4), "dynamic-int8", [5, 1, 16], { exclude: ["LSTM_all"] });
    expect(nodesOf(excluded.model.graph)[0]).toBe("LSTM(x, w, r, b) → all");
    const computed = smallModel({
      nodes: [
        node("Exp", ["w"], ["v"]),
        node("LSTM", ["x", "v", "r"], ["all"], [intAttribute("hidden_size", 16)]),
        node("Reshape", ["all", "shape"], ["flat"]),
        node("MatMul", ["flat", "head"], ["y"]),
      ],
      weights: [
        weight("w", [1, 64, 16]),
        weight("r", [1, 64, 16]),
        weight("head", [16, 32]),
        rawTensor("shape", [2], "int64", BigInt64Array.of(-1n, 16n)),
      ],
      inputs: { x: [5, 1, 16] },
      outputs: { y: [5, 32] },
    });
    const { report } = await quantized(computed, "dynamic-int8", [5, 1, 16]);
    expect(report.kept.map(({ operator }) => operator)).not.toContain("MatMul");
    expect(report.quantized.map(({ node: name }) => name)).toContain("MatMul_y");
  });
});
