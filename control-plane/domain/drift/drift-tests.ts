import { jensenShannonDistance } from "./jensen-shannon.ts";
import { kolmogorovSmirnovBounds, kolmogorovSmirnovThreshold } from "./kolmogorov-smirnov.ts";
import { populationStabilityIndex, psiNullQuantile } from "./population-stability-index.ts";
import type { StreamComparison } from "./stream-comparison.ts";
import type { StreamReference } from "../../../proto/manifest.ts";

type StreamKind = StreamReference["kind"];

export interface DriftTestResult {
  readonly value: number;
  /** Upper bound where the bins leave the value open; else the value itself. */
  readonly atMost: number;
  /** The value that chance alone exceeds about once in a thousand windows without drift. */
  readonly chance: number;
}

export interface DriftTest {
  readonly title: string;
  /** Categories have no order, so tests on the distribution function do not apply to them. */
  readonly appliesTo: readonly StreamKind[];
  readonly compute: (comparison: StreamComparison) => DriftTestResult;
}

/** Every statistic that is shown, by its name. All of them are read from the same merged counts. */
export const driftTests = {
  psi: {
    title: "population stability index",
    appliesTo: ["numeric", "categorical"],
    compute: ({ shape, bins, samples, referenceSamples }) =>
      exactly(
        populationStabilityIndex(shape.reference, shape.current),
        psiNullQuantile(bins, samples, referenceSamples),
      ),
  },
  jensenShannon: {
    title: "Jensen–Shannon distance (base 2)",
    appliesTo: ["numeric", "categorical"],
    // For small differences the divergence in bits is PSI / (8 · ln 2): both are the chi-square distance to second order.
    compute: ({ shape, bins, samples, referenceSamples }) =>
      exactly(
        jensenShannonDistance(shape.reference, shape.current),
        Math.sqrt(psiNullQuantile(bins, samples, referenceSamples) / (8 * Math.LN2)),
      ),
  },
  ks: {
    title: "Kolmogorov–Smirnov distance",
    appliesTo: ["numeric"],
    compute: ({ ordered, samples, referenceSamples }) => {
      const { low, high } = kolmogorovSmirnovBounds(ordered.reference, ordered.current);
      return { value: low, atMost: high, chance: kolmogorovSmirnovThreshold(samples, referenceSamples, 0.001) };
    },
  },
} as const satisfies Readonly<Record<string, DriftTest>>;

export type DriftTestName = keyof typeof driftTests;

export function appliesTo(test: DriftTestName, kind: StreamKind): boolean {
  const kinds: readonly StreamKind[] = driftTests[test].appliesTo;
  return kinds.includes(kind);
}

function exactly(value: number, chance: number): DriftTestResult {
  return { value, atMost: value, chance };
}
