import fc from "fast-check";
import { expect, it } from "vitest";
import { feature } from "../../control-plane/packaging/feature-schema.ts";
import type { WrittenFeature } from "../../control-plane/packaging/feature-schema.ts";
import { featureProblems, featureSpecOf } from "../../control-plane/packaging/feature-specs.ts";
import { featureOf } from "../../proto/features.ts";
import { encodeManifest } from "../../proto/manifest.ts";
import { parseManifest } from "../../proto/manifest-parser.ts";
import {
  imageStatistics,
  shareStatistics,
  signalStatistics,
  spectralStatistics,
  valueStatistics,
} from "../../proto/measures/measure.ts";
import { aManifest } from "../support/manifests.ts";
import { rowOf } from "../support/measured-rows.ts";

const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const kinds = [
  ...valueStatistics,
  ...imageStatistics,
  ...signalStatistics,
  ...shareStatistics,
  ...spectralStatistics,
  "root-mean-square",
  "column",
];
/** Anything that a person may write; only some of it is a feature. */
const fields = fc.record({
  channel: maybe(fc.nat({ max: 4 })),
  layout: maybe(fc.constantFrom("channels-first", "channels-last")),
  every: maybe(fc.integer({ min: 1, max: 9 })),
});
const bounds = fc.record({ from: maybe(fc.integer({ min: -2, max: 2 })), to: maybe(fc.integer({ min: -2, max: 2 })) });
const spectrum = fc.record({
  sampleRate: fc.constantFrom(50, 8_000),
  frame: maybe(fc.constantFrom(16, 32, 64)),
  fromHz: fc.integer({ min: 0, max: 20 }),
  toHz: fc.integer({ min: 1, max: 30 }),
});
const written = fc
  .tuple(fc.constantFrom(...kinds), fields, bounds, spectrum, fc.nat({ max: 300 }))
  .map(([kind, part, { from, to }, { fromHz, toHz, ...sound }, index]): WrittenFeature => {
    const isShare = shareStatistics.some((known) => known === kind);
    return feature.parse({
      name: "brightness",
      kind,
      ...(kind === "column" ? { index } : part),
      ...(isShare && { from, to }),
      ...(spectralStatistics.some((known) => known === kind) && sound),
      ...(kind === "band-energy" && { fromHz, toHz }),
    });
  });
const shapes = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 3 }),
  fc.constantFrom([1, 28, 28], [28, 28, 1], [3, 8, 8], [8, 8, 3], [128, 9], [12, 200], [256]),
);

it("what is not refused stands in a manifest that a device reads, and gives a number of every row of that shape", () => {
  let taken = 0;
  fc.assert(
    fc.property(written, shapes, (one, dims) => {
      const input = { name: "image", dataType: "float32", shape: ["n", ...dims] } as const;
      if (featureProblems(one, input).length > 0) return;
      taken += 1;
      const spec = featureSpecOf(one, input, [1, ...dims]);
      const manifest = aManifest({ inputs: [input], features: [spec] });
      const read = parseManifest(encodeManifest(manifest));
      expect(read).toEqual({ ok: true, value: manifest });
      const length = dims.reduce((product, size) => product * size, 1);
      const ramp = Float32Array.from({ length }, (_, i) => Math.sin(7 * i * i) + i / length);
      const value = featureOf(spec, rowOf(ramp, dims)) ?? Number.NaN;
      // Of a few elements some statistics are not defined: the variance of no pixel, the correlation of no pair.
      if (length >= 64 && !("every" in one && one.every !== undefined)) expect(value).not.toBeNaN();
      else expect(typeof value).toBe("number");
    }),
    { numRuns: 2_000 },
  );
  expect(taken).toBeGreaterThan(200);
});
