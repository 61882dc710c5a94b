import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { node, graphAttribute, modelOf, tensorValue } from "../../../../../control-plane/packaging/onnx/build.ts";
import { decodeModel, decodeOnnx } from "../../../../../control-plane/packaging/onnx/decode.ts";
import { encodeModel, encodeOnnx } from "../../../../../control-plane/packaging/onnx/encode.ts";
import type { GraphProto, ModelProto } from "../../../../../control-plane/packaging/onnx/model.ts";
import { OnnxFormatError } from "../../../../../control-plane/packaging/onnx/onnx-format-error.ts";
import { onnxMessage } from "../../../../../control-plane/packaging/onnx/schema.ts";
import { fastBenchModel } from "../../../../fixtures/make-bench-models.ts";
import { digitsDirectory } from "../../../../fixtures/read-digits.ts";

const fixtures = ["digits-1", "digits-2", "digits-2-int8", "digits-3"];

function fixture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(`${name}.onnx`, digitsDirectory)));
}

function graphWithin(depth: number): GraphProto {
  const body = depth === 0 ? [] : [node("If", ["c"], ["y"], [graphAttribute("then_branch", graphWithin(depth - 1))])];
  return onnxMessage("Graph", { name: `depth${depth}`, node: body });
}

function modelOrFormatError(bytes: Uint8Array): ModelProto | OnnxFormatError {
  try {
    return decodeModel(bytes);
  } catch (error) {
    if (error instanceof OnnxFormatError) return error;
    throw error;
  }
}

