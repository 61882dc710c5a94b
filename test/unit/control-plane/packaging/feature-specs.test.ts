import { describe, expect, it } from "vitest";
import { feature } from "../../../../control-plane/packaging/feature-schema.ts";
import { featureProblems, featureSpecOf } from "../../../../control-plane/packaging/feature-specs.ts";
import type { TensorSpec } from "../../../../proto/manifest.ts";

const input = (...shape: (number | string)[]): TensorSpec => ({ name: "x", dataType: "float32", shape });
const written = (kind: string, fields: object = {}) => feature.parse({ kind, name: "f", ...fields });
const problems = (kind: string, fields: object, ...shape: (number | string)[]) =>
  featureProblems(written(kind, fields), input(...shape));
const spec = (kind: string, fields: object, ...dims: number[]) =>
  featureSpecOf(written(kind, fields), input("n"), dims);
const about = { name: "f", input: "x" };
const hum = { sampleRate: 16_000, fromHz: 30, toHz: 80 };

describe("a feature that a person writes", () => {
  it("is what packages always had where it is no more than that", () => {
    for (const kind of ["mean", "standard-deviation", "minimum", "maximum", "gradient"])
      expect(spec(kind, { range: { min: 0 } }, 1, 1, 28, 28)).toEqual({ kind, ...about, range: { min: 0 } });
    expect(spec("column", { index: 2 }, 1, 4)).toEqual({ kind: "column", ...about, index: 2 });
  });

  it("is one channel, where the shape tells the layout or the person does", () => {
    const axis = (fields: object, ...dims: number[]) => spec("mean", { channel: 1, ...fields }, ...dims);
    const measure = (of: "first" | "last") => ({
      kind: "measure",
      ...about,
      measure: { statistic: "mean", channel: { index: 1, axis: of } },
    });
    expect(axis({}, 1, 3, 64, 64)).toEqual(measure("first"));
    expect(axis({}, 1, 64, 64, 3)).toEqual(measure("last"));
    expect(axis({}, 1, 128, 9)).toEqual(measure("last"));
    expect(axis({}, 1, 12, 5_000)).toEqual(measure("first"));
    expect(axis({ layout: "channels-first" }, 1, 20, 30)).toEqual(measure("first"));
  });

  it("looks at every n-th position of a large input, in all columns and channels, unless the person says otherwise", () => {
    expect(spec("mean", {}, 1, 3, 224, 224)).toMatchObject({ measure: { statistic: "mean", every: 19 } });
    expect(spec("mean", { every: 1 }, 1, 3, 224, 224)).toEqual({ kind: "mean", ...about });
    expect(spec("laplacian-variance", { channel: 1 }, 1, 3, 224, 224)).toMatchObject({ measure: { every: 9 } });
    expect(spec("gradient", {}, 1, 3, 224, 224)).toEqual({ kind: "gradient", ...about });
    expect(spec("band-energy", hum, 1, 16_000)).toMatchObject({ measure: { frame: 1_024, every: 3 } });
    expect(spec("band-energy", hum, 1, 160_000)).toMatchObject({ measure: { frame: 1_024, every: 39 } });
  });

  it("takes the longest frame that fits", () => {
    expect(spec("spectral-centroid", { sampleRate: 50, channel: 0 }, 1, 128, 9)).toMatchObject({
      measure: { frame: 128 },
    });
  });

  it("knows the lines of an image with one channel", () => {
    expect(spec("laplacian-variance", {}, 1, 28, 28, 1)).toMatchObject({
      measure: { statistic: "laplacian-variance", channel: { index: 0, axis: "last" } },
    });
    expect(problems("laplacian-variance", {}, "n", 28, 28, 1)).toEqual([]);
  });

  it("is refused where the input cannot give it, in words", () => {
    expect(problems("mean", { channel: 3 }, "n", 3, 8, 8)).toEqual([
      "channel 3 is beyond the 3 of [3, 8, 8]; the first is 0",
    ]);
    expect(problems("mean", { channel: 0 }, "n", 20, 30)).toEqual([
      expect.stringMatching(/^the shape \[20, 30\] does not tell .* say layout/),
    ]);
    expect(problems("mean", { channel: 0 }, "n", 16)).toEqual(["there are no channels in [16]"]);
    expect(problems("mean", { layout: "channels-last" }, "n", 8, 8, 3)).toEqual([
      expect.stringMatching(/no channel is named/),
    ]);
    expect(problems("mean", { channel: 0, layout: "channels-last" }, "n", 8, "sensors")).toEqual([
      expect.stringMatching(/"sensors", is free/),
    ]);
    expect(problems("laplacian-variance", {}, "n", 3, 8, 8)).toEqual([
      expect.stringMatching(/one plane.*\[3, 8, 8\]; name one channel/),
    ]);
    expect(problems("laplacian-variance", {}, "n", 2, 9)).toEqual(["no pixel of [2, 9] has four neighbours"]);
    expect(problems("slope", {}, "n", 128, 9)).toEqual([
      expect.stringMatching(/one signal.*\[128, 9\]; name one channel/),
    ]);
    expect(problems("spectral-centroid", { sampleRate: 50, frame: 256, channel: 0 }, "n", 128, 9)).toEqual([
      "spectral-centroid needs 256 steps or more, and there are 128",
    ]);
    expect(problems("band-energy", { ...hum, toHz: 9_000 }, "n", 16_000)).toEqual([
      expect.stringMatching(/half the sample rate/),
    ]);
    expect(problems("share-inside", {}, "n", 16)).toEqual(["needs from, to or both"]);
    expect(problems("column", { index: 784 }, "n", 1, 28, 28)).toEqual([
      expect.stringMatching(/beyond the 784 elements/),
    ]);
  });

  it("is well where nothing that is fixed speaks against it", () => {
    expect(problems("slope", { channel: 0 }, "n", "steps", 9)).toEqual([]);
    expect(problems("laplacian-variance", { channel: 0 }, "n", 3, "height", "width")).toEqual([]);
    expect(problems("band-energy", hum, "n", "samples")).toEqual([]);
    expect(problems("zero-crossing-rate", {}, 1, 1, 16_000)).toEqual([]);
  });
});
