import { describe, expect, it } from "vitest";
import {
  readInferJson,
  readInferRequest,
} from "../../../../../edge-agent/daemon/inference-protocol/read-infer-request.ts";
import { writeInferResponse } from "../../../../../edge-agent/daemon/inference-protocol/write-infer-response.ts";
import type { Tensor } from "../../../../../proto/tensors.ts";

const image = { name: "image", shape: [1, 2], datatype: "FP32", data: [0.5, 1] };
const asJson = { outputs: undefined, binaryOutputs: false };

function problemsOf(json: unknown): readonly string[] {
  const read = readInferJson(json, undefined);
  return read.ok ? [] : read.problems;
}

function problemsOfBody(json: object, binary: Uint8Array, headerLength?: number): readonly string[] {
  const text = JSON.stringify(json);
  const read = readInferRequest(Buffer.concat([Buffer.from(text), binary]), headerLength ?? text.length);
  return read.ok ? [] : read.problems;
}

describe("a request of the Open Inference Protocol in JSON", () => {
  it("is tensors, flat or nested", () => {
    const expected = { name: "image", dataType: "float32", dims: [1, 2], rawData: bytesOf(Float32Array.of(0.5, 1)) };
    const nothingElse = {
      id: undefined,
      outputs: undefined,
      binaryOutputs: false,
      timeoutMicroseconds: undefined,
      sequence: undefined,
    };
    const value = { ...nothingElse, inputs: [expected] };
    expect(readInferJson({ inputs: [image] }, undefined)).toEqual({ ok: true, value });
    expect(readInferJson({ id: "7", inputs: [{ ...image, data: [[0.5, 1]] }] }, undefined)).toEqual({
      ok: true,
      value: { ...value, id: "7" },
    });
  });

  it("says what is wanted of the answer, and when", () => {
    const outputs = [{ name: "a" }, { name: "b", parameters: { binary_data: true } }];
    const parameters = { binary_data_output: false, timeout: 1_500, priority: 1, "my-own": "x" };
    expect(readInferJson({ inputs: [image], outputs, parameters }, undefined)).toMatchObject({
      ok: true,
      value: {
        timeoutMicroseconds: 1_500,
        binaryOutputs: false,
        outputs: [
          { name: "a", binary: undefined },
          { name: "b", binary: true },
        ],
      },
    });
  });

  it("says which sequence it belongs to", () => {
    const sequenceOf = (parameters: object) => {
      const read = readInferJson({ inputs: [image], parameters }, undefined);
      return read.ok ? read.value.sequence : read.problems;
    };
    expect(sequenceOf({ sequence_id: "mic", sequence_start: true })).toEqual({ id: "mic", start: true, end: false });
    expect(sequenceOf({ sequence_id: 4, sequence_start: false, sequence_end: true })).toEqual({
      id: 4,
      start: false,
      end: true,
    });
    expect(sequenceOf({ sequence_id: 0, sequence_start: false })).toBeUndefined();
    expect(sequenceOf({ sequence_id: "" })).toBeUndefined();
    expect(sequenceOf({ sequence_start: true })).toEqual([
      "parameters.sequence_id: is missing: which sequence begins or ends?",
    ]);
    expect(sequenceOf({ sequence_id: -1, sequence_end: 1 })).toEqual([
      "parameters.sequence_end: must be true or false",
      "parameters.sequence_id: must be a whole number from 0 to 9007199254740991",
    ]);
  });

  it("carries every type there and back", () => {
    for (const [datatype, data] of [
      ["FP32", [0.5, -1]],
      ["FP64", [0.1, 1e300]],
      ["UINT8", [0, 255]],
      ["UINT16", [0, 65_535]],
      ["UINT32", [0, 2 ** 32 - 1]],
      ["UINT64", [0, Number.MAX_SAFE_INTEGER]],
      ["INT8", [-128, 127]],
      ["INT16", [-32_768, 32_767]],
      ["INT32", [-5, 2 ** 31 - 1]],
      ["INT64", [-5, Number.MAX_SAFE_INTEGER]],
      ["BOOL", [true, false]],
    ] as const) {
      const read = readInferJson({ inputs: [{ name: "x", shape: [2], datatype, data }] }, undefined);
      const inputs: readonly Tensor[] = read.ok ? read.value.inputs : [];
      const response = writeInferResponse({ model: "m", version: "1", id: undefined, outputs: inputs }, asJson);
      expect(JSON.parse(response.json)).toEqual({
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
          { ...image, datatype: "BYTES" },
          { ...image, data: [1] },
          { ...image, datatype: "UINT8", data: [256, 0] },
          { ...image, shape: [-1] },
          { name: "x" },
          { ...image, datatype: "FP16" },
          { ...image, datatype: "INT64", data: [2 ** 53, 0] },
          { ...image, data: [null, 0] },
        ],
      }),
    ).toEqual([
      "inputs[0].datatype: must be one of BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, FP32, FP64",
      "inputs[1].data: has 1 values; the shape [1, 2] makes 2",
      "inputs[2].data: must hold only values of UINT8; element 0 is 256",
      expect.stringMatching(/^inputs\[3\]\.shape\[0\]: /),
      expect.stringMatching(/^inputs\[4\]\.datatype: /),
      expect.stringMatching(/^inputs\[4\]\.shape: /),
      "inputs[4].data: is missing, and so is the parameter binary_data_size",
      "inputs[5].data: of FP16 must be sent as binary data, as the protocol says",
      "inputs[6].data: must hold only values of INT64; element 0 is 9007199254740992",
      "inputs[7].data: must hold only values of FP32; element 0 is null",
    ]);
  });

  it("is refused where its nesting is not that of its shape", () => {
    const nested = (shape: readonly number[], data: unknown) => problemsOf({ inputs: [{ ...image, shape, data }] });
    expect(nested([2, 2], [[1], [2, 3, 4]])).toEqual([
      "inputs[0].data: has a list of 1 where dimension 1 of the shape is 2",
    ]);
    expect(nested([2, 2], [[1, 2], 3])).toEqual(["inputs[0].data: is neither flat nor nested as its shape [2, 2]"]);
    expect(nested([1], [[1]])).toEqual(["inputs[0].data: must hold only values of FP32; element 0 is a list"]);
    let deep: unknown = 1;
    for (let i = 0; i < 3_000; i++) deep = [deep];
    expect(nested([1, 1], deep)).toEqual([expect.stringMatching(/^inputs\[0\]\.data: must hold only values of FP32/)]);
    // Deeper than JSON.stringify can walk.
    const deepest = `${"[".repeat(400_000)}1${"]".repeat(400_000)}`;
    const body = `{"inputs":[{"name":"x","shape":[1],"datatype":"FP32","data":${deepest}}]}`;
    expect(readInferRequest(Buffer.from(body), undefined)).toEqual({
      ok: false,
      problems: ["inputs[0].data: must hold only values of FP32; element 0 is a list"],
    });
  });

  it("is refused where its shape is beyond counting, before room is made for it", () => {
    expect(problemsOf({ inputs: [{ ...image, shape: [2 ** 40, 2 ** 40] }] })).toEqual([
      "inputs[0].shape: [1099511627776, 1099511627776] has more elements than can be counted",
    ]);
    expect(problemsOf({ inputs: [{ ...image, shape: [2 ** 30, 2 ** 20] }] })).toEqual([
      "inputs[0].data: has 2 values; the shape [1073741824, 1048576] makes 1125899906842624",
    ]);
  });

  it("is refused where it wants what would change the answer and is not here", () => {
    expect(
      problemsOf({
        inputs: [{ ...image, parameters: { shared_memory_region: "a" } }],
        outputs: [{ name: "a", parameters: { classification: 3 } }],
      }),
    ).toEqual([
      "inputs[0].parameters.shared_memory_region: shared memory is not taken",
      "outputs[0].parameters.classification: this server has no such extension",
    ]);
  });
});

