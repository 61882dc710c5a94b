import fc from "fast-check";
import type { Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { intAttribute, node } from "../../control-plane/packaging/onnx/build.ts";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import { hoistConstants } from "../../control-plane/packaging/onnx/graph/hoist-constants.ts";
import { pruneUnused } from "../../control-plane/packaging/onnx/graph/prune-unused.ts";
import type { ModelProto } from "../../control-plane/packaging/onnx/model.ts";
import { upgradeOpset } from "../../control-plane/packaging/onnx/opset-upgrade.ts";
import { stripModel } from "../../control-plane/packaging/onnx/strip.ts";
import { activationsToCalibrate } from "../../control-plane/packaging/quantization/static-int8.ts";
import { quantizeStatically } from "../support/quantize-with-ranges.ts";
import { pictureDims, randomNetwork } from "../support/random-networks.ts";
import { float32, pseudoRandom, randomTensor, runOnnx } from "../support/run-onnx.ts";
import { constant, network, weight } from "../support/small-networks.ts";

const runs = { numRuns: 60 };

async function resultOf(model: ModelProto, seed = 5, optimization: "disabled" | "all" = "disabled"): Promise<number[]> {
  const { y } = await runOnnx(model, { x: randomTensor(pictureDims, seed) }, { optimization });
  return Array.from((y as Tensor).data as Float32Array);
}

function largest(values: readonly number[]): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

function largestDifference(one: readonly number[], two: readonly number[]): number {
  expect(two).toHaveLength(one.length);
  return largest(one.map((value, index) => value - (two[index] as number)));
}

describe("any small network", () => {
  it.each([
    ["hoisting its constants", (model: ModelProto) => hoistConstants(model).model],
    ["stripping it", stripModel],
    ["pruning it", pruneUnused],
    ["bringing it to version 13 of the operators", (model: ModelProto) => upgradeOpset(model, 13)],
    ["bringing it to version 21 of the operators", (model: ModelProto) => upgradeOpset(model, 21)],
  ])("gives the very same numbers after %s, and doing it again changes nothing", async (_, change) => {
    await fc.assert(
      fc.asyncProperty(randomNetwork, async (model) => {
        const changed = change(model);
        expect(await resultOf(changed)).toEqual(await resultOf(model));
        expect(Buffer.compare(encodeModel(change(changed)), encodeModel(changed))).toBe(0);
      }),
      runs,
    );
  });

  it("gives the same but for rounding after being prepared for quantization, and preparing it again changes nothing", async () => {
    await fc.assert(
      fc.asyncProperty(randomNetwork, async (model) => {
        const { model: prepared, values } = activationsToCalibrate(model);
        const before = await resultOf(model);
        expect(largestDifference(before, await resultOf(prepared))).toBeLessThanOrEqual(
          2e-5 * Math.max(1, largest(before)),
        );
        const again = activationsToCalibrate(prepared);
        expect(again.values).toEqual(values);
        expect(Buffer.compare(encodeModel(again.model), encodeModel(prepared))).toBe(0);
      }),
      runs,
    );
  });

  it("runs when it is quantized, near the float model, the same with integer kernels as with the QDQ pairs in float", async () => {
    await fc.assert(
      fc.asyncProperty(randomNetwork, fc.boolean(), fc.boolean(), async (model, perChannel, reduceRange) => {
        const samples = [5, 6].map((seed) => ({ x: randomTensor(pictureDims, seed) }));
        const options = { perChannel, reduceRange };
        const { model: quantized, report } = await quantizeStatically(model, samples, options);
        const [float, pairs, integers] = [
          await resultOf(model),
          await resultOf(quantized),
          await resultOf(quantized, 5, "all"),
        ];
        const size = Math.max(1e-3, largest(float));
        // Rounding grows from layer to layer; what is wrong (an axis, a scale, a sign) is off by the size of the result.
        expect(largestDifference(float, pairs) / size).toBeLessThan(0.35);
        expect(largestDifference(pairs, integers) / size).toBeLessThan(0.05);
        if (report.quantized.length === 0) expect(report.notes[0]).toMatch(/NOTHING/);
        const again = await quantizeStatically(model, samples, options);
        expect(Buffer.compare(encodeModel(again.model), encodeModel(quantized))).toBe(0);
      }),
      runs,
    );
  });
});

describe("one Gemm", () => {
  it("is off by no more than its scales say", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          rows: fc.integer({ min: 1, max: 4 }),
          inner: fc.integer({ min: 1, max: 40 }),
          columns: fc.integer({ min: 1, max: 8 }),
          seed: fc.nat(1_000_000),
          offset: fc.double({ min: -3, max: 3, noNaN: true }),
          transB: fc.boolean(),
        }),
        async ({ rows, inner, columns, seed, offset, transB }) => {
          const w = weight("w", transB ? [columns, inner] : [inner, columns], seed);
          const attributes = [intAttribute("transB", transB ? 1 : 0)];
          const bias = pseudoRandom(columns, seed + 1);
          const model = network(
            [rows, inner],
            [node("Gemm", ["x", "w", "b"], ["y"], attributes)],
            [w, constant("b", [...bias])],
          );
          const x = float32(
            [rows, inner],
            pseudoRandom(rows * inner, seed + 2).map((value) => value + offset),
          );
          const { model: quantized } = await quantizeStatically(model, [{ x }]);
          const [before, after] = [await runOnnx(model, { x }), await runOnnx(quantized, { x })];
          const numbers = [...(x.data as Float32Array)];
          const weights = new Float32Array((w.rawData as Uint8Array).slice().buffer);
          const stepX = (Math.max(0, ...numbers) - Math.min(0, ...numbers)) / 255;
          const stepW = largest([...weights]) / 127;
          // Each factor is off by half a step (a whole one at the end of the input's range, where the zero point is rounded).
          const product = stepX * largest([...weights]) + (stepW / 2) * largest(numbers) + (stepX * stepW) / 2;
          const bound = inner * product + stepX * stepW + 1e-5;
          const [one, two] = [before["y"], after["y"]].map((y) => Array.from(y?.data as Float32Array));
          expect(largestDifference(one ?? [], two ?? [])).toBeLessThanOrEqual(bound);
        },
      ),
      runs,
    );
  });
});
