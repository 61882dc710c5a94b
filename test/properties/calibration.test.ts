import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ActivationHistogram } from "../../control-plane/packaging/quantization/activation-histogram.ts";
import { HistogramBuilder, histogramBins } from "../../control-plane/packaging/quantization/activation-histogram.ts";
import { activationRange } from "../../control-plane/packaging/quantization/activation-range.ts";
import { entropyThreshold } from "../../control-plane/packaging/quantization/entropy-threshold.ts";
import { observationGroups } from "../../control-plane/packaging/quantization/observation-groups.ts";
import { roundedOutward } from "../../control-plane/packaging/quantization/rounded-outward.ts";
import { searchExclusions } from "../../control-plane/packaging/quantization/search-exclusions.ts";

const floats = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 300 });
/** Values of which most are small, as activations are. */
const activations = fc
  .array(fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.integer({ min: 0, max: 12 })), {
    minLength: 1,
    maxLength: 400,
  })
  .map((pairs) => pairs.map(([share, power]) => Math.round(share ** 3 * 2 ** 20) * 2 ** (power - 20)));
const method = fc.constantFrom("minmax" as const, "percentile" as const, "entropy" as const);

function seen(...batches: readonly (readonly number[])[]): ActivationHistogram {
  const builder = new HistogramBuilder();
  for (const batch of batches) builder.add(Float32Array.from(batch));
  return builder.histogram() as ActivationHistogram;
}

describe("histograms", () => {
  it("are the same in whatever order and in whatever pieces values come", () => {
    fc.assert(
      fc.property(floats, fc.nat(), fc.boolean(), (values, cut, isReversed) => {
        const at = cut % (values.length + 1);
        const ordered = isReversed ? values.toReversed() : values;
        expect(seen(ordered.slice(0, at), ordered.slice(at))).toEqual(seen(values));
      }),
    );
  });

  it("count every value once, between the extremes, with at least half of the bins in use", () => {
    fc.assert(
      fc.property(floats, (values) => {
        const { min, max, reach, counts } = seen(values);
        expect(counts.reduce((sum, count) => sum + count, 0)).toBe(values.length);
        expect({ min: min + 0, max: max + 0 }).toEqual({ min: Math.min(...values) + 0, max: Math.max(...values) + 0 });
        const binOf = (value: number) => histogramBins / 2 + Math.floor((value * histogramBins) / 2 / reach);
        const filled = [...counts.keys()].filter((bin) => (counts[bin] as number) > 0);
        expect(filled.at(0)).toBe(binOf(min));
        expect(filled.at(-1)).toBe(binOf(max));
        const peak = Math.max(-min, max);
        expect(peak).toBeLessThan(reach);
        if (peak > 0) expect(peak).toBeGreaterThanOrEqual(reach / 2);
      }),
    );
  });
});

