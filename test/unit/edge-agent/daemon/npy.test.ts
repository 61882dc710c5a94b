import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeNpy, NpyFormatError } from "../../../../edge-agent/daemon/npy.ts";
import { rowOfArray, tensorFromArray } from "../../../../edge-agent/daemon/tensor-from-array.ts";
import { encodeNpy } from "../../../fixtures/encode-npy.ts";

const file = Buffer.from(encodeNpy([2, 3], Uint8Array.of(0, 51, 255, 4, 5, 6)));

describe("a .npy file", () => {
  it("is an array with its shape", () => {
    expect(decodeNpy(file)).toEqual({
      dataType: "uint8",
      shape: [2, 3],
      data: Buffer.from([0, 51, 255, 4, 5, 6]),
    });
  });

  it("is refused when it is cut off, longer than its shape, or of a kind that no model takes", () => {
    for (let length = 0; length < file.length; length++)
      expect(() => decodeNpy(file.subarray(0, length))).toThrow(NpyFormatError);
    expect(() => decodeNpy(Buffer.concat([file, Buffer.of(1)]))).toThrow("makes 6 bytes, and it has 7");
    expect(() => decodeNpy(Buffer.from(file.toString("latin1").replace("|u1", "<c8"), "latin1"))).toThrow('"<c8"');
  });

  it("never ends in another error, whatever it holds", () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(file.length), (garbage, at) => {
        const bytes = Buffer.concat([file.subarray(0, at), garbage]);
        try {
          decodeNpy(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(NpyFormatError);
        }
      }),
    );
  });
});

describe("a tensor from an array", () => {
  const image = { name: "image", dataType: "float32", shape: ["batch", 1, 3] } as const;

  it("gets the leading dimensions that the model wants", () => {
    const row = rowOfArray(decodeNpy(file), 0);
    expect(tensorFromArray({ ...image, dataType: "uint8" }, row)).toMatchObject({ name: "image", dims: [1, 1, 3] });
  });

  it("reads a camera's bytes as shares of 255", () => {
    const tensor = tensorFromArray(image, rowOfArray(decodeNpy(file), 0));
    expect([...new Float32Array(tensor.rawData.slice().buffer)]).toEqual([0, Math.fround(0.2), 1]);
  });
});
