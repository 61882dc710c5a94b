import type { ActivationHistogram } from "./activation-histogram.ts";

/** Steps on one side of zero that the int8 values are thought of as. */
const steps = 128;
/** What an empty step counts for when what lies beyond the cut falls into it: else a single far value could never be cut off. */
const almostNothing = 1e-4;
/**
 * No cut takes away more of what all distances from zero add up to. The divergence sees only how values are distributed, not how large
 * they are: where most lie close together, as the outputs of a hard swish do below zero, it would rather tell those finely and clip
 * everything that carries information. A text recognizer then read nothing at all.
 */
const mostLost = 0.005;

/**
 * Where to clip so that the clipped, coarsened distribution says most about the whole one: the distance t from zero for which the
 * Kullback–Leibler divergence KL(p ‖ q) = Σ p ln(p / q) is smallest. p is the distribution of |value| cut at t, what lies beyond counting
 * for its last bin; q is the one before that bin was filled up, told in 128 steps, each of them spread evenly over its bins in which p is
 * not zero. Both are normalised. Every t from the 128th bin to the last is tried that takes away little enough (S. Migacz, "8-bit
 * Inference with TensorRT", 2017).
 *
 * Example: of e^-|x| up to ±12 and one value of 400, in bins of 0.25, all cuts from 32 on keep the distribution; 32 tells it finest.
 */
export function entropyThreshold({ counts, reach, min, max }: ActivationHistogram): number {
  const half = counts.length / 2;
  // What matters is how far from zero a value lies: both sides are cut at one distance.
  const sizes = Float64Array.from({ length: half }, (_, i) => at(counts, half + i) + at(counts, half - 1 - i));
  // Zero is exact in every range, and after a Relu half of all values are: they must not decide.
  sizes[0] = Math.min(at(sizes, 0), at(sizes, 1));
  // A value on an edge lies in the bin above it.
  const peakBin = max === min && max === 0 ? 0 : Math.min(half, Math.floor((Math.max(-min, max) / reach) * half) + 1);
  const sums = new Sums(sizes);
  let best = peakBin;
  let smallest = Number.POSITIVE_INFINITY;
  for (let bins = steps; bins <= peakBin; bins++) {
    const divergence = divergenceAfter(bins, sums);
    if (divergence < smallest) {
      smallest = divergence;
      best = bins;
    }
  }
  return (best / half) * reach;
}

/** Sums over the bins before each: with them a cut is judged by its steps instead of its bins. */
class Sums {
  readonly counts: Float64Array;
  readonly present: Float64Array;
  /** Of distances from zero, in bins. */
  readonly distances: Float64Array;
  /** Of c ln c. */
  readonly logarithms: Float64Array;

  constructor(sizes: Float64Array) {
    this.counts = sumsBefore(sizes, (size) => size);
    this.distances = sumsBefore(sizes, (size, i) => size * (i + 0.5));
    this.present = sumsBefore(sizes, (size) => (size > 0 ? 1 : 0));
    this.logarithms = sumsBefore(sizes, timesLogarithm);
  }
}

function sumsBefore(sizes: Float64Array, valueOf: (size: number, bin: number) => number): Float64Array {
  const sums = new Float64Array(sizes.length + 1);
  for (const [i, size] of sizes.entries()) sums[i + 1] = at(sums, i) + valueOf(size, i);
  return sums;
}

/**
 * KL(p ‖ q) after a cut behind `bins` bins. With P and Q the sums of p and q before they are normalised, and m and a the mass and the
 * average of a step's bins: KL = (Σ p ln p - Σ m ln a) / P + ln Q - ln P.
 */
function divergenceAfter(bins: number, { counts, present, logarithms, distances }: Sums): number {
  const total = at(counts, counts.length - 1);
  const inside = at(counts, bins);
  const beyond = total - inside;
  const whole = at(distances, distances.length - 1);
  const lost = whole - at(distances, bins) - bins * beyond;
  if (inside === 0 || lost > mostLost * whole) return Number.POSITIVE_INFINITY;
  const last = inside - at(counts, bins - 1);
  let sum = at(logarithms, bins - 1) + timesLogarithm(last + beyond);
  for (let step = 0; step < steps; step++) {
    const from = Math.floor((step * bins) / steps);
    const to = Math.floor(((step + 1) * bins) / steps);
    const isLast = step === steps - 1;
    const before = at(counts, to) - at(counts, from);
    const mass = before + (isLast ? beyond : 0);
    if (mass === 0) continue;
    const bucket = at(present, to) - at(present, from) + (isLast && last === 0 && beyond > 0 ? 1 : 0);
    sum -= mass * Math.log(Math.max(before, almostNothing) / bucket);
  }
  return sum / total + Math.log(inside) - Math.log(total);
}

function timesLogarithm(value: number): number {
  return value === 0 ? 0 : value * Math.log(value);
}

function at(values: Float64Array, i: number): number {
  return values[i] as number;
}