describe("the ONNX codec", () => {
  it.each(fixtures)("gives %s back byte for byte", (name) => {
    const bytes = fixture(name);
    expect(Buffer.compare(encodeModel(decodeModel(bytes)), bytes)).toBe(0);
  });

  it("gives a model of several megabytes back byte for byte", () => {
    const { bytes } = fastBenchModel();
    expect(Buffer.compare(encodeModel(decodeModel(bytes)), bytes)).toBe(0);
  });

  it("hands out tensor data as views into the file", () => {
    const bytes = fixture("digits-1");
    const [tensor] = decodeModel(bytes).graph?.initializer ?? [];
    expect(tensor?.rawData?.buffer).toBe(bytes.buffer);
  });

  it("keeps fields it does not know, and explicit defaults", () => {
    // domain "" and version 17, then field 9 (varint 5) and field 10 (two bytes), which OperatorSet does not have.
    const bytes = Uint8Array.of(0x0a, 0x00, 0x10, 17, 0x48, 5, 0x52, 2, 0xaa, 0xbb);
    const set = decodeOnnx(bytes, "OperatorSet");
    expect(set).toMatchObject({ domain: "", version: 17 });
    expect(set.unknown).toHaveLength(2);
    expect(encodeOnnx(set, "OperatorSet")).toEqual(bytes);
  });

  it("keeps a field whose wire type is not the one it should have", () => {
    const bytes = Uint8Array.of(0x12, 1, 0x41);
    expect(decodeOnnx(bytes, "OperatorSet").version).toBeUndefined();
    expect(encodeOnnx(decodeOnnx(bytes, "OperatorSet"), "OperatorSet")).toEqual(bytes);
  });

  it("reads repeated numbers whether they are packed or not", () => {
    const loose = decodeOnnx(Uint8Array.of(0x08, 2, 0x08, 3), "Tensor");
    const packed = decodeOnnx(Uint8Array.of(0x0a, 2, 2, 3), "Tensor");
    expect(loose.dims).toEqual([2, 3]);
    expect(packed.dims).toEqual([2, 3]);
  });

  it("reads packed floats from a file in pooled memory", () => {
    // A Buffer of a few bytes is a window into memory that other Buffers share.
    const file = Buffer.from([0x22, 4, ...new Uint8Array(Float32Array.of(2.5).buffer)]);
    expect(Array.from(decodeOnnx(file, "Tensor").floatData)).toEqual([2.5]);
  });

  it("joins runs of packed floats", () => {
    const run = [0x22, 4, ...new Uint8Array(Float32Array.of(1.5).buffer)];
    const { floatData } = decodeOnnx(Uint8Array.from([...run, ...run]), "Tensor");
    expect(Array.from(floatData)).toEqual([1.5, 1.5]);
  });

  it.each([
    [0, 0],
    [-1, -1],
    [2 ** 31, 2 ** 31],
    [-(2 ** 31) - 1, -(2 ** 31) - 1],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    [-Number.MAX_SAFE_INTEGER, -Number.MAX_SAFE_INTEGER],
    [2n ** 53n, 2n ** 53n],
    [2n ** 63n - 1n, 2n ** 63n - 1n],
    [-(2n ** 63n), -(2n ** 63n)],
  ])("carries the integer %s exactly", (value, expected) => {
    const bytes = encodeOnnx(onnxMessage("Attribute", { i: value }), "Attribute");
    expect(decodeOnnx(bytes, "Attribute").i).toBe(expected);
  });

  it("carries every 64-bit integer, as a number where that is exact", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (value) => {
        const bytes = encodeOnnx(onnxMessage("Attribute", { i: value }), "Attribute");
        const back = decodeOnnx(bytes, "Attribute").i;
        expect(back).toBe(Number.isSafeInteger(Number(value)) ? Number(value) : value);
      }),
    );
  });

  it.each(fixtures)("refuses %s cut anywhere, or reads a shorter model that it gives back exactly", (name) => {
    const bytes = fixture(name);
    const lengths = Array.from({ length: 400 }, (_, i) => Math.floor((i * bytes.length) / 400));
    const changed = lengths.filter((length) => {
      const cut = bytes.subarray(0, length);
      const model = modelOrFormatError(cut);
      return !(model instanceof OnnxFormatError) && Buffer.compare(encodeModel(model), cut) !== 0;
    });
    expect(changed).toEqual([]);
  });

  it("says where a cut file ends", () => {
    expect(() => decodeModel(fixture("digits-1").subarray(0, 20_000))).toThrow(/truncated: byte \d+ begins \d+ bytes/);
  });

  it.each([
    ["a web page", Buffer.from("<html>404 not found</html>"), /wire type 4/],
    ["a field without a number", Uint8Array.of(0x00, 0x00), /not the start of a field/],
    ["a number without an end", Uint8Array.of(0x08, 0x80), /has no end/],
    ["a number of eleven bytes", Uint8Array.of(0x08, ...Array.from({ length: 11 }, () => 0xff)), /longer than 64 bits/],
    ["a second graph", Uint8Array.of(0x3a, 0x00, 0x3a, 0x00), /Model\.graph occurs a second time/],
    ["text that is not UTF-8", Uint8Array.of(0x12, 1, 0xff), /not UTF-8/],
  ])("refuses %s with the reason", (_what, bytes, reason) => {
    expect(() => decodeModel(bytes)).toThrow(OnnxFormatError);
    expect(() => decodeModel(bytes)).toThrow(reason);
  });

  it("reads graphs within graphs up to its limit, and refuses deeper ones", () => {
    const bytesOf = (depth: number): Uint8Array => encodeModel(modelOf(graphWithin(depth), "test"));
    expect(decodeModel(bytesOf(20)).graph?.name).toBe("depth20");
    expect(() => decodeModel(bytesOf(21))).toThrow("nested deeper than 64 levels");
  });

  it("answers foreign bytes with a model or an OnnxFormatError, never otherwise", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        modelOrFormatError(bytes);
      }),
      { numRuns: 2_000 },
    );
  });

  it("answers damaged models with a model or an OnnxFormatError, and what it reads it can write", () => {
    const originals = fixtures.map(fixture);
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(fc.constantFrom(...originals), damage, (original, changes) => {
        const bytes = original.slice();
        // Half of the changes hit the first kilobytes, where the structure is dense.
        for (const [at, value] of changes) bytes[at % (at % 2 === 0 ? bytes.length : 3_000)] = value;
        const model = modelOrFormatError(bytes);
        if (!(model instanceof OnnxFormatError)) expect(encodeModel(model).length).toBeGreaterThan(0);
      }),
      { numRuns: 1_000 },
    );
  });

  it("writes free and fixed dimensions", () => {
    const graph = onnxMessage("Graph", { input: [tensorValue("x", "float32", ["batch", 2])] });
    const [input] = decodeModel(encodeModel(modelOf(graph, "test"))).graph?.input ?? [];
    expect(input?.type?.tensorType?.shape?.dim).toMatchObject([{ dimParam: "batch" }, { dimValue: 2 }]);
  });
});
