import type { Agreement } from "../telemetry-messages.ts";
import { binOf } from "./histogram.ts";

/**
 * How far two answers to the same input lie apart, in bins that every agent and every version shares, so that counts of any device
 * add up. A distance is a number without a unit, 0 for equal answers, the same whichever answer is named first:
 *
 * - classification: the total variation distance of the two sets of scores, ½ Σ |p − q| over the classes of either, logits first made
 *   probabilities by softmax; 0 to 1 for probabilities. Example: (0.7, 0.3) and (0.6, 0.4) are 0.1 apart.
 * - regression: |a − b| / spread (of several values the mean), where the spread is the distance between the quartiles of the candidate's
 *   reference outputs.
 *   Example: answers 12.0 and 12.5 of a model whose middle half of reference outputs lies between 10 and 15 are 0.1 apart.
 * - sequence: the least number of symbols to put in, take out or replace that makes one reading of the other, divided by the length of
 *   the longer one; 0 to 1. Example: "sedge" and "edge" are 0.2 apart.
 *
 * Where two answers cannot be compared (a value that is not finite, other classes of output, no spread and yet a difference) the
 * distance is infinite, which is in the last bin. The first bin, below 10⁻⁶, holds what is equal but for rounding.
 */
export const agreementEdges: readonly number[] = [
  1e-6, 1e-5, 1e-4, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10,
];

export const agreementBins = agreementEdges.length + 1;

/** Of a distance from 0 to infinity. */
export function agreementBinOf(distance: number): number {
  return binOf(agreementEdges, distance);
}

export function nothingCompared(): Agreement {
  return {
    compared: 0,
    disagreed: 0,
    skipped: 0,
    failed: 0,
    activeWorkMs: 0,
    candidateWorkMs: 0,
    distance: new Uint32Array(agreementBins),
  };
}

/** Example: 3 of 240 disagreed and 1 of 60 disagreed make 4 of 300. */
export function sumOfAgreements(a: Agreement, b: Agreement): Agreement {
  return {
    compared: a.compared + b.compared,
    disagreed: a.disagreed + b.disagreed,
    skipped: a.skipped + b.skipped,
    failed: a.failed + b.failed,
    activeWorkMs: a.activeWorkMs + b.activeWorkMs,
    candidateWorkMs: a.candidateWorkMs + b.candidateWorkMs,
    distance: Uint32Array.from(a.distance, (count, bin) => count + (b.distance[bin] ?? 0)),
  };
}
