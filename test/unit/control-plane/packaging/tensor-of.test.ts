import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { tensorOf } from "../../../../control-plane/packaging/tensor-of.ts";
import type { TensorType } from "../../../../proto/tensors.ts";
import { tensorTypes } from "../../../../proto/tensors.ts";
import { tensorValue } from "../../../../proto/tensor-value.ts";

const types = Object.keys(tensorTypes) as readonly TensorType[];

describe("tensorOf and tensorValue", () => {
  it.each(types)("carry %s there and back", (dataType) => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1 })), (numbers) => {
        const tensor = tensorOf("x", dataType, [numbers.length], numbers);
        expect(Array.from(tensorValue(tensor).data)).toEqual(numbers);
      }),
    );
  });

  it("read data that starts at an odd byte of a Buffer", () => {
    const { rawData } = tensorOf("x", "float32", [2], [1.5, -2.25]);
    const shifted = Buffer.concat([Buffer.of(0), rawData]).subarray(1);
    expect(Array.from(tensorValue({ dataType: "float32", dims: [2], rawData: shifted }).data)).toEqual([1.5, -2.25]);
  });

  it("round to float32", () => {
    expect(Array.from(tensorValue(tensorOf("x", "float32", [1], [0.1])).data)).toEqual([Math.fround(0.1)]);
  });
});
