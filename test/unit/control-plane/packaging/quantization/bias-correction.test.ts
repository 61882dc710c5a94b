import { describe, expect, it } from "vitest";
import { intAttribute, node } from "../../../../../control-plane/packaging/onnx/build.ts";
import { meanDrift } from "../../../../../control-plane/packaging/quantization/bias-correction.ts";
import { quantizeStatically } from "../../../../support/quantize-with-ranges.ts";
import { float32, pseudoRandom, runOnnx } from "../../../../support/run-onnx.ts";
import { smallModel, weight } from "../../../../support/small-models.ts";

/** Weights of 0.5 that were rounded to 0, 1, 0, 1 … by the scale 1: the errors are −0.5, 0.5, … */
const rounded = (count: number) => ({
  values: new Float32Array(count).fill(0.5),
  integers: Int8Array.from({ length: count }, (_, i) => i % 2),
  scales: Float32Array.of(1),
});

describe("what rounded weights add on average", () => {
  it("to each channel of a Gemm, whichever way its weights lie", () => {
    const gemm = node("Gemm", ["x", "w", "b"], ["y"]);
    expect(meanDrift(gemm, [2, 2], rounded(4), [10, 1])).toEqual(Float64Array.of(-5.5, 5.5));
    const transposed = node("Gemm", ["x", "w", "b"], ["y"], [intAttribute("transB", 1)]);
    expect(meanDrift(transposed, [2, 2], rounded(4), [10, 1])).toEqual(Float64Array.of(-4.5, -4.5));
  });

  it("to each channel of a convolution, whose groups read their own inputs", () => {
    const conv = node("Conv", ["x", "w", "b"], ["y"], [intAttribute("group", 2)]);
    expect(meanDrift(conv, [4, 1, 1, 1], rounded(4), [10, 1])).toEqual(Float64Array.of(-5, 5, -0.5, 0.5));
    const kernel = node("Conv", ["x", "w", "b"], ["y"]);
    expect(meanDrift(kernel, [1, 2, 1, 3], rounded(6), [10, 1])).toEqual(Float64Array.of(-4.5));
  });

  it("is unknown when the means are those of something else", () => {
    expect(meanDrift(node("Gemm", ["x", "w", "b"], ["y"]), [2, 2], rounded(4), [10])).toBeUndefined();
  });

  it("is taken out of the bias: over many samples the outputs are right on average", async () => {
    const model = smallModel({
      nodes: [node("Gemm", ["x", "w", "b"], ["y"])],
      weights: [weight("w", [64, 8]), weight("b", [8])],
      inputs: { x: [1, 64] },
      outputs: { y: [1, 8] },
    });
    const samples = Array.from({ length: 20 }, (_, seed) => ({
      x: float32(
        [1, 64],
        pseudoRandom(64, seed).map((value) => 5 + value),
      ),
    }));
    const { model: quantized } = await quantizeStatically(model, samples);
    const { model: uncorrected } = await quantizeStatically(model, samples, {}, { withMeans: false });
    const drift = async (other: typeof model): Promise<number> => {
      const sums = new Float64Array(8);
      for (const sample of samples) {
        const [right, found] = [await runOnnx(model, sample), await runOnnx(other, sample)];
        for (let i = 0; i < 8; i++)
          sums[i] = (sums[i] as number) + Number(found["y"]?.data[i]) - Number(right["y"]?.data[i]);
      }
      return Math.hypot(...sums) / samples.length;
    };
    expect(await drift(quantized)).toBeLessThan(0.25 * (await drift(uncorrected)));
  });
});