describe("ranges", () => {
  it("hold zero, and reach no farther than what was seen, but for the rounding", () => {
    fc.assert(
      fc.property(activations, method, fc.double({ min: 50, max: 100, noNaN: true }), (values, by, percentile) => {
        const { min, max } = activationRange(seen(values), by, percentile);
        expect(min).toBeLessThanOrEqual(0);
        expect(max).toBeGreaterThanOrEqual(0);
        expect(min).toBeGreaterThanOrEqual(roundedOutward(Math.min(0, ...values)));
        expect(max).toBeLessThanOrEqual(roundedOutward(Math.max(0, ...values)));
      }),
    );
  });

  it("of minmax hold every value, and those of a percentile at least that share", () => {
    fc.assert(
      fc.property(activations, fc.double({ min: 50, max: 100, noNaN: true }), (values, percentile) => {
        const within = (by: "minmax" | "percentile") => {
          const { min, max } = activationRange(seen(values), by, percentile);
          return values.filter((value) => value >= min && value <= max).length / values.length;
        };
        expect(within("minmax")).toBe(1);
        expect(within("percentile")).toBeGreaterThanOrEqual(percentile / 100 - 1e-9);
      }),
    );
  });

  it("grow with the percentile", () => {
    fc.assert(
      fc.property(
        activations,
        fc.tuple(fc.integer({ min: 50, max: 100 }), fc.integer({ min: 0, max: 50 })),
        (values, [p, more]) => {
          const small = activationRange(seen(values), "percentile", p);
          const large = activationRange(seen(values), "percentile", Math.min(100, p + more));
          expect(large.min).toBeLessThanOrEqual(small.min);
          expect(large.max).toBeGreaterThanOrEqual(small.max);
        },
      ),
    );
  });

  it("scale with the values, by powers of two exactly", () => {
    fc.assert(
      fc.property(activations, method, fc.integer({ min: -20, max: 20 }), (values, by, power) => {
        const { min, max } = activationRange(seen(values), by, 99);
        const scaled = activationRange(seen(values.map((value) => value * 2 ** power)), by, 99);
        expect(scaled).toEqual({ min: min * 2 ** power, max: max * 2 ** power });
      }),
    );
  });

  it("are rounded outward, by less than a 500th, to what stays when rounded again", () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e37), max: Math.fround(1e37) }),
        (value) => {
          const rounded = roundedOutward(value);
          expect(Math.abs(rounded)).toBeGreaterThanOrEqual(Math.abs(value));
          if (Math.abs(value) > 2 ** -126) expect(Math.abs(rounded - value)).toBeLessThanOrEqual(Math.abs(value) / 500);
          expect(roundedOutward(rounded)).toBe(rounded);
        },
      ),
    );
  });
});

/** The definition, bin by bin, that entropyThreshold computes from sums. */
function divergenceByDefinition(sizes: readonly number[], bins: number): number {
  const p = sizes.slice(0, bins);
  p[bins - 1] = (p[bins - 1] ?? 0) + sizes.slice(bins).reduce((sum, size) => sum + size, 0);
  const q = p.map(() => 0);
  for (let step = 0; step < 128; step++) {
    const from = Math.floor((step * bins) / 128);
    const to = Math.floor(((step + 1) * bins) / 128);
    const inside = sizes.slice(from, to).reduce((sum, size) => sum + size, 0);
    const present = p.slice(from, to).filter((size) => size > 0).length;
    for (let i = from; i < to; i++) if ((p[i] ?? 0) > 0) q[i] = Math.max(inside, 1e-4) / present;
  }
  const total = p.reduce((sum, size) => sum + size, 0);
  const totalQ = sizes.slice(0, bins).reduce((sum, size) => sum + size, 0);
  return p.reduce(
    (sum, size, i) => (size === 0 ? sum : sum + (size / total) * Math.log(size / total / ((q[i] ?? 0) / totalQ))),
    0,
  );
}

describe("the entropy threshold", () => {
  it("is the cut of the smallest divergence, computed bin by bin", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2_000 }), { minLength: 900, maxLength: 2_000 }), (values) => {
        // Peak just below 1: all 2,048 bins of a side are candidates.
        const histogram = seen([...values.map((value) => (value / 2_048) ** 3), 2_047.5 / 2_048]);
        const sizes = Array.from(
          { length: 2_048 },
          (_, i) => (histogram.counts[2_048 + i] ?? 0) + (histogram.counts[2_047 - i] ?? 0),
        );
        sizes[0] = Math.min(sizes[0] ?? 0, sizes[1] ?? 0);
        const chosen = Math.round(entropyThreshold(histogram) * 2_048);
        const best = divergenceByDefinition(sizes, chosen);
        const lost = (bins: number) => sizes.reduce((sum, size, i) => sum + size * Math.max(0, i + 0.5 - bins), 0);
        const mostLost = 0.005 * lost(0);
        expect(lost(chosen)).toBeLessThanOrEqual(mostLost);
        for (let bins = 128; bins <= 2_048; bins += 113)
          if (lost(bins) <= mostLost) expect(divergenceByDefinition(sizes, bins)).toBeGreaterThanOrEqual(best - 1e-9);
      }),
      { numRuns: 20 },
    );
  });
});

