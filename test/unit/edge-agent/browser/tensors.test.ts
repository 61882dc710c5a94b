import { describe, expect, it } from "vitest";
import { InvalidInputError, outputOf, tensorOf } from "../../../../edge-agent/browser/tensors.ts";

describe("an input", () => {
  it("has the type of its array", () => {
    const { dataType, rawData, dims } = tensorOf("x", { data: Float32Array.of(1, 2), dims: [1, 2] });
    expect({ dataType, dims }).toEqual({ dataType: "float32", dims: [1, 2] });
    expect(new Float32Array(rawData.slice().buffer)).toEqual(Float32Array.of(1, 2));
  });

  it("has the type that is named where an array can be of several", () => {
    expect(tensorOf("x", { data: Uint8Array.of(1), dims: [1] }).dataType).toBe("uint8");
    expect(tensorOf("x", { data: Uint8Array.of(1), dims: [1], type: "bool" }).dataType).toBe("bool");
    expect(tensorOf("x", { data: Uint16Array.of(1), dims: [1], type: "float16" }).dataType).toBe("float16");
  });

  it("carries only its own part of a larger array along", () => {
    const { rawData } = tensorOf("x", { data: new Float32Array(1_000).subarray(3, 5), dims: [2] });
    expect(rawData.buffer.byteLength).toBe(8);
  });

  it.each([
    ["has another number of elements than its shape", { data: Float32Array.of(1), dims: [2] }],
    ["has an array of another type than it says", { data: Float32Array.of(1), dims: [1], type: "int64" as const }],
  ])("is refused when it %s", (_what, input) => {
    expect(() => tensorOf("x", input)).toThrow(InvalidInputError);
  });
});

it("an output has the array of its type, wherever its bytes begin", () => {
  const bytes = new Uint8Array(13);
  bytes.set(new Uint8Array(Float32Array.of(1.5, -2).buffer), 1);
  expect(outputOf({ name: "y", dataType: "float32", dims: [2], rawData: bytes.subarray(1, 9) })).toEqual({
    type: "float32",
    dims: [2],
    data: Float32Array.of(1.5, -2),
  });
});
