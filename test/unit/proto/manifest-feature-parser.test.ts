import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOfText } from "../../../proto/bytes.ts";
import type { FeatureSpec } from "../../../proto/manifest.ts";
import { encodeManifest, tensorFeatureKinds } from "../../../proto/manifest.ts";
import { parseManifest } from "../../../proto/manifest-parser.ts";
import type { Measure } from "../../../proto/measures/measure.ts";
import { aManifest } from "../../support/manifests.ts";

const about = { name: "brightness", input: "image" };

function read(feature: object) {
  const json = { ...(JSON.parse(JSON.stringify(aManifest())) as object), features: [{ ...about, ...feature }] };
  return parseManifest(bytesOfText(JSON.stringify(json)));
}

function featureIn(feature: object): FeatureSpec | undefined {
  const result = read(feature);
  return result.ok ? result.value.features[0] : undefined;
}

const problemsOf = (feature: object) => {
  const result = read(feature);
  return result.ok ? [] : result.problems;
};

const channel = { index: 2, axis: "last" } as const;
const measures: readonly Measure[] = [
  { statistic: "mean", channel, every: 7 },
  { statistic: "root-mean-square", fullScale: 32_768 },
  { statistic: "root-mean-square" },
  { statistic: "share-outside", from: 0.02, to: 0.98 },
  { statistic: "share-inside", to: 0 },
  { statistic: "laplacian-variance", channel: { index: 0, axis: "first" } },
  { statistic: "slope", every: 1 },
  { statistic: "spectral-centroid", sampleRate: 16_000, frame: 1_024 },
  { statistic: "band-energy", sampleRate: 16_000, frame: 512, fromHz: 40, toHz: 80 },
];

describe("a feature in a manifest", () => {
  it.each(measures)("is read back as it was written: $statistic", (measure) => {
    const manifest = aManifest({ features: [{ kind: "measure", ...about, measure, stuckAfter: 3 }] });
    expect(parseManifest(encodeManifest(manifest))).toEqual({ ok: true, value: manifest });
  });

  it("of a kind, a statistic or with a field that a newer packager knows is unknown, and the package is good", () => {
    const unknown = (stated: string) => ({ kind: "unknown", ...about, stated });
    expect(featureIn({ kind: "embedding-distance", to: "centroid" })).toEqual(unknown("kind embedding-distance"));
    expect(featureIn({ kind: "measure", measure: { statistic: "kurtosis" } })).toEqual(unknown("statistic kurtosis"));
    expect(featureIn({ kind: "measure", measure: { statistic: "mean", gamma: 2.2, mask: "lens" } })).toEqual(
      unknown("mean with gamma, mask"),
    );
    expect(featureIn({ kind: "mean", note: "what is only said" })).toEqual({ kind: "mean", ...about });
  });

  it("of whatever kind, with whatever fields, never keeps a package from a device", () => {
    const known = ["column", "measure", ...tensorFeatureKinds];
    const kinds = fc
      .string({ minLength: 1, maxLength: 64 })
      .filter((kind) => !known.includes(kind) && kind !== "unknown");
    const meant = ["kind", "name", "input", "stated", "range", "stuckAfter", "mayRest"];
    const fields = fc.dictionary(
      fc.string({ minLength: 1 }).filter((name) => !meant.includes(name) && name !== "__proto__"),
      fc.jsonValue(),
    );
    fc.assert(fc.property(kinds, fields, (kind, others) => featureIn({ ...others, kind })?.kind === "unknown"));
  });

  it("that is unknown stays what it was when it is written again", () => {
    const manifest = aManifest({ features: [{ kind: "unknown", ...about, stated: "kind embedding-distance" }] });
    expect(parseManifest(encodeManifest(manifest))).toEqual({ ok: true, value: manifest });
  });

  it("is refused for mistakes in what is known, all of them", () => {
    const band = { statistic: "band-energy", sampleRate: -1, frame: 1_000, fromHz: "low", toHz: 80 };
    expect(
      problemsOf({ kind: "measure", measure: { ...band, channel: { index: -1, axis: "middle" }, every: 0 } }),
    ).toEqual(
      expect.arrayContaining([
        "features[0].measure.sampleRate: must be above 0",
        expect.stringMatching(/^features\[0\]\.measure\.frame: must be one of 16, 32/),
        expect.stringMatching(/^features\[0\]\.measure\.fromHz: must be a number/),
        expect.stringMatching(/^features\[0\]\.measure\.channel\.index: /),
        "features[0].measure.channel.axis: must be one of first, last",
        "features[0].measure.every: must be at least 1",
      ]),
    );
    expect(problemsOf({ kind: "measure", measure: { statistic: "share-inside" } })).toEqual([
      "features[0].measure: needs from, to or both",
    ]);
    expect(problemsOf({ kind: "measure", measure: { statistic: "share-inside", from: 1, to: 0 } })).toEqual([
      "features[0].measure: from 1 is above to 0",
    ]);
    expect(problemsOf({ kind: "measure" })).toEqual(expect.arrayContaining(["features[0].measure: must be an object"]));
    expect(
      problemsOf({ kind: "measure", measure: { ...band, sampleRate: 16_000, frame: 1_024, fromHz: 48, toHz: 60 } }),
    ).toEqual([
      expect.stringMatching(/^features\[0\]\.measure: between 48 and 60 Hz lies no line .* 15\.625 Hz apart/),
    ]);
  });
});