describe("groups of values that are observed together", () => {
  it("hold every value once, in order, and fit the budget unless they are one", () => {
    const sizes = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(
        sizes,
        fc.integer({ min: 1, max: 3_000 }),
        fc.integer({ min: 1, max: 4 }),
        (bytes, budget, growth) => {
          const values = bytes.map((_, i) => `v${i}`);
          const known = new Map(bytes.map((size, i) => [`v${i}`, { bytes: size, inputBytes: 100 }]));
          const groups = observationGroups(values, known, 100 * growth, budget);
          expect(groups.flat()).toEqual(values);
          for (const group of groups) {
            const size = group.reduce((sum, value) => sum + (known.get(value)?.bytes ?? 0) * growth, 0);
            expect(group.length === 1 || size <= budget).toBe(true);
          }
        },
      ),
    );
  });
});

describe("the search for harmful nodes", () => {
  const harms = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 0.0001, max: 1, noNaN: true })), {
    minLength: 1,
    maxLength: 40,
  });
  const limits = fc.record({ most: fc.integer({ min: 0, max: 8 }), mostEvaluations: fc.integer({ min: 1, max: 300 }) });

  function additive(harmsOf: readonly number[]) {
    let evaluations = 0;
    return {
      evaluations: () => evaluations,
      distance: (exclude: readonly string[]): Promise<number> => {
        evaluations += 1;
        return Promise.resolve(harmsOf.reduce((sum, harm, i) => (exclude.includes(`n${i}`) ? sum : sum + harm), 0));
      },
    };
  }

  it("keeps its limits, names each node once, and never ends farther away than it began", async () => {
    await fc.assert(
      fc.asyncProperty(
        harms,
        limits,
        fc.array(fc.double({ min: 0, max: 3, noNaN: true })),
        async (given, limit, noise) => {
          const { distance, evaluations } = additive(given);
          let asked = 0;
          // Nodes that do harm in any way at all: noise on top.
          const noisy = async (exclude: readonly string[]) =>
            (await distance(exclude)) + (noise[asked++ % Math.max(1, noise.length)] ?? 0);
          const names = given.map((_, i) => `n${i}`);
          const { found, before } = await searchExclusions(names, noisy, { ...limit, goodEnough: 0.01 });
          const nodes = found.flatMap((step) => step.nodes);
          expect(evaluations()).toBeLessThanOrEqual(limit.mostEvaluations);
          expect(nodes.length).toBeLessThanOrEqual(limit.most);
          expect(new Set(nodes).size).toBe(nodes.length);
          expect(names).toEqual(expect.arrayContaining(nodes));
          let reached = before;
          for (const step of found) {
            expect(step.distance).toBeLessThan(reached);
            reached = step.distance;
          }
        },
      ),
    );
  });

  it("finds the worst nodes where they do harm independently, each worth at least 2 % of what is left", async () => {
    await fc.assert(
      fc.asyncProperty(harms, fc.integer({ min: 1, max: 8 }), async (given, most) => {
        const names = given.map((_, i) => `n${i}`);
        const { found } = await searchExclusions(names, additive(given).distance, {
          most,
          goodEnough: 0,
          mostEvaluations: 10_000,
        });
        const left = given.toSorted((a, b) => b - a);
        for (const { nodes } of found) {
          expect(nodes).toHaveLength(1);
          const harm = given[Number(nodes[0]?.slice(1))] ?? 0;
          expect(harm).toBeCloseTo(left.shift() ?? 0, 9);
        }
        const rest = left.reduce((sum, harm) => sum + harm, 0);
        const isContent = found.length === most || rest < 1e-9 || (left[0] ?? 0) <= 0.02 * rest + 1e-9;
        expect(isContent).toBe(true);
      }),
    );
  });

  it("asks the same questions for the same answers", async () => {
    await fc.assert(
      fc.asyncProperty(harms, limits, async (given, limit) => {
        const names = given.map((_, i) => `n${i}`);
        const search = () => searchExclusions(names, additive(given).distance, { ...limit, goodEnough: 0.01 });
        expect(await search()).toEqual(await search());
      }),
    );
  });
});
