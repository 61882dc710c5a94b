/** Steps on one side of zero that the int8 values are thought of as. */
const steps = 64;
const smallest = 1e-4;

/**
 * Where to clip so that the clipped, coarsened distribution says most about the whole one: the threshold t for which the Kullback–Leibler
 * divergence between the histogram cut at ±t (what lies beyond counts for the outermost bins) and the same histogram told in 128 steps
 * is smallest. Thresholds are tried from 64 bins on, every fourth bin (S. Migacz, "8-bit Inference with TensorRT", 2017).
 *
 * `counts` are symmetric about zero and cover ±peak.
 */
export function entropyThreshold(counts: Float64Array, peak: number): number {
  const half = counts.length / 2;
  // What matters is how far from zero a value lies: both sides are cut at one distance.
  const sizes = Float64Array.from({ length: half }, (_, i) => at(counts, half + i) + at(counts, half - 1 - i));
  // Zero is exact in every range, and after a Relu half of all values are: they must not decide.
  sizes[0] = Math.min(at(sizes, 0), at(sizes, 1));
  const beyond = new Float64Array(half + 1);
  for (let i = half - 1; i >= 0; i--) beyond[i] = at(beyond, i + 1) + at(sizes, i);
  let best = half;
  let smallestDivergence = Number.POSITIVE_INFINITY;
  for (let bins = steps; bins <= half; bins += 4) {
    const divergence = divergenceOf(sizes, bins, at(beyond, bins));
    if (divergence < smallestDivergence) {
      smallestDivergence = divergence;
      best = bins;
    }
  }
  return (best / half) * peak;
}

/** The divergence after a cut behind `bins` bins, with `outside` values beyond it. */
function divergenceOf(sizes: Float64Array, bins: number, outside: number): number {
  const reference = sizes.slice(0, bins);
  reference[bins - 1] = at(reference, bins - 1) + outside;
  const coarse = new Float64Array(bins);
  for (let step = 0; step < steps; step++) {
    const from = Math.floor((step * bins) / steps);
    const to = Math.floor(((step + 1) * bins) / steps);
    let sum = 0;
    let present = 0;
    for (let i = from; i < to; i++) {
      sum += at(sizes, i);
      if (at(reference, i) > 0) present += 1;
    }
    if (present > 0) for (let i = from; i < to; i++) if (at(reference, i) > 0) coarse[i] = sum / present;
  }
  return divergence(smoothed(reference), smoothed(coarse));
}

/** Bins that are empty get a little of the others, or one value in an empty bin would weigh without end. */
function smoothed(counts: Float64Array): Float64Array | undefined {
  const empty = counts.filter((count) => count === 0).length;
  const full = counts.length - empty;
  const given = full === 0 ? Number.POSITIVE_INFINITY : (smallest * empty) / full;
  if (given >= 1) return undefined;
  return counts.map((count) => (count === 0 ? smallest : count - given));
}

/** KL(p ‖ q) = Σ p ln(p / q) of the two normalised. */
function divergence(p: Float64Array | undefined, q: Float64Array | undefined): number {
  if (p === undefined || q === undefined) return Number.POSITIVE_INFINITY;
  const [sumP, sumQ] = [p, q].map((counts) => counts.reduce((sum, count) => sum + count, 0)) as [number, number];
  let result = 0;
  for (let i = 0; i < p.length; i++) {
    const share = at(p, i) / sumP;
    if (share > 0) result += share * Math.log(share / Math.max(at(q, i) / sumQ, 1e-12));
  }
  return result;
}

function at(values: Float64Array, i: number): number {
  return values[i] as number;
}
