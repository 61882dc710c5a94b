import { describe, expect, it } from "vitest";
import { float16sOf, float32sOf, largestFloat16 } from "../../../../../control-plane/packaging/quantization/float16.ts";

describe("float16", () => {
  it.each([
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [1 / 3, 0x3555],
    [65_504, 0x7bff],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [3 * 2 ** -25, 0x0002],
    [2 ** -25, 0x0000],
    [2 ** -25 + 2 ** -40, 0x0001],
    [2 ** -26, 0x0000],
    [1 + 2 ** -11, 0x3c00],
    [1 + 3 * 2 ** -11, 0x3c02],
    [2 - 2 ** -12, 0x4000],
    [2 ** -14 - 2 ** -26, 0x0400],
  ])("%d is 0x%i", (value, bits) => {
    expect([...float16sOf(Float32Array.of(value))]).toEqual([bits]);
  });

  it("what lies beyond the largest number becomes the largest number", () => {
    const clipped = float32sOf(float16sOf(Float32Array.of(65_519, 65_520, -1e9, Infinity, -Infinity)));
    expect([...clipped]).toEqual([largestFloat16, largestFloat16, -largestFloat16, largestFloat16, -largestFloat16]);
  });

  it("refuses what is not a number, and names the weight", () => {
    expect(() => float16sOf(Float32Array.of(1, Number.NaN), "fc.weight")).toThrow(
      /"fc.weight" holds NaN \(element 1\)/,
    );
  });

  it("every finite binary16 comes back from float32 as it was", () => {
    const finite = Uint16Array.from({ length: 0x1_0000 }, (_, bits) => bits).filter(
      (bits) => (bits & 0x7c00) !== 0x7c00,
    );
    expect(float16sOf(float32sOf(finite))).toEqual(finite);
  });

  it("the infinities and NaN of binary16 are those of float32", () => {
    expect([...float32sOf(Uint16Array.of(0x7c00, 0xfc00, 0x7e00))]).toEqual([Infinity, -Infinity, Number.NaN]);
  });
});
