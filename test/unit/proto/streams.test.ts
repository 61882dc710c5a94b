import { describe, expect, it } from "vitest";

import { featureOf } from "../../../proto/features.ts";
import { tensorFeatureKinds } from "../../../proto/manifest.ts";
import { rowsOf, streamDefinitions, streamValues } from "../../../proto/streams.ts";
import { aManifest } from "../../support/manifests.ts";

const row = (data: number[], width = data.length) => ({
  data,
  start: 0,
  length: data.length,
  width,
  dims: [data.length / width, width],
});

describe("a feature", () => {
  it("reads one column", () => {
    expect(featureOf({ kind: "column", name: "c", input: "x", index: 1 }, row([4, 5, 6]))).toBe(5);
    expect(featureOf({ kind: "column", name: "c", input: "x", index: 3 }, row([4, 5, 6]))).toBeNaN();
  });

  it.each([
    ["mean", 2.5],
    ["standard-deviation", Math.sqrt(1.25)],
    ["minimum", 1],
    ["maximum", 4],
  ] as const)("reads the %s of a tensor", (kind, expected) => {
    expect(featureOf({ kind, name: "f", input: "x" }, row([1, 2, 3, 4]))).toBeCloseTo(expected, 12);
  });

  it("reads the gradient of an image: neighbours to the right and below", () => {
    const gradient = { kind: "gradient", name: "g", input: "x" } as const;
    expect(featureOf(gradient, row([0, 1, 0, 1], 2))).toBe(0.5);
    expect(featureOf(gradient, row([7, 7, 7, 7], 2))).toBe(0);
  });

  it("gives the numbers that references of packages in the field were made with, to the bit", () => {
    const pixels = Float32Array.from({ length: 49 }, (_, i) => Math.fround(((i * 37) % 101) / 100));
    const read = (kind: (typeof tensorFeatureKinds)[number]) =>
      featureOf({ kind, name: "f", input: "x" }, row([...pixels], 7));
    expect(tensorFeatureKinds.map(read)).toEqual([0.4908163270399887, 0.2917283945505652, 0, 1, 0.48261904889451607]);
  });

  it("reads its own row of a batch", () => {
    const second = { data: [1, 1, 9, 9], start: 2, length: 2, width: 2, dims: [2] };
    expect(featureOf({ kind: "mean", name: "m", input: "x" }, second)).toBe(9);
  });
});

describe("the streams of a classifier", () => {
  const manifest = aManifest();
  const inputs = new Map([["image", { dims: [2, 1, 2, 2], data: [0, 0, 0, 0, 1, 1, 1, 1] }]]);
  const outputs = new Map([["logits", { dims: [2, 2], data: [0, 0, -3, Math.log(3) - 3] }]]);

  it("are its features, its class and its confidence", () => {
    expect(streamDefinitions(manifest).map((stream) => stream.name)).toEqual([
      "input.brightness",
      "output.class",
      "output.confidence",
    ]);
  });

  it("give one value for each inference of a batch", () => {
    expect(rowsOf(manifest.inputs, inputs)).toBe(2);
    expect(streamValues(manifest, inputs, outputs, 0, 2)).toEqual([0, 0, 0.5]);
    const [brightness, top, confidence] = streamValues(manifest, inputs, outputs, 1, 2);
    expect([brightness, top]).toEqual([1, 1]);
    expect(confidence).toBeCloseTo(0.75, 12);
  });

  it("are missing where an output is absent or not a number", () => {
    expect(streamValues(manifest, inputs, new Map(), 0, 2)).toEqual([0, undefined, undefined]);
    const broken = new Map([["logits", { dims: [2, 2], data: [Number.NaN, 0, 0, 0] }]]);
    expect(streamValues(manifest, inputs, broken, 0, 2)).toEqual([0, undefined, undefined]);
  });
});
