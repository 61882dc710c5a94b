import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inferResponse, readInferRequest } from "../../../../edge-agent/daemon/open-inference.ts";
import type { Tensor } from "../../../../proto/messages.ts";

const image = { name: "image", shape: [1, 2], datatype: "FP32", data: [0.5, 1] };

function problemsOf(json: unknown): readonly string[] {
  const read = readInferRequest(json);
  return read.ok ? [] : read.problems;
}

describe("a request of the Open Inference Protocol", () => {
  it("is tensors, flat or nested", () => {
    const expected = { name: "image", dataType: "float32", dims: [1, 2], rawData: bytesOf(Float32Array.of(0.5, 1)) };
    expect(readInferRequest({ inputs: [image] })).toEqual({ ok: true, value: { id: undefined, inputs: [expected] } });
    expect(readInferRequest({ id: "7", inputs: [{ ...image, data: [[0.5, 1]] }] })).toEqual({
      ok: true,
      value: { id: "7", inputs: [expected] },
    });
  });

  it("carries every type there and back", () => {
    for (const [datatype, data] of [
      ["FP32", [0.5, -1]],
      ["FP64", [0.1, 1e300]],
      ["UINT8", [0, 255]],
      ["INT8", [-128, 127]],
      ["INT32", [-5, 2 ** 31 - 1]],
      ["INT64", [-5, Number.MAX_SAFE_INTEGER]],
      ["BOOL", [true, false]],
    ] as const) {
      const read = readInferRequest({ inputs: [{ name: "x", shape: [2], datatype, data }] });
      const inputs: readonly Tensor[] = read.ok ? read.value.inputs : [];
      expect(inferResponse("m", "1", undefined, inputs)).toEqual({
        model_name: "m",
        model_version: "1",
        outputs: [{ name: "x", shape: [2], datatype, data }],
      });
    }
  });

  it("is refused with every mistake in it", () => {
    expect(
      problemsOf({
        inputs: [
          { ...image, datatype: "FP16" },
          { ...image, data: [1] },
          { ...image, datatype: "UINT8", data: [256, 0] },
          { ...image, shape: [-1] },
          { name: "x" },
        ],
      }),
    ).toEqual([
      "inputs[0].datatype: must be one of FP32, FP64, UINT8, INT8, INT32, INT64, BOOL",
      "inputs[1].data: has 1 values; the shape [1, 2] makes 2",
      "inputs[2].data: must hold only values of UINT8",
      expect.stringMatching(/^inputs\[3\]\.shape\[0\]: /),
      expect.stringMatching(/^inputs\[3\]\.data: /),
      expect.stringMatching(/^inputs\[4\]\.datatype: /),
      expect.stringMatching(/^inputs\[4\]\.shape: /),
      "inputs[4].data: must be a list",
    ]);
  });

  it("never throws, whatever it is", () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => void readInferRequest(json)));
    fc.assert(fc.property(fc.jsonValue(), (json) => void readInferRequest({ inputs: [json] })));
  });
});

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer);
}
