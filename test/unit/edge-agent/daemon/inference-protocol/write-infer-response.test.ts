import { describe, expect, it } from "vitest";
import { writeInferResponse } from "../../../../../edge-agent/daemon/inference-protocol/write-infer-response.ts";
import type { Tensor } from "../../../../../proto/tensors.ts";

function numbers(name: string, values: Float32Array): Tensor {
  return { name, dataType: "float32", dims: [values.length], rawData: new Uint8Array(values.buffer) };
}

const answerOf = (...outputs: readonly Tensor[]) => ({ model: "m", version: "1", id: undefined, outputs });
const asJson = { outputs: undefined, binaryOutputs: false };

describe("an answer as JSON", () => {
  it("has all numbers of a large output, in their order", () => {
    const values = Float32Array.from({ length: 10_000 }, (_, i) => (i === 4_096 ? Number.NaN : i / 2));
    const { json } = writeInferResponse(answerOf(numbers("y", values)), asJson);
    const [output] = (JSON.parse(json) as { readonly outputs: readonly [{ readonly data: readonly unknown[] }] })
      .outputs;
    expect(output.data).toEqual(Array.from(values, (value) => (Number.isNaN(value) ? null : value)));
  });

  it("is refused where it would be too large, and what to do is said; as binary data it goes", () => {
    const half = new Float32Array(1_100_000);
    const answer = answerOf(numbers("a", half), numbers("b", half));
    expect(() => writeInferResponse(answer, asJson)).toThrow(
      /^with output "b" the answer has \d+ bytes of outputs in JSON, and it may have 8388608: ask for it over HTTP/,
    );
    expect(writeInferResponse(answer, { ...asJson, binaryOutputs: true }).binary).toHaveLength(2);
  });
});
