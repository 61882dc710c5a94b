import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { InputTensor } from "../../edge-agent/client/agent-client.ts";
import { readInferResponse, writeInferRequest } from "../../edge-agent/client/infer-messages.ts";
import { elementsOf } from "../../edge-agent/adapters/portable/tensor-elements.ts";
import { datatypeOf } from "../../edge-agent/daemon/inference-protocol/datatypes.ts";
import { readInferJson, readInferRequest } from "../../edge-agent/daemon/inference-protocol/read-infer-request.ts";
import { writeInferResponse } from "../../edge-agent/daemon/inference-protocol/write-infer-response.ts";
import type { Tensor, TensorType } from "../../proto/tensors.ts";
import { tensorTypes } from "../../proto/tensors.ts";

const types = Object.keys(tensorTypes) as readonly TensorType[];
const dims = fc.array(fc.nat({ max: 4 }), { maxLength: 4 });
const typeAndDims = fc.record({ dataType: fc.constantFrom(...types), dims });

/** Any bytes: not a number, infinities and subnormal numbers among them. */
const tensor: fc.Arbitrary<Tensor> = typeAndDims.chain((shaped) => {
  const count = shaped.dims.reduce((product, one) => product * one, 1);
  const length = count * elementsOf[shaped.dataType].BYTES_PER_ELEMENT;
  const max = shaped.dataType === "bool" ? 1 : 255;
  return fc.record({
    name: fc.string({ minLength: 1, maxLength: 20 }).filter((name) => name !== "__proto__"),
    dataType: fc.constant(shaped.dataType),
    dims: fc.constant(shaped.dims),
    rawData: fc.uint8Array({ minLength: length, maxLength: length, max }),
  });
});
const tensors = fc.uniqueArray(tensor, { selector: ({ name }) => name, maxLength: 5 });

function inputOf({ dataType, dims: shape, rawData }: Tensor): InputTensor {
  return { data: new elementsOf[dataType](rawData.slice().buffer), dims: shape, datatype: datatypeOf[dataType] };
}

function bodyOf({ json, binary = [] }: { readonly json: string; readonly binary?: readonly Uint8Array[] | undefined }) {
  const head = Buffer.from(json);
  return { body: new Uint8Array(Buffer.concat([head, ...binary])), headerLength: head.length };
}

const byName = (list: readonly Tensor[]) => list.toSorted((a, b) => (a.name < b.name ? -1 : 1));

describe("tensors as binary data", () => {
  it("arrive at the agent as the library sent them, bit for bit", () => {
    fc.assert(
      fc.property(tensors, (sent) => {
        const inputs = Object.fromEntries(sent.map((one) => [one.name, inputOf(one)]));
        const { body, headerLength } = bodyOf(writeInferRequest(inputs, {}));
        const read = readInferRequest(body, headerLength);
        expect(read.ok ? byName(read.value.inputs) : read.problems).toEqual(byName(sent));
      }),
    );
  });

  it("arrive at the library as the agent answered them, bit for bit", () => {
    fc.assert(
      fc.property(tensors, (outputs) => {
        const response = writeInferResponse(
          { model: "m", version: "1", id: "7", outputs },
          { outputs: undefined, binaryOutputs: true },
        );
        const { body, headerLength } = bodyOf(response);
        const read = readInferResponse(body, headerLength);
        const found = Object.entries(read.outputs).map(([name, { dims: shape, datatype, data }]) => ({
          name,
          datatype,
          dims: shape,
          rawData: new Uint8Array(data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength)),
        }));
        const wanted = outputs.map(({ dataType, ...rest }) => ({ ...rest, datatype: datatypeOf[dataType] }));
        const sorted = (list: readonly { readonly name: string }[]) =>
          list.toSorted((a, b) => (a.name < b.name ? -1 : 1));
        expect(sorted(found)).toEqual(sorted(wanted));
      }),
    );
  });
});

describe("tensors as JSON", () => {
  /** What JSON has numbers for. */
  const numbers = tensor.filter(({ dataType, rawData }) => {
    if (dataType === "float16") return false;
    const values = Array.from(new elementsOf[dataType](rawData.slice().buffer), Number);
    return values.every((value) =>
      dataType === "float32" || dataType === "float64"
        ? Number.isFinite(value) && !Object.is(value, -0)
        : Number.isSafeInteger(value),
    );
  });

  it("are the same when they are read again, flat and nested", () => {
    fc.assert(
      fc.property(numbers, fc.boolean(), (one, isNested) => {
        const response = writeInferResponse(
          { model: "m", version: "1", id: undefined, outputs: [one] },
          { outputs: undefined, binaryOutputs: false },
        );
        const [written] = (JSON.parse(response.json) as { outputs: [{ data: unknown[] }] }).outputs;
        const data = isNested ? nested(written.data, one.dims) : written.data;
        const read = readInferJson({ inputs: [{ ...written, data }] }, undefined);
        expect(read.ok ? read.value.inputs : read.problems).toEqual([one]);
      }),
    );
  });
});

describe("a hostile request", () => {
  it("is read or refused, never an exception", () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => void readInferJson(json, undefined)));
    fc.assert(
      fc.property(fc.jsonValue(), (json) => void readInferJson({ inputs: [json], outputs: [json] }, undefined)),
    );
    fc.assert(
      fc.property(fc.uint8Array(), fc.option(fc.nat(), { nil: undefined }), (body, headerLength) => {
        void readInferRequest(body, headerLength);
      }),
    );
  });

  it("never gives a tensor whose bytes are not what its shape makes", () => {
    const size = fc.oneof(fc.nat({ max: 40 }), fc.integer(), fc.double(), fc.string());
    const dimension = fc.oneof(fc.nat({ max: 3 }), fc.maxSafeInteger(), fc.constant(2 ** 31));
    const input = fc.record({
      name: fc.string({ maxLength: 3 }),
      datatype: fc.constantFrom(...Object.values(datatypeOf)),
      shape: fc.array(dimension, { maxLength: 3 }),
      parameters: fc.record({ binary_data_size: size }, { requiredKeys: [] }),
      data: fc.option(fc.array(fc.nat({ max: 1 }), { maxLength: 9 }), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(input, { maxLength: 3 }), fc.uint8Array({ maxLength: 40, max: 1 }), (inputs, binary) => {
        const head = Buffer.from(JSON.stringify({ inputs }));
        const read = readInferRequest(Buffer.concat([head, binary]), head.length);
        for (const { dataType, dims: shape, rawData } of read.ok ? read.value.inputs : []) {
          const count = shape.reduce((product, one) => product * one, 1);
          expect(rawData.length).toBe(count * elementsOf[dataType].BYTES_PER_ELEMENT);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

function nested(flat: readonly unknown[], [size, ...rest]: readonly number[]): unknown[] {
  if (size === undefined || rest.length === 0) return [...flat];
  const width = flat.length / size;
  return Array.from({ length: size }, (_, i) => nested(flat.slice(i * width, (i + 1) * width), rest));
}