describe("binary data behind the JSON", () => {
  const bytes = bytesOf(Float32Array.of(0.5, 1));
  const binaryImage = { name: "image", shape: [1, 2], datatype: "FP32", parameters: { binary_data_size: 8 } };

  it("is the tensors' bytes in the order of the inputs, beside tensors in JSON", () => {
    const json = {
      inputs: [
        { name: "mask", shape: [3], datatype: "BOOL", parameters: { binary_data_size: 3 } },
        image,
        { ...binaryImage, name: "other" },
      ],
    };
    const text = JSON.stringify(json);
    const read = readInferRequest(Buffer.concat([Buffer.from(text), Uint8Array.of(1, 0, 1), bytes]), text.length);
    expect(read.ok ? read.value.inputs.map(({ name, rawData }) => [name, [...rawData]]) : read.problems).toEqual([
      ["mask", [1, 0, 1]],
      ["image", [...bytes]],
      ["other", [...bytes]],
    ]);
  });

  it("is refused where lengths lie", () => {
    expect(problemsOfBody({ inputs: [binaryImage] }, bytes.subarray(0, 7))).toEqual([
      "inputs[0].parameters.binary_data_size: is 8, and 7 bytes are left",
    ]);
    expect(problemsOfBody({ inputs: [binaryImage] }, Buffer.concat([bytes, bytes]))).toEqual([
      "the body: has 8 bytes behind the JSON that no input's binary_data_size accounts for",
    ]);
    expect(problemsOfBody({ inputs: [{ ...binaryImage, shape: [3] }] }, bytes)).toEqual([
      "inputs[0].parameters.binary_data_size: is 8; the shape [3] makes 12 bytes",
    ]);
    expect(problemsOfBody({ inputs: [binaryImage] }, bytes, 1_000)).toEqual([
      expect.stringMatching(/^Inference-Header-Content-Length is 1000, and the whole body has \d+ bytes$/),
    ]);
    expect(problemsOfBody({ inputs: [binaryImage] }, bytes, 5)).toEqual([
      expect.stringMatching(/^the body is not JSON/),
    ]);
    const size = (binary_data_size: unknown) => ({ ...binaryImage, parameters: { binary_data_size } });
    for (const lie of [-1, 1.5, "8", 2 ** 60]) expect(problemsOfBody({ inputs: [size(lie)] }, bytes)).not.toEqual([]);
  });

  it("needs its header, stands in place of data, and holds truth values as 0 and 1", () => {
    expect(problemsOf({ inputs: [binaryImage] })).toEqual([
      "inputs[0].parameters.binary_data_size: needs the header Inference-Header-Content-Length",
    ]);
    expect(problemsOfBody({ inputs: [{ ...binaryImage, data: [0.5, 1] }] }, bytes)).toEqual([
      "inputs[0].data: stands beside binary_data_size; send one of them",
    ]);
    const mask = { name: "m", shape: [2], datatype: "BOOL", parameters: { binary_data_size: 2 } };
    expect(problemsOfBody({ inputs: [mask] }, Uint8Array.of(1, 2))).toEqual([
      "inputs[0]: has bytes of BOOL that are not 0 or 1",
    ]);
  });
});

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer);
}
