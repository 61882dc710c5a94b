import { Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { ModelRunError } from "../../control-plane/packaging/child-conversation.ts";
import { node } from "../../control-plane/packaging/onnx/build.ts";
import { encodeModel } from "../../control-plane/packaging/onnx/encode.ts";
import type { ModelProto } from "../../control-plane/packaging/onnx/model.ts";
import { noProgress } from "../../control-plane/packaging/progress.ts";
import { calibrate, rangesBy } from "../../control-plane/packaging/quantization/calibrate.ts";
import { DistanceToFloat } from "../../control-plane/packaging/quantization/distance-to-float.ts";
import { openFloatModel } from "../../control-plane/packaging/quantization/float-model.ts";
import { QuantizationError } from "../../control-plane/packaging/quantization/quantization.ts";
import { activationsToCalibrate } from "../../control-plane/packaging/quantization/static-int8.ts";
import { VariantBuilder } from "../../control-plane/packaging/quantization/variant-builder.ts";
import type { SampleSet } from "../../control-plane/packaging/samples/sample-set.ts";
import { SamplesError } from "../../control-plane/packaging/samples/sample-set.ts";
import { tensorOf } from "../../control-plane/packaging/tensor-of.ts";
import { constant, int64s, network, weight } from "../support/small-networks.ts";
import { observeRanges } from "../support/quantize-with-ranges.ts";
import { pseudoRandom } from "../support/run-onnx.ts";
import { quantizing } from "../support/small-models.ts";

const signal = new AbortController().signal;
const minmax = { method: "minmax", percentile: 100 } as const;

/** Rows of x, one inference each. */
function samplesOf(rows: readonly ArrayLike<number>[], dims = [1, 16]): SampleSet {
  return {
    count: rows.length,
    read: (i) =>
      Promise.resolve({
        name: `row ${i}`,
        inputs: [tensorOf("x", "float32", dims, rows[i] ?? [])],
        outputs: undefined,
        label: undefined,
      }),
  };
}

function randomRows(count: number, width = 16): readonly Float32Array[] {
  return Array.from({ length: count }, (_, i) => pseudoRandom(width, i + 1));
}

/** Two layers with a Relu between them. */
const twoLayers = network(
  ["batch", 16],
  [node("MatMul", ["x", "w1"], ["a"]), node("Relu", ["a"], ["b"]), node("MatMul", ["b", "w2"], ["y"])],
  [weight("w1", [16, 16], 1), weight("w2", [16, 4], 2)],
);

describe("calibration", () => {
  it("sees what a model computes, its inputs and outputs among it", async () => {
    const rows = randomRows(20);
    const toCalibrate = activationsToCalibrate(twoLayers);
    const ranges = rangesBy(await calibrate(toCalibrate, samplesOf(rows), noProgress, signal), minmax);
    const expected = await observeRanges(
      twoLayers,
      rows.map((row) => ({ x: new Tensor("float32", row, [1, 16]) })),
    );
    expect([...ranges.keys()]).toEqual(toCalibrate.values);
    expect([...ranges.keys()]).toContain("x");
    for (const [value, { min, max }] of expected) {
      expect(ranges.get(value)?.min).toBeCloseTo(Math.min(0, min), 1);
      expect(ranges.get(value)?.max).toBeCloseTo(Math.max(0, max), 1);
    }
  });

  it("takes samples of different shapes, and leaves out what is not float32", async () => {
    const model = network(
      ["batch", "width"],
      [node("Relu", ["x"], ["r"]), node("Shape", ["r"], ["shape"]), node("Neg", ["r"], ["y"])],
      [],
    );
    const sizes = [3, 5_000, 1];
    const samples: SampleSet = {
      count: sizes.length,
      read: async (i) => await samplesOf([pseudoRandom(sizes[i] ?? 1, i)], [1, sizes[i] ?? 1]).read(0),
    };
    const histograms = await calibrate(
      { model, values: ["x", "r", "shape", "y"], means: [] },
      samples,
      noProgress,
      signal,
    );
    expect([...histograms.keys()]).toEqual(["x", "r", "y"]);
    for (const { counts } of histograms.values())
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(3 + 5_000 + 1);
  });

  it("names the sample from which the float model computes no number", async () => {
    const model = network(["batch", 2], [node("Sqrt", ["x"], ["root"]), node("Neg", ["root"], ["y"])], []);
    const samples = samplesOf(
      [
        [1, 2],
        [3, 4],
        [5, -1],
      ],
      [1, 2],
    );
    const answer = calibrate({ model, values: ["root"], means: [] }, samples, noProgress, signal);
    await expect(answer).rejects.toThrow(/in "root" from sample 2 \(row 2\); it cannot be calibrated/);
    await expect(answer).rejects.toBeInstanceOf(QuantizationError);
  });

  it("refuses sets without a sample, and of one sample many times", async () => {
    const toCalibrate = activationsToCalibrate(twoLayers);
    const same = randomRows(1)[0] as Float32Array;
    for (const rows of [[], [same, same, same]])
      await expect(calibrate(toCalibrate, samplesOf(rows), noProgress, signal)).rejects.toBeInstanceOf(SamplesError);
  });

  it("says which sample a model cannot run", async () => {
    const answer = calibrate(
      activationsToCalibrate(twoLayers),
      samplesOf([pseudoRandom(8, 1)], [1, 8]),
      noProgress,
      signal,
    );
    await expect(answer).rejects.toThrow(/calibrating with sample 0 \(row 0\) failed: /);
    await expect(answer).rejects.toBeInstanceOf(ModelRunError);
  });

  it("ends when its user stops waiting", async () => {
    const stop = new AbortController();
    const samples = {
      ...samplesOf(randomRows(1)),
      count: 1_000_000,
      read: (i: number) => {
        if (i === 3) stop.abort(new Error("enough"));
        return samplesOf([pseudoRandom(16, i)]).read(0);
      },
    };
    await expect(calibrate(activationsToCalibrate(twoLayers), samples, noProgress, stop.signal)).rejects.toThrow(
      "enough",
    );
  });

  it("reports how far it is", async () => {
    const told: string[] = [];
    const progress = {
      begin: (label: string, total: number) => told.push(`${label} of ${total}`),
      advance: (done: number) => told.push(String(done)),
      end: () => told.push("end"),
    };
    await calibrate(activationsToCalibrate(twoLayers), samplesOf(randomRows(3)), progress, signal);
    expect(told).toEqual(["calibrating of 3", "1", "2", "3", "end"]);
  });
});

/** Four layers. The second one's first channel is a thousand times as large as the others, and the third makes it small again. */
function withOutlierChannel(): ModelProto {
  const scaled = (name: string, seed: number, scaleOf: (row: number, column: number) => number) =>
    constant(
      name,
      [...pseudoRandom(256, seed)].map((value, i) => (value / 4) * scaleOf(Math.floor(i / 16), i % 16)),
      [16, 16],
    );
  return network(
    [1, 16],
    [
      { ...node("MatMul", ["x", "w1"], ["a"]), name: "first" },
      { ...node("MatMul", ["a", "w2"], ["b"]), name: "second" },
      { ...node("MatMul", ["b", "w3"], ["c"]), name: "third" },
      { ...node("MatMul", ["c", "w4"], ["y"]), name: "fourth" },
    ],
    [
      scaled("w1", 1, () => 1),
      scaled("w2", 2, (_row, column) => (column === 0 ? 1_000 : 1)),
      scaled("w3", 3, (row) => (row === 0 ? 0.001 : 1)),
      scaled("w4", 4, () => 1),
    ],
  );
}

describe("the search for harmful nodes", () => {
  it("finds the layer whose values int8 cannot tell, and says what leaving it in float is good for", async () => {
    const model = withOutlierChannel();
    const samples = samplesOf(randomRows(12));
    const distance = await DistanceToFloat.open(encodeModel(model), samples, signal);
    const builder = new VariantBuilder(model, samples, noProgress, signal);
    const recipe = { options: quantizing("static-int8"), calibration: minmax, autoExclude: 0 };
    const without = await builder.build(recipe);
    const found = await builder.build({ ...recipe, autoExclude: 2 });
    expect(without.options.exclude).toEqual([]);
    expect(found.options.exclude).toContain("third");
    expect(await distance.of(found.bytes)).toBeLessThan((await distance.of(without.bytes)) / 5);
    expect(found.report.notes.join("\n")).toMatch(
      /third.* float: the outputs then differ from the float model's by .* % instead of .* %/,
    );
  });
});

describe("a variant", () => {
  it("is the same bytes each time, whoever builds it", async () => {
    const build = () =>
      new VariantBuilder(twoLayers, samplesOf(randomRows(10)), noProgress, signal).build({
        options: quantizing("static-int8"),
        calibration: "auto",
        autoExclude: 0,
      });
    expect((await build()).bytes).toEqual((await build()).bytes);
  });

  it("made from few samples says so", async () => {
    const build = (count: number) =>
      new VariantBuilder(twoLayers, samplesOf(randomRows(count)), noProgress, signal).build({
        options: quantizing("static-int8"),
        calibration: minmax,
        autoExclude: 0,
      });
    expect((await build(3)).report.notes[0]).toMatch(/^calibrated with only 3 samples: give at least 8/);
    expect((await build(8)).report.notes.join()).not.toContain("only");
  });

  it("that needs samples is refused without them", async () => {
    const builder = new VariantBuilder(twoLayers, undefined, noProgress, signal);
    const recipe = { options: quantizing("static-int8"), calibration: "auto", autoExclude: 0 } as const;
    await expect(builder.build(recipe)).rejects.toThrow(/static-int8 and the search for harmful nodes need samples/);
  });

  it("of a model without anything to quantize is refused", async () => {
    const model = network([1, 16], [node("Relu", ["x"], ["y"])], []);
    const builder = new VariantBuilder(model, undefined, noProgress, signal);
    const recipe = { options: quantizing("weights-int8"), calibration: "auto", autoExclude: 0 } as const;
    await expect(builder.build(recipe)).rejects.toThrow(/weights-int8 finds nothing to quantize in this model/);
  });
});

describe("a quantized model held against the float one", () => {
  const inputs = [{ name: "x", dataType: "float32" as const, shape: ["batch", 16] }];
  const broken = network(["batch", 16], [node("Concat", ["x"], ["y"])], []);
  /** Runs only where "x" can be cut into rows of this number. */
  const inRows = (columns: number) =>
    network(["n"], [node("Reshape", ["x", "shape"], ["y"])], [int64s("shape", [-1, columns])]);

  it("is √(Σ(a - b)² / Σb²) away", async () => {
    const scaled = (factor: number) => network([1, 16], [node("Mul", ["x", "k"], ["y"])], [constant("k", [factor])]);
    const distance = await DistanceToFloat.open(encodeModel(scaled(2)), samplesOf(randomRows(3)), signal);
    expect(await distance.of(encodeModel(scaled(2)))).toBe(0);
    expect(await distance.of(encodeModel(scaled(2.5)))).toBeCloseTo(0.25, 6);
    expect(await distance.of(encodeModel(broken))).toBe(Infinity);
  });

  it("is looked at on samples from all over the set", async () => {
    const asked: number[] = [];
    const samples = samplesOf(randomRows(100));
    const watched = {
      ...samples,
      read: (i: number) => {
        asked.push(i);
        return samples.read(i);
      },
    };
    await DistanceToFloat.open(encodeModel(twoLayers), watched, signal);
    expect(asked).toHaveLength(24);
    expect(asked.at(-1)).toBeGreaterThan(90);
  });

  it.each([
    ["with samples", samplesOf(randomRows(2))],
    ["without samples", undefined],
  ])("is refused with onnxruntime's message and ours when it cannot be run, %s", async (_, samples) => {
    const float = await openFloatModel(encodeModel(twoLayers), inputs, samples, signal);
    expect(await float.errorOf(encodeModel(twoLayers))).toBe(samples === undefined ? undefined : 0);
    await expect(float.errorOf(encodeModel(broken))).rejects.toThrow(
      /onnxruntime cannot run the quantized model: loading the model failed: .*Concat.*; the float model runs: leave nodes/is,
    );
    await expect(openFloatModel(encodeModel(broken), inputs, samples, signal)).rejects.toThrow(
      /onnxruntime cannot run the float model: loading the model failed: .*Concat/i,
    );
  });

  it("need not run on zeros where the float model cannot either: one in each free dimension may be too few", async () => {
    const free = [{ name: "x", dataType: "float32" as const, shape: ["n"] }];
    const float = await openFloatModel(encodeModel(inRows(4)), free, undefined, signal);
    expect(await float.errorOf(encodeModel(inRows(4)))).toBeUndefined();
    await expect(float.errorOf(encodeModel(broken))).rejects.toThrow(/loading the model failed/);
    const running = await openFloatModel(encodeModel(inRows(1)), free, undefined, signal);
    await expect(running.errorOf(encodeModel(inRows(4)))).rejects.toThrow(
      /cannot run the quantized model: one inference/,
    );
  });
});
