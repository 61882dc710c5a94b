import type { Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import {
  floatAttribute,
  graphAttribute,
  intAttribute,
  intsAttribute,
  node,
  tensorValue,
  textAttribute,
} from "../../../../../control-plane/packaging/onnx/build.ts";
import { encodeModel } from "../../../../../control-plane/packaging/onnx/encode.ts";
import { floatsOf } from "../../../../../control-plane/packaging/onnx/graph/floats-of.ts";
import type { ModelProto, NodeProto, TensorProto } from "../../../../../control-plane/packaging/onnx/model.ts";
import { onnxMessage } from "../../../../../control-plane/packaging/onnx/schema.ts";
import { rawTensor } from "../../../../../control-plane/packaging/onnx/tensor.ts";
import { QuantizationError } from "../../../../../control-plane/packaging/quantization/quantization.ts";
import type { QuantizationOptions } from "../../../../../control-plane/packaging/quantization/quantization.ts";
import { activationsToCalibrate, staticInt8 } from "../../../../../control-plane/packaging/quantization/static-int8.ts";
import { scalesOf } from "../../../../../control-plane/packaging/quantization/stored-weight-names.ts";
import {
  observeRanges,
  operatorsAsRun,
  quantizeStatically,
  staticOptions,
} from "../../../../support/quantize-with-ranges.ts";
import { randomTensor, runOnnx } from "../../../../support/run-onnx.ts";
import { constant, int64s, network, residualNetwork, weight } from "../../../../support/small-networks.ts";

const same = intsAttribute("pads", [1, 1, 1, 1]);

function conv(from: string, to: string, attributes: NodeProto["attribute"] = [same], bias = true): NodeProto {
  return node("Conv", [from, `${to}.w`, ...(bias ? [`${to}.b`] : [])], [to], attributes);
}

/** Weights and bias for `conv`. */
function convWeights(to: string, dims: readonly number[]): readonly TensorProto[] {
  return [weight(`${to}.w`, dims, to.length + 3), weight(`${to}.b`, [dims[0] ?? 1], 5)];
}

interface Comparison {
  readonly operators: Readonly<Record<string, number>>;
  /** Largest difference to the float model, in parts of the largest float result. */
  readonly error: number;
}

/** Quantizes by the ranges of two samples, and compares the results for one of them. */
async function quantizeAndCompare(
  model: ModelProto,
  inputDims: readonly number[],
  options: Partial<QuantizationOptions> = {},
): Promise<Comparison & { readonly quantized: ModelProto; readonly kept: readonly string[] }> {
  const samples = [1, 2].map((seed) => ({ x: randomTensor(inputDims, seed) }));
  const { model: quantized, report } = await quantizeStatically(model, samples, options);
  const feeds = { x: randomTensor(inputDims, 1) };
  const [before, after] = [await runOnnx(model, feeds), await runOnnx(quantized, feeds)];
  expect(after["y"]?.dims).toEqual(before["y"]?.dims);
  return {
    quantized,
    operators: await operatorsAsRun(quantized),
    error: relativeError(before["y"], after["y"]),
    kept: report.kept.map((part) => `${part.node}: ${part.reason}`),
  };
}

function relativeError(before: Tensor | undefined, after: Tensor | undefined): number {
  const [one, two] = [before?.data as Float32Array, after?.data as Float32Array];
  const largest = one.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return one.reduce((most, value, index) => Math.max(most, Math.abs(value - (two[index] as number))), 0) / largest;
}

describe("static int8, as onnxruntime runs it", () => {
  it("computes a residual network with integers from the first convolution to the last Gemm", async () => {
    const { operators, error, quantized } = await quantizeAndCompare(residualNetwork(), [1, 3, 64, 64]);
    expect(operators).toMatchObject({
      QLinearConv: 8,
      QLinearAdd: 4,
      MaxPool: 4,
      QLinearGlobalAveragePool: 1,
      QGemm: 1,
    });
    expect(operators).not.toHaveProperty("DequantizeLinear");
    expect(operators["QuantizeLinear"]).toBe(1);
    expect(error).toBeLessThan(0.05);
    expect(encodeModel(quantized).length).toBeLessThan(0.27 * encodeModel(residualNetwork()).length);
  });

  it("does without the Relu or Clip behind a convolution: the range of its result clips", async () => {
    const model = network(
      [1, 4, 8, 8],
      [conv("x", "a"), node("Clip", ["a", "zero", "two"], ["b"]), conv("b", "c"), node("Relu", ["c"], ["y"])],
      [
        ...convWeights("a", [4, 4, 3, 3]),
        ...convWeights("c", [4, 4, 3, 3]),
        constant("zero", [0], []),
        constant("two", [2], []),
      ],
    );
    const { operators, error } = await quantizeAndCompare(model, [1, 4, 8, 8]);
    expect(operators).toEqual({ QLinearConv: 2, QuantizeLinear: 1, DequantizeLinear: 1 });
    expect(error).toBeLessThan(0.02);
  });

  it("computes a Relu whose input is read elsewhere too for itself", async () => {
    const model = network(
      [1, 4, 8, 8],
      [conv("x", "a"), node("Relu", ["a"], ["r"]), conv("r", "b"), node("Add", ["a", "b"], ["y"])],
      [...convWeights("a", [4, 4, 3, 3]), ...convWeights("b", [4, 4, 3, 3])],
    );
    const { operators, error } = await quantizeAndCompare(model, [1, 4, 8, 8]);
    expect(operators).toMatchObject({ QLinearConv: 2 });
    expect(error).toBeLessThan(0.03);
  });

  it.each([
    ["one dimension", [2, 4, 16], [6, 4, 3], [intsAttribute("pads", [1, 1])]],
    ["two dimensions and groups", [2, 4, 8, 8], [8, 2, 3, 3], [same, intAttribute("group", 2)]],
    ["a channel each (depthwise)", [2, 4, 8, 8], [4, 1, 3, 3], [same, intAttribute("group", 4)]],
    [
      "strides and dilations",
      [1, 3, 16, 16],
      [5, 3, 3, 3],
      [intsAttribute("strides", [2, 2]), intsAttribute("dilations", [2, 2])],
    ],
  ] as const)("computes a convolution over %s with integers", async (_, input, weights, attributes) => {
    const model = network([...input], [conv("x", "y", attributes)], convWeights("y", weights));
    const { operators, error } = await quantizeAndCompare(model, input);
    expect(operators).toMatchObject({ QLinearConv: 1 });
    expect(error).toBeLessThan(0.02);
  });

  it("gives float results from the last Gemm, whose accuracy is the task's", async () => {
    const { operators } = await quantizeAndCompare(
      network([3, 8], [node("Gemm", ["x", "w", "b"], ["y"])], [weight("w", [8, 5]), weight("b", [5])]),
      [3, 8],
    );
    expect(operators).toEqual({ QuantizeLinear: 1, QGemm: 1 });
  });

  it("leaves a convolution over three dimensions in float, which is faster, and stores its weights as int8", async () => {
    const conv = node("Conv", ["x", "w"], ["y"]);
    const { operators, error } = await quantizeAndCompare(
      network([1, 4, 5, 5, 5], [conv], [weight("w", [4, 4, 3, 3, 3])]),
      [1, 4, 5, 5, 5],
    );
    expect(operators).toEqual({ Conv: 1 });
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(0.02);
  });

  it.each([
    ["B transposed", [5, 8], [intAttribute("transB", 1)], [5]],
    ["alpha and beta", [8, 5], [floatAttribute("alpha", 0.5), floatAttribute("beta", 2)], [5]],
    ["one bias for all", [8, 5], [], [1]],
    ["a bias with two dimensions", [8, 5], [], [1, 5]],
  ] as const)("computes Gemm with %s with integers", async (_, dims, attributes, bias) => {
    const nodes = [node("Gemm", ["x", "w", "b"], ["y"], attributes)];
    const { operators, error } = await quantizeAndCompare(
      network([3, 8], nodes, [weight("w", dims), weight("b", bias)]),
      [3, 8],
    );
    expect(operators).toEqual({ QuantizeLinear: 1, QGemm: 1 });
    expect(error).toBeLessThan(0.02);
  });

  it("leaves Gemm with A transposed in float, and says why", async () => {
    const nodes = [node("Gemm", ["x", "w"], ["y"], [intAttribute("transA", 1)])];
    const { operators, kept } = await quantizeAndCompare(network([3, 8], nodes, [weight("w", [3, 5])]), [3, 8]);
    expect(operators["QGemm"]).toBeUndefined();
    expect(kept).toEqual(["Gemm_y: transA, alpha or beta have no integer kernel"]);
  });

  it("computes a MatMul and its bias as one integer Gemm where both sides are matrices", async () => {
    const nodes = [node("MatMul", ["x", "w"], ["m"]), node("Add", ["m", "b"], ["y"])];
    const { operators } = await quantizeAndCompare(
      network([3, 8], nodes, [weight("w", [8, 5]), weight("b", [5])]),
      [3, 8],
    );
    expect(operators).toEqual({ QuantizeLinear: 1, QGemm: 1 });
  });

  it.each([
    ["a matrix", [2, 4, 8], [8, 5]],
    ["a stack of matrices", [2, 4, 8], [2, 8, 5]],
  ] as const)("computes MatMul with %s with integers, and its bias in float", async (_, input, dims) => {
    const nodes = [node("MatMul", ["x", "w"], ["m"]), node("Add", ["m", "b"], ["y"])];
    const { operators, error } = await quantizeAndCompare(
      network([...input], nodes, [weight("w", dims), weight("b", [5])]),
      input,
    );
    expect(operators).toEqual({ QuantizeLinear: 1, MatMulIntegerToFloat: 1, Add: 1 });
    expect(error).toBeLessThan(0.02);
  });

  it("computes attention's products of two activations with integers", async () => {
    const nodes = [
      node("MatMul", ["x", "q.w"], ["q"]),
      node("MatMul", ["x", "k.w"], ["k"]),
      node("Transpose", ["k"], ["kt"], [intsAttribute("perm", [0, 2, 1])]),
      node("MatMul", ["q", "kt"], ["scores"]),
      node("Softmax", ["scores"], ["p"], [intAttribute("axis", -1)]),
      node("MatMul", ["p", "x"], ["y"]),
    ];
    const model = network([1, 6, 8], nodes, [weight("q.w", [8, 8], 3), weight("k.w", [8, 8], 4)]);
    const { operators, error } = await quantizeAndCompare(model, [1, 6, 8]);
    expect(operators["MatMul"]).toBeUndefined();
    expect((operators["QLinearMatMul"] ?? 0) + (operators["MatMulIntegerToFloat"] ?? 0)).toBe(4);
    expect(error).toBeLessThan(0.05);
  });

  it("computes Concat, LeakyRelu, Sigmoid × x and pools between convolutions with integers", async () => {
    const pool = [intsAttribute("kernel_shape", [2, 2]), intsAttribute("strides", [2, 2])];
    const nodes = [
      conv("x", "a"),
      node("LeakyRelu", ["a"], ["leaky"], [floatAttribute("alpha", 0.1)]),
      conv("leaky", "b"),
      node("Sigmoid", ["b"], ["gate"]),
      node("Mul", ["b", "gate"], ["swish"]),
      node("Concat", ["leaky", "swish"], ["both"], [intAttribute("axis", 1)]),
      node("AveragePool", ["both"], ["pooled"], pool),
      conv("pooled", "y"),
    ];
    const model = network([1, 4, 8, 8], nodes, [
      ...convWeights("a", [4, 4, 3, 3]),
      ...convWeights("b", [4, 4, 3, 3]),
      ...convWeights("y", [4, 8, 3, 3]),
    ]);
    const { operators, error } = await quantizeAndCompare(model, [1, 4, 8, 8]);
    expect(operators).toMatchObject({
      QLinearConv: 3,
      QLinearLeakyRelu: 1,
      QLinearSigmoid: 1,
      QLinearMul: 1,
      QLinearConcat: 1,
    });
    expect(operators).toMatchObject({ QLinearAveragePool: 1, QuantizeLinear: 1, DequantizeLinear: 1 });
    expect(error).toBeLessThan(0.1);
  });

  it("moves integers through MaxPool, Resize, Transpose and Reshape under one scale, without rounding again", async () => {
    const pool = [intsAttribute("kernel_shape", [2, 2]), intsAttribute("strides", [2, 2])];
    const resize = [
      textAttribute("mode", "nearest"),
      textAttribute("coordinate_transformation_mode", "asymmetric"),
      textAttribute("nearest_mode", "floor"),
    ];
    const nodes = [
      conv("x", "a"),
      node("MaxPool", ["a"], ["small"], pool),
      node("Resize", ["small", "", "scales"], ["large"], resize),
      node("Transpose", ["large"], ["turned"], [intsAttribute("perm", [0, 1, 3, 2])]),
      node("Reshape", ["turned", "shape"], ["again"]),
      conv("again", "y"),
    ];
    const model = network([1, 4, 8, 8], nodes, [
      ...convWeights("a", [4, 4, 3, 3]),
      ...convWeights("y", [4, 4, 3, 3]),
      constant("scales", [1, 1, 2, 2]),
      int64s("shape", [1, 4, 8, 8]),
    ]);
    const { operators, error, quantized } = await quantizeAndCompare(model, [1, 4, 8, 8]);
    expect(operators).toMatchObject({ QLinearConv: 2, MaxPool: 1, Resize: 1, QuantizeLinear: 1, DequantizeLinear: 1 });
    const scales = quantized.graph?.initializer.filter((tensor) =>
      /^(small|large|turned|again)_scale/.test(tensor.name ?? ""),
    );
    expect(scales).toEqual([]);
    expect(error).toBeLessThan(0.02);
  });

  it("stores the weights of a ConvTranspose as int8, which are float again before it runs", async () => {
    const model = network(
      [1, 8, 6, 6],
      [node("ConvTranspose", ["x", "y.w", "y.b"], ["y"], [intAttribute("group", 2)])],
      convWeights("y", [8, 6, 3, 3]).map((tensor) => (tensor.name === "y.b" ? weight("y.b", [12]) : tensor)),
    );
    const { operators, error } = await quantizeAndCompare(model, [1, 8, 6, 6]);
    expect(operators).toEqual({ ConvTranspose: 1 });
    expect(error).toBeLessThan(0.02);
  });

  it("folds normalization and biases that stand behind a convolution into it", async () => {
    const nodes = [
      conv("x", "a", [same], false),
      node("BatchNormalization", ["a", "scale", "shift", "mean", "var"], ["n"]),
      node("Mul", ["n", "half"], ["h"]),
      node("Add", ["channel", "h"], ["y"]),
    ];
    const model = network([1, 4, 8, 8], nodes, [
      weight("a.w", [4, 4, 3, 3]),
      constant("scale", [1, 0.5, 0, 2]),
      constant("shift", [0.1, -0.2, 0.3, 0]),
      constant("mean", [0.3, 0.1, 0, -0.1]),
      constant("var", [1, 0.25, 2, 0.5]),
      constant("half", [0.5], []),
      constant("channel", [1, 2, 3, 4], [4, 1, 1]),
    ]);
    const { operators, error } = await quantizeAndCompare(model, [1, 4, 8, 8]);
    expect(operators).toEqual({ QLinearConv: 1, QuantizeLinear: 1, DequantizeLinear: 1 });
    expect(error).toBeLessThan(0.02);
  });

  it("keeps the bias of channels whose weights are zero or nearly so", async () => {
    const weights = floatsOf(weight("y.w", [4, 2, 3, 3]));
    weights.fill(0, 0, 18);
    weights.set(
      weights.subarray(18, 36).map((value) => value * 1e-12),
      18,
    );
    const model = network(
      [1, 2, 5, 5],
      [conv("x", "y")],
      [rawTensor("y.w", [4, 2, 3, 3], "float32", weights), constant("y.b", [0.7123, -3.21, 0, 0.1])],
    );
    const { error, operators } = await quantizeAndCompare(model, [1, 2, 5, 5]);
    expect(operators).toMatchObject({ QLinearConv: 1 });
    // A step of the result's 255, and little more.
    expect(error).toBeLessThan(1.5 / 255);
  });
});

describe("static int8, what is changed and what is not", () => {
  const twoConvolutions = (): ModelProto =>
    network(
      [1, 4, 8, 8],
      [conv("x", "a"), node("Relu", ["a"], ["r"]), conv("r", "y")],
      [...convWeights("a", [4, 4, 3, 3]), ...convWeights("y", [4, 4, 3, 3])],
    );
  const dims = [1, 4, 8, 8];

  it("is the same bytes for the same model, options and ranges", async () => {
    const samples = [{ x: randomTensor(dims) }];
    const [one, two] = [
      await quantizeStatically(twoConvolutions(), samples),
      await quantizeStatically(twoConvolutions(), samples),
    ];
    expect(Buffer.compare(encodeModel(one.model), encodeModel(two.model))).toBe(0);
  });

  it("leaves excluded nodes in float, and asks for the same ranges whatever is excluded", async () => {
    const { operators, kept, error } = await quantizeAndCompare(twoConvolutions(), dims, { exclude: ["Conv_a"] });
    expect(operators).toMatchObject({ QLinearConv: 1, Conv: 1 });
    expect(kept).toContain("Conv_a: excluded");
    expect(error).toBeLessThan(0.02);
    expect(activationsToCalibrate(twoConvolutions()).values).toEqual(["x", "r", "y"]);
  });

  it("leaves everything as it is when everything is excluded, and says so loudly", async () => {
    const { report, model } = await quantizeStatically(twoConvolutions(), [{ x: randomTensor(dims) }], {
      exclude: ["Conv_a", "Conv_y"],
    });
    expect(report.quantized).toEqual([]);
    expect(report.notes[0]).toMatch(/NOTHING WAS QUANTIZED/);
    const feeds = { x: randomTensor(dims, 9) };
    expect((await runOnnx(model, feeds))["y"]?.data).toEqual((await runOnnx(twoConvolutions(), feeds))["y"]?.data);
  });

  it("keeps a node in float whose range was not observed", async () => {
    const ranges = new Map(await observeRanges(twoConvolutions(), [{ x: randomTensor(dims) }]));
    ranges.delete("y");
    const { report } = staticInt8(twoConvolutions(), staticOptions, ranges);
    expect(report.kept).toEqual([{ node: "Conv_y", operator: "Conv", reason: 'no range is known for "y"' }]);
    expect(report.quantized.map((part) => part.node)).toEqual(["Conv_a"]);
  });

  it("refuses ranges that are not finite", () => {
    const ranges = new Map(["x", "r", "y"].map((name) => [name, { min: 0, max: Infinity }]));
    expect(() => staticInt8(twoConvolutions(), staticOptions, ranges)).toThrow(QuantizationError);
  });

  it("uses 7 bits of the weights where processors need it, and one scale for each weight where that is wished", async () => {
    const { quantized } = await quantizeAndCompare(twoConvolutions(), dims, { reduceRange: true, perChannel: false });
    const stored =
      quantized.graph?.initializer.find((tensor) => tensor.name === "a.w_int8")?.rawData ?? new Uint8Array();
    const integers = new Int8Array(stored.buffer, stored.byteOffset, stored.length);
    expect(Math.max(...integers.map(Math.abs))).toBe(64);
    expect(scalesOf(quantized).get("a.w")).toHaveLength(1);
  });

  it("keeps the parent version's scales where they cover the weights", async () => {
    const { quantized } = await quantizeAndCompare(twoConvolutions(), dims);
    const baseScales = new Map(
      [...scalesOf(quantized)].map(([name, scales]) => [name, scales.map((scale) => scale * 1.05)]),
    );
    const { quantized: next } = await quantizeAndCompare(twoConvolutions(), dims, { baseScales });
    expect(scalesOf(next).get("a.w")).toEqual(baseScales.get("a.w"));
  });

  it("quantizes a weight once that several nodes read, and leaves the float one to those that need it", async () => {
    const shared = [weight("s.w", [4, 4, 3, 3]), weight("s.b", [4])];
    const nodes = [
      node("Conv", ["x", "s.w", "s.b"], ["a"], [same]),
      node("Conv", ["a", "s.w", "s.b"], ["b"], [same]),
      node("ReduceSum", ["s.w", "axes"], ["total"], [intAttribute("keepdims", 0)]),
      node("Mul", ["b", "total"], ["y"]),
    ];
    const model = network(dims, nodes, [...shared, int64s("axes", [0, 1, 2, 3])]);
    const { operators, quantized } = await quantizeAndCompare(model, dims);
    expect(operators).toMatchObject({ QLinearConv: 2 });
    const names = quantized.graph?.initializer.map((tensor) => tensor.name) ?? [];
    expect(names.filter((name) => name?.startsWith("s.w"))).toEqual(["s.w", "s.w_int8", "s.w_scale"]);
  });

  it("goes on working for bodies that read a weight or a quantized value from outside", async () => {
    const body = (name: string, read: string): NodeProto["attribute"][number] =>
      graphAttribute(
        name,
        onnxMessage("Graph", {
          name,
          node: [node("Conv", ["a", read], [`${name}.out`], [same])],
          output: [onnxMessage("ValueInfo", { name: `${name}.out` })],
        }),
      );
    const model = network(
      dims,
      [
        conv("x", "a"),
        node("ReduceMax", ["x"], ["most"], [intAttribute("keepdims", 0)]),
        node("Greater", ["most", "zero"], ["is"]),
        node("If", ["is"], ["y"], [body("then_branch", "a.w"), body("else_branch", "a.w")]),
      ],
      [...convWeights("a", [4, 4, 3, 3]), constant("zero", [0], [])],
    );
    const { operators, error, kept } = await quantizeAndCompare(model, dims);
    expect(operators).toMatchObject({ QLinearConv: 1, If: 1 });
    expect(kept.filter((one) => one.includes("inside a branch"))).toHaveLength(2);
    expect(error).toBeLessThan(0.02);
  });

  it("takes constants out of nodes, and names that the model already uses stay its own", async () => {
    const tensors = convWeights("a", [4, 4, 3, 3]);
    const hidden = tensors.map((tensor) =>
      node("Constant", [], [tensor.name ?? ""], [onnxMessage("Attribute", { name: "value", t: tensor, type: 4 })]),
    );
    const nodes = [...hidden, conv("x", "a"), node("Neg", ["a"], ["a_raw"]), node("Abs", ["a_raw"], ["y"])];
    const { operators, error } = await quantizeAndCompare(network(dims, nodes, []), dims);
    expect(operators).toMatchObject({ QLinearConv: 1 });
    expect(error).toBeLessThan(0.02);
  });

  it("takes a model of IR version 3, whose weights are inputs as well", async () => {
    const model = twoConvolutions();
    const { graph } = model;
    const inputs = (graph?.initializer ?? []).map((tensor) =>
      tensorValue(tensor.name ?? "", "float32", tensor.dims.map(Number)),
    );
    const old = {
      ...model,
      irVersion: 3,
      graph: onnxMessage("Graph", { ...graph, input: [...(graph?.input ?? []), ...inputs] }),
    };
    const { operators, quantized } = await quantizeAndCompare(old, dims);
    expect(operators).toMatchObject({ QLinearConv: 2 });
    expect(quantized.graph?.input.map((input) => input.name)).toEqual(["x"]);
  });

  it("uses Microsoft's QuantizeLinear where the operators cannot be brought to version 13", async () => {
    const resize = [
      textAttribute("mode", "nearest"),
      textAttribute("coordinate_transformation_mode", "tf_half_pixel_for_nn"),
    ];
    const model = network(
      dims,
      [conv("x", "a"), node("Resize", ["a", "roi", "scales"], ["y"], resize)],
      [...convWeights("a", [4, 4, 3, 3]), constant("roi", []), constant("scales", [1, 1, 2, 2])],
      { opset: 11 },
    );
    const { operators, quantized } = await quantizeAndCompare(model, dims);
    expect(operators).toMatchObject({ QLinearConv: 1 });
    expect(quantized.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
      ["", 11],
      ["com.microsoft", 1],
    ]);
  });
});
