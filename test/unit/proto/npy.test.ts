import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeNpy, NpyFormatError, numbersOfNpy, rowOfNpy } from "../../../proto/npy.ts";
import { encodeNpy } from "../../fixtures/encode-npy.ts";

function npy(dictionary: string, data: Uint8Array, version = 1): Uint8Array {
  const header = Buffer.from(`${dictionary}\n`, "latin1");
  const length = Buffer.alloc(version === 1 ? 2 : 4);
  if (version === 1) length.writeUInt16LE(header.length);
  else length.writeUInt32LE(header.length);
  return Buffer.concat([Buffer.from([0x93]), Buffer.from("NUMPY"), Buffer.from([version, 0]), length, header, data]);
}

function dictionary(descr: string, shape: string, fortran = "False"): string {
  return `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': (${shape}), }`;
}

function bytesOf(array: ArrayBufferView): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

describe("decodeNpy", () => {
  it.each([
    ["<f4", Float32Array.of(1.5, -2)],
    ["<f8", Float64Array.of(1.5, -2)],
    ["|u1", Uint8Array.of(1, 200)],
    ["<i4", Int32Array.of(7, -9)],
    ["<i2", Int16Array.of(7, -32_768)],
    ["<u2", Uint16Array.of(7, 65_535)],
    ["<u4", Uint32Array.of(7, 2 ** 32 - 1)],
  ])("reads %s", (descr, values) => {
    const array = decodeNpy(npy(dictionary(descr, "2,"), bytesOf(values)));
    expect(array.shape).toEqual([2]);
    expect(Array.from(numbersOfNpy(array))).toEqual(Array.from(values));
  });

  it("reads int64, numpy's default for labels", () => {
    const array = decodeNpy(npy(dictionary("<i8", "2,"), bytesOf(BigInt64Array.of(3n, -1n))));
    expect(Array.from(numbersOfNpy(array))).toEqual([3, -1]);
  });

  it("reads shapes of several dimensions and the longer header of format version 2", () => {
    const array = decodeNpy(npy(dictionary("|u1", "2, 1, 3"), new Uint8Array(6), 2));
    expect(array).toMatchObject({ dataType: "uint8", shape: [2, 1, 3] });
  });

  it("gives the rows of an array", () => {
    const array = decodeNpy(npy(dictionary("<f4", "2, 3"), bytesOf(Float32Array.of(1, 2, 3, 4, 5, 6))));
    expect(rowOfNpy(array, 1)).toMatchObject({ dataType: "float32", shape: [3] });
    expect(Array.from(numbersOfNpy(rowOfNpy(array, 1)))).toEqual([4, 5, 6]);
  });

  it("reads what the fixtures' writer writes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 64 }), (data) => {
        expect(new Uint8Array(decodeNpy(encodeNpy([data.length], data)).data)).toEqual(data);
      }),
    );
  });

  it.each([
    ["text", Buffer.from("1,2,3\n4,5,6\n"), /not a \.npy file: write one with numpy\.save/],
    ["complex numbers", npy(dictionary("<c8", "1,"), new Uint8Array(8)), /"<c8" is not read; save one of <f4/],
    ["big-endian floats", npy(dictionary(">f4", "1,"), new Uint8Array(4)), /">f4" is not read/],
    ["Fortran order", npy(dictionary("<f4", "1, 1", "True"), new Uint8Array(4)), /ascontiguousarray/],
    ["missing data", npy(dictionary("<f4", "3,"), new Uint8Array(8)), /needs 12 bytes, the file holds 8/],
    ["a shape of words", npy(dictionary("<f4", "three,"), new Uint8Array(8)), /not a tuple of sizes/],
    ["a header without a shape", npy("{'descr': '<f4'}", new Uint8Array(0)), /does not name descr/],
    ["a header that does not end", npy(dictionary("<f4", "1,"), new Uint8Array(0)).subarray(0, 20), /truncated/],
    ["a newer format", npy(dictionary("<f4", "1,"), new Uint8Array(4), 9), /version 9/],
  ])("refuses %s with what to do", (_what, bytes, reason) => {
    expect(() => decodeNpy(bytes)).toThrow(NpyFormatError);
    expect(() => decodeNpy(bytes)).toThrow(reason);
  });

  it("answers damaged files with an array or an NpyFormatError, never otherwise", () => {
    const original = npy(dictionary("<f4", "2, 2"), new Uint8Array(16));
    fc.assert(
      fc.property(fc.nat(original.length - 1), fc.integer({ min: 0, max: 255 }), fc.nat(), (at, value, cut) => {
        const bytes = original.slice(0, cut % (original.length + 1));
        if (at < bytes.length) bytes[at] = value;
        try {
          decodeNpy(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(NpyFormatError);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
