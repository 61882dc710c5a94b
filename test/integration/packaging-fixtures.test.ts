import { readFileSync } from "node:fs";
import { InferenceSession, Tensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { fastBenchModel, slowBenchModel } from "../fixtures/make-bench-models.ts";
import { digitsDirectory, readHeldOutDigits, readReferenceDigits } from "../fixtures/read-digits.ts";
import type { Measured } from "../fixtures/training/measure-model.ts";
import { measureModel } from "../fixtures/training/measure-model.ts";

const heldOut = readHeldOutDigits();

function measured(name: string): Promise<Measured> {
  return measureModel(readFileSync(new URL(`${name}.onnx`, digitsDirectory)), heldOut);
}

describe("the digits", () => {
  it("are 600 for the reference and 1,500 held out, without one in common", () => {
    const nameOf = ({ pixels }: { readonly pixels: Uint8Array }): string => Buffer.from(pixels).toString("base64");
    const reference = readReferenceDigits().map(nameOf);
    const camera = new Set(heldOut.map(nameOf));
    expect([reference.length, camera.size]).toEqual([600, 1_500]);
    expect(reference.filter((name) => camera.has(name))).toEqual([]);
  });
});

describe("the digit models", () => {
  it("get better from version 1 to version 2, in int8 too", async () => {
    const [first, second, int8] = await Promise.all(["digits-1", "digits-2", "digits-2-int8"].map(measured));
    expect(first?.accuracy).toBeCloseTo(0.9387, 2);
    expect(second?.accuracy).toBeGreaterThan(0.96);
    expect(Math.abs((int8?.accuracy ?? 0) - (second?.accuracy ?? 0))).toBeLessThan(0.005);
  });

  it("get worse in version 3, which shows in its confidence and in the classes it chooses", async () => {
    const [second, third] = await Promise.all([measured("digits-2"), measured("digits-3")]);
    expect(third.accuracy).toBeGreaterThan(0.4);
    expect(third.accuracy).toBeLessThan(0.75);
    expect(second.meanConfidence - third.meanConfidence).toBeGreaterThan(0.1);
    const moved = third.classShares.map((share, digit) => Math.abs(share - (second.classShares[digit] ?? 0)));
    expect(moved.reduce((sum, share) => sum + share, 0)).toBeGreaterThan(0.3);
  });
});

describe("the models for benchmarks", () => {
  it.each([
    ["fast", fastBenchModel],
    ["slow", slowBenchModel],
  ])("run: the %s one", async (_name, make) => {
    const { bytes, input, output } = make();
    const session = await InferenceSession.create(bytes, { intraOpNumThreads: 1 });
    const elements = input.dims.reduce((product, size) => product * size, 1);
    const feed = new Tensor("float32", new Float32Array(elements).fill(0.5), [...input.dims]);
    const results = await session.run({ [input.name]: feed });
    await session.release();
    expect(results[output]?.dims).toEqual([1, 10]);
    expect(Array.from(results[output]?.data as Float32Array).every(Number.isFinite)).toBe(true);
  });
});
