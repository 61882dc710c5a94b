import { describe, expect, it } from "vitest";
import {
  integerRange,
  quantizeWeights,
  roundHalfEven,
  scaleAndZeroPoint,
} from "../../../../../control-plane/packaging/quantization/numbers.ts";
import { QuantizationError } from "../../../../../control-plane/packaging/quantization/quantization.ts";

const unsigned = { type: "uint8", symmetric: false, bits: 8 } as const;
const signed = { type: "int8", symmetric: true, bits: 8 } as const;

describe("roundHalfEven", () => {
  it.each([
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [-0.5, 0],
    [-1.5, -2],
    [-2.5, -2],
    [0.49999999999999994, 0],
    [2.4999, 2],
    [-7.51, -8],
    [2 ** 52 + 1, 2 ** 52 + 1],
  ])("%d → %d", (x, rounded) => {
    expect(roundHalfEven(x) + 0).toBe(rounded);
  });
});

describe("integerRange", () => {
  it("gives the integers that onnxruntime uses for each format", () => {
    expect(integerRange(unsigned)).toEqual({ min: 0, max: 255 });
    expect(integerRange({ ...unsigned, bits: 7 })).toEqual({ min: 0, max: 127 });
    expect(integerRange(signed)).toEqual({ min: -127, max: 127 });
    expect(integerRange({ ...signed, symmetric: false })).toEqual({ min: -128, max: 127 });
    expect(integerRange({ ...signed, bits: 7 })).toEqual({ min: -64, max: 64 });
  });
});

describe("scaleAndZeroPoint", () => {
  it("the worked example: −1 to 3 as uint8", () => {
    expect(scaleAndZeroPoint(-1, 3, unsigned)).toEqual({ scale: Math.fround(4 / 255), zeroPoint: 64 });
  });

  it("widens the range to hold zero", () => {
    expect(scaleAndZeroPoint(2, 4, unsigned)).toEqual({ scale: Math.fround(4 / 255), zeroPoint: 0 });
    expect(scaleAndZeroPoint(-4, -2, unsigned)).toEqual({ scale: Math.fround(4 / 255), zeroPoint: 255 });
  });

  it("symmetric: the zero point stands in the middle whatever the range", () => {
    expect(scaleAndZeroPoint(-1, 3, signed)).toEqual({ scale: Math.fround(6 / 254), zeroPoint: 0 });
    expect(scaleAndZeroPoint(-1, 3, { ...unsigned, symmetric: true })).toEqual({
      scale: Math.fround(6 / 255),
      zeroPoint: 128,
    });
  });

  it("a range without width has scale 1", () => {
    expect(scaleAndZeroPoint(0, 0, unsigned)).toEqual({ scale: 1, zeroPoint: 0 });
    expect(scaleAndZeroPoint(0, 1e-40, unsigned)).toEqual({ scale: 1, zeroPoint: 0 });
  });

  it("refuses what is no range", () => {
    expect(() => scaleAndZeroPoint(Number.NaN, 1, unsigned)).toThrow(QuantizationError);
    expect(() => scaleAndZeroPoint(0, Infinity, unsigned)).toThrow(/from 0 to Infinity/);
    expect(() => scaleAndZeroPoint(2, 1, unsigned)).toThrow(/from 2 to 1/);
  });
});

describe("quantizeWeights", () => {
  const values = Float32Array.of(1, -0.5, 0.25, 8);

  it("the worked example: one scale for each row", () => {
    const { quantized, scales } = quantizeWeights(values, [2, 2], { axis: 0, bits: 8 });
    expect([...quantized]).toEqual([127, -64, 4, 127]);
    expect(scales).toEqual(Float32Array.of(1 / 127, 8 / 127));
  });

  it("one scale for each column, for the whole weight, in seven bits", () => {
    expect(quantizeWeights(values, [2, 2], { axis: 1, bits: 8 }).scales).toEqual(Float32Array.of(1 / 127, 8 / 127));
    expect(quantizeWeights(values, [2, 2], { axis: undefined, bits: 8 }).scales).toEqual(Float32Array.of(8 / 127));
    expect([...quantizeWeights(values, [4], { axis: undefined, bits: 7 }).quantized]).toEqual([8, -4, 2, 64]);
  });

  it("a middle axis, whose channels come back after each run", () => {
    const { quantized, scales } = quantizeWeights(Float32Array.of(1, 2, 30, 40, 4, 3, 20, 10), [2, 2, 2], {
      axis: 1,
      bits: 8,
    });
    expect(scales).toEqual(Float32Array.of(4 / 127, 40 / 127));
    expect([...quantized]).toEqual([32, 64, 95, 127, 127, 95, 64, 32]);
  });

  it("keeps a scale of the parent version while it covers the new weights, and gives it up when it does not", () => {
    const asked = 1 / 127;
    const scaleOver = (base: number): number | undefined =>
      quantizeWeights(Float32Array.of(1), [1], { axis: 0, bits: 8, base: Float32Array.of(base) }).scales[0];
    expect(scaleOver(asked * 1.05)).toBe(Math.fround(asked * 1.05));
    expect(scaleOver(asked / 1.003)).toBe(Math.fround(asked / 1.003));
    expect(scaleOver(asked * 1.2)).toBe(Math.fround(asked));
    expect(scaleOver(asked / 1.01)).toBe(Math.fround(asked));
    expect(scaleOver(0)).toBe(Math.fround(asked));
    expect(scaleOver(Number.NaN)).toBe(Math.fround(asked));
  });

  it("does without the parent's scales when there are more or fewer of them", () => {
    const { scales } = quantizeWeights(Float32Array.of(1, 1), [2], {
      axis: 0,
      bits: 8,
      base: Float32Array.of(1 / 126),
    });
    expect(scales).toEqual(Float32Array.of(1 / 127, 1 / 127));
  });

  it("a channel of zeros is zero", () => {
    const { quantized, scales } = quantizeWeights(Float32Array.of(0, 0, 1, 1), [2, 2], { axis: 0, bits: 8 });
    expect([...quantized]).toEqual([0, 0, 127, 127]);
    expect(scales[0]).toBe(1);
  });

  it("an empty weight stays empty", () => {
    expect(quantizeWeights(new Float32Array(), [0, 4], { axis: 1, bits: 8 }).quantized).toEqual(new Int8Array());
  });

  it.each([Number.NaN, Infinity, -Infinity])("refuses %d and names the weight and the element", (bad) => {
    const damaged = Float32Array.of(1, bad, 2);
    expect(() => quantizeWeights(damaged, [3], { axis: undefined, bits: 8, name: "fc.weight" })).toThrow(
      new QuantizationError(
        `the weight "fc.weight" holds ${bad} (element 1) and cannot be quantized: such a model was damaged in training or export`,
      ),
    );
  });
});
