import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { intAttribute, modelOf, node, tensorValue } from "../../control-plane/packaging/onnx/build.ts";
import { decodeModel } from "../../control-plane/packaging/onnx/decode.ts";
import { inspectDecoded, inspectModel } from "../../control-plane/packaging/onnx/inspect.ts";
import { OnnxFormatError } from "../../control-plane/packaging/onnx/onnx-format-error.ts";
import { refusals } from "../../control-plane/packaging/onnx/refusals.ts";
import { onnxMessage } from "../../control-plane/packaging/onnx/schema.ts";
import { rawTensor } from "../../control-plane/packaging/onnx/tensor.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";
import { badModels } from "../support/bad-models.ts";
import { changedModel } from "../support/changed-model.ts";

const good = readFileSync(new URL("digits-2-int8.onnx", digitsDirectory));
// Small files, so that most changed bytes are structure and not weights.
const seeds = [good, ...badModels(good).map(({ bytes }) => bytes)].filter(
  ({ length }) => length > 8 && length < 40_000,
);

const mutation = fc.record({ at: fc.noBias(fc.nat()), value: fc.integer({ min: 0, max: 255 }) });

function mutated(bytes: Uint8Array, mutations: readonly { readonly at: number; readonly value: number }[]): Uint8Array {
  const copy = Uint8Array.from(bytes);
  for (const { at, value } of mutations) copy[at % copy.length] = value;
  return copy;
}

describe("inspecting foreign bytes", () => {
  it("gives an inspection or an OnnxFormatError, whatever the bytes", () => {
    let inspected = 0;
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(mutation, { minLength: 1, maxLength: 3 }), (seed, mutations) => {
        try {
          const reasons = refusals(inspectModel(mutated(seed, mutations)));
          expect(reasons.every((reason) => reason.length < 20_000)).toBe(true);
          inspected += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(OnnxFormatError);
        }
      }),
      { numRuns: 2_000 },
    );
    expect(inspected).toBeGreaterThan(100);
  });
});

describe("inspecting a model that says nonsense", () => {
  const models = seeds.flatMap((bytes) => {
    try {
      return [decodeModel(bytes)];
    } catch {
      return [];
    }
  });

  it("gives an inspection, whatever its numbers and names are", () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.constantFrom(...models), fc.constantFrom(0.01, 0.03, 0.1), fc.nat(), (model, share, seed) => {
        let state = seed;
        const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
        const reasons = refusals(inspectDecoded(changedModel(model, share, random), 1_000, new Map()));
        if (reasons.length > 0) refused += 1;
      }),
      { numRuns: 2_000 },
    );
    expect(refused).toBeGreaterThan(1_000);
  });
});

const size = fc.integer({ min: 1, max: 6 });

describe("the shapes of values", () => {
  it("are those of NumPy for what shapes are computed with", () => {
    fc.assert(
      fc.property(fc.array(size, { minLength: 2, maxLength: 4 }), fc.nat(), fc.nat(), (dims, first, second) => {
        const start = first % dims.length;
        const end = Math.min(dims.length, start + 1 + (second % dims.length));
        // y = ConstantOfShape(Concat(Shape(x)[start:end], Size(x)))
        const graph = onnxMessage("Graph", {
          input: [tensorValue("x", "float32", dims)],
          node: [
            node("Shape", ["x"], ["shape"]),
            node("Slice", ["shape", "start", "end"], ["part"]),
            node("Size", ["x"], ["size"]),
            node("Unsqueeze", ["size", "zero"], ["sizes"]),
            node("Concat", ["part", "sizes"], ["whole"], [intAttribute("axis", 0)]),
            node("ConstantOfShape", ["whole"], ["y"]),
          ],
          initializer: [
            rawTensor("start", [1], "int64", BigInt64Array.of(BigInt(start))),
            rawTensor("end", [1], "int64", BigInt64Array.of(BigInt(end))),
            rawTensor("zero", [1], "int64", BigInt64Array.of(0n)),
          ],
          output: [onnxMessage("ValueInfo", { name: "y" })],
        });
        const all = dims.reduce((product, dim) => product * dim, 1);
        const part = dims.slice(start, end).reduce((product, dim) => product * dim, 1);
        const { memory } = inspectDecoded(modelOf(graph, "test"), 0, new Map());
        expect(memory.unknownValues).toBe(0);
        // The largest moment: the float32 result beside the int64 shape it is made of (x is gone by then), or x with its shape.
        const made = 4 * all * part + 8 * (end - start + 1);
        expect(memory.activationBytes).toBeGreaterThanOrEqual(made);
        expect(memory.activationBytes).toBeLessThanOrEqual(Math.max(made, 4 * all + 8 * (2 * dims.length + 6)));
      }),
    );
  });
});
