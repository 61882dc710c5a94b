import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { featureOf } from "../../proto/features.ts";
import { tensorFeatureKinds } from "../../proto/manifest.ts";
import type { Measure } from "../../proto/measures/measure.ts";
import { imageStatistics, signalStatistics, valueStatistics } from "../../proto/measures/measure.ts";
import { measured, rowOf } from "../support/measured-rows.ts";

const byte = fc.integer({ min: 0, max: 255 });
const bytes = fc.array(byte, { minLength: 9, maxLength: 64 });
const plane = fc
  .integer({ min: 3, max: 8 })
  .chain((width) =>
    fc
      .integer({ min: 3, max: 8 })
      .chain((height) =>
        fc
          .array(byte, { minLength: width * height, maxLength: width * height })
          .map((data) => ({ data, dims: [height, width] as const })),
      ),
  );
const every = fc.integer({ min: 1, max: 5 });
const spectrum = { sampleRate: 100, frame: 16 } as const;
const simple = [...valueStatistics, ...imageStatistics, ...signalStatistics].map((statistic): Measure => ({
  statistic,
}));
const orderless: readonly Measure[] = [
  ...valueStatistics.map((statistic): Measure => ({ statistic })),
  { statistic: "root-mean-square" },
  { statistic: "share-inside", from: 10, to: 100 },
  { statistic: "share-outside", from: 10, to: 100 },
];
const all: readonly Measure[] = [
  ...simple,
  ...orderless,
  { statistic: "spectral-centroid", ...spectrum },
  { statistic: "band-energy", ...spectrum, fromHz: 10, toHz: 30 },
];

describe("a measure", () => {
  it("is the same number for bytes, for floats and for a view into a larger row", () => {
    fc.assert(
      fc.property(plane, fc.constantFrom(...all), every, ({ data, dims }, measure, n) => {
        const thinned = { ...measure, every: n };
        const ofBytes = measured(thinned, Uint8Array.from(data), dims);
        expect(measured(thinned, Float32Array.from(data), dims)).toBe(ofBytes);
        expect(measured(thinned, data, dims)).toBe(ofBytes);
      }),
    );
  });

  it("of one channel is that of the channel alone, whichever way the channels lie", () => {
    fc.assert(
      fc.property(plane, byte, fc.constantFrom(...all), every, ({ data, dims }, other, measure, n) => {
        const alone = measured({ ...measure, every: n }, data, dims);
        const first = [...data.map(() => other), ...data];
        const last = data.flatMap((value) => [other, value]);
        const of = (axis: "first" | "last"): Measure => ({ ...measure, every: n, channel: { index: 1, axis } });
        expect(measured(of("first"), first, [2, ...dims])).toBe(alone);
        expect(measured(of("last"), last, [...dims, 2])).toBe(alone);
      }),
    );
  });

  it("of values does not depend on their order", () => {
    fc.assert(
      fc.property(bytes, fc.constantFrom(...orderless), (data, measure) => {
        expect(
          measured(
            measure,
            data.toSorted((a, b) => a - b),
          ),
        ).toBeCloseTo(measured(measure, data), 9);
      }),
    );
  });

  it("lies where it can", () => {
    fc.assert(
      fc.property(plane, every, ({ data, dims }, n) => {
        const of = (measure: Measure) => measured({ ...measure, every: n }, data, dims);
        const [least, greatest] = [of({ statistic: "minimum" }), of({ statistic: "maximum" })];
        expect(of({ statistic: "mean" })).toBeGreaterThanOrEqual(least - 1e-9);
        expect(of({ statistic: "mean" })).toBeLessThanOrEqual(greatest + 1e-9);
        expect(of({ statistic: "standard-deviation" })).toBeLessThanOrEqual((greatest - least) / 2 + 1e-9);
        expect(of({ statistic: "share-inside", from: 10, to: 100 })).toBeLessThanOrEqual(1);
        const crossings = of({ statistic: "zero-crossing-rate" });
        expect(crossings).toBeGreaterThanOrEqual(0);
        expect(crossings).toBeLessThanOrEqual(1);
        const correlation = of({ statistic: "autocorrelation" });
        if (n === 1 && !Number.isNaN(correlation)) expect(Math.abs(correlation)).toBeLessThanOrEqual(1);
        const share = of({ statistic: "band-energy", ...spectrum, fromHz: 10, toHz: 30 });
        if (!Number.isNaN(share)) expect(share).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("with a value that is not a number is missing, but for the share of such values", () => {
    // The corners of a picture have no four neighbours and belong to none.
    const everyValueCounts = all.filter(
      ({ statistic }) => statistic !== "share-missing" && statistic !== "laplacian-variance",
    );
    fc.assert(
      fc.property(plane, fc.nat(), fc.constantFrom(...everyValueCounts), ({ data, dims }, at, measure) => {
        // A frame may leave out a rest of the signal.
        const index = at % ("frame" in measure ? Math.min(data.length, 16) : data.length);
        const broken = data.with(index, Number.NaN);
        expect(measured(measure, broken, dims)).toBeNaN();
        expect(measured({ statistic: "share-missing" }, broken, dims)).toBeCloseTo(1 / data.length, 12);
      }),
    );
  });

  it("of the whole is to the bit the kind of feature that packages have had from the first", () => {
    fc.assert(
      fc.property(plane, fc.constantFrom(...tensorFeatureKinds), ({ data, dims }, kind) => {
        const values = Float32Array.from(data, (value) => value / 255);
        const row = rowOf(values, dims);
        expect(measured({ statistic: kind }, values, dims)).toBe(featureOf({ kind, name: "f", input: "x" }, row));
      }),
    );
  });
});
