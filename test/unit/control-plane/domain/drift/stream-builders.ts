import type { DeviceCounts } from "../../../../../control-plane/domain/drift/drift-scope.ts";
import type { DriftScore } from "../../../../../control-plane/domain/drift/drift-score.ts";
import type { StreamReference } from "../../../../../proto/manifest.ts";
import { parseDeviceId } from "../../../../../proto/ids.ts";
import { addValue, binCount, emptyHistogram } from "../../../../../proto/sketch/histogram.ts";

type NumericReference = Extract<StreamReference, { kind: "numeric" }>;

/** Uniform in [0, 1): mulberry32, so that every figure in these tests repeats. */
function seededUniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal, by Box and Muller. */
export function seededNormal(seed: number): () => number {
  const uniform = seededUniform(seed);
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

export function draws(count: number, draw: () => number): number[] {
  return Array.from({ length: count }, draw);
}

export function histogramOf(edges: readonly number[], values: readonly (number | undefined)[]) {
  const histogram = emptyHistogram(binCount(edges));
  for (const value of values) addValue(histogram, edges, value);
  return histogram;
}

/** What packaging makes of reference values: `inner` bins at their quantiles between the smallest and the largest. */
export function referenceFrom(values: readonly number[], inner = 16, name = "input.brightness"): NumericReference {
  const sorted = values.toSorted((a, b) => a - b);
  const edges = Array.from(
    { length: inner + 1 },
    (_, i) => sorted[Math.round((i / inner) * (sorted.length - 1))] as number,
  );
  const { counts, missing } = histogramOf(edges, values);
  return { kind: "numeric", name, edges, counts: [...counts], missing };
}

export function numericReference(counts: readonly number[], missing = 0): NumericReference {
  return { kind: "numeric", name: "input.brightness", edges: counts.slice(1).map((_, i) => i), counts, missing };
}

export function categoricalReference(counts: readonly number[], missing = 0): StreamReference {
  return { kind: "categorical", name: "output.class", categories: counts.map((_, i) => `${i}`), counts, missing };
}

export function device(
  id: string,
  labels: Readonly<Record<string, string>>,
  counts: ArrayLike<number>,
  missing = 0,
): DeviceCounts {
  return { device: parseDeviceId(id), labels, counts, missing };
}

/** A window of 200 samples that differs from its reference no more than chance does. */
export function calmScore(changes: Partial<DriftScore> = {}): DriftScore {
  return {
    stream: "input.brightness",
    samples: 200,
    missing: 0,
    referenceSamples: 600,
    bins: 16,
    psi: 0.1,
    psiExpected: 0.1,
    psiExcess: 0,
    psiNullQuantile: 0.25,
    jensenShannon: 0.13,
    ks: { low: 0.05, high: 0.1, chance: 0.16 },
    outOfRangeShare: 0,
    outOfRangeIncrease: 0,
    outOfRangeChance: 0.01,
    missingShare: 0,
    missingIncrease: 0,
    missingChance: 0.01,
    farOutsideShare: 0,
    farOutsideIncrease: 0,
    farOutsideChance: 0.01,
    stuckShare: 0,
    stuckIncrease: 0,
    stuckChance: 0.01,
    notFiniteShare: 0,
    ...changes,
  };
}

export function driftedScore(changes: Partial<DriftScore> = {}): DriftScore {
  return calmScore({ psi: 0.6, psiExcess: 0.5, ...changes });
}

/** Too few samples to judge, whatever they show. */
export function thinScore(changes: Partial<DriftScore> = {}): DriftScore {
  return driftedScore({ samples: 12, ...changes });
}
