import { describe, expect, it } from "vitest";
import { tensorFromArray } from "../../../../edge-agent/daemon/tensor-from-array.ts";
import { decodeNpy, rowOfNpy } from "../../../../proto/npy.ts";
import { encodeNpy } from "../../../fixtures/encode-npy.ts";

const file = Buffer.from(encodeNpy([2, 3], Uint8Array.of(0, 51, 255, 4, 5, 6)));

describe("a tensor from an array", () => {
  const image = { name: "image", dataType: "float32", shape: ["batch", 1, 3] } as const;

  it("gets the leading dimensions that the model wants", () => {
    const row = rowOfNpy(decodeNpy(file), 0);
    expect(tensorFromArray({ ...image, dataType: "uint8" }, row)).toMatchObject({ name: "image", dims: [1, 1, 3] });
  });

  it("reads a camera's bytes as shares of 255", () => {
    const tensor = tensorFromArray(image, rowOfNpy(decodeNpy(file), 0));
    expect([...new Float32Array(new Uint8Array(tensor.rawData).buffer)]).toEqual([0, Math.fround(0.2), 1]);
  });
});
