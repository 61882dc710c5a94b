import { foldTails } from "./fold-tails.ts";
import { comparedBins } from "./population-stability-index.ts";
import type { StreamReference } from "../../../proto/manifest.ts";
import type { WindowCounts } from "./window-counts.ts";
import { requireSameBins, totalCount } from "./window-counts.ts";

/** Two sides of one stream, prepared once for every test. */
export interface StreamComparison {
  readonly samples: number;
  readonly referenceSamples: number;
  /** All bins, in their order: for tests that read the distribution function. */
  readonly ordered: { readonly reference: ArrayLike<number>; readonly current: ArrayLike<number> };
  /** The bins in which the shapes are compared: for a numeric stream, without its empty ends. */
  readonly shape: { readonly reference: ArrayLike<number>; readonly current: ArrayLike<number> };
  /** Bins of `shape` that hold anything on either side. */
  readonly bins: number;
  /** Values outside the range that the reference covers; 0 for categories. */
  readonly outside: { readonly reference: number; readonly current: number };
}

/** Throws HistogramShapeError when `current` was not counted in the reference's bins. */
export function compareStream(reference: StreamReference, current: WindowCounts): StreamComparison {
  requireSameBins(reference.counts, current.counts);
  const ordered = { reference: reference.counts, current: current.counts };
  const { outside, ...shape } = shapeOf(reference, current.counts);
  return {
    samples: totalCount(current.counts),
    referenceSamples: totalCount(reference.counts),
    ordered,
    shape,
    bins: comparedBins(shape.reference, shape.current),
    outside,
  };
}

function shapeOf(reference: StreamReference, current: ArrayLike<number>) {
  switch (reference.kind) {
    case "numeric":
      return foldTails(reference.counts, current);
    case "categorical":
      return { reference: reference.counts, current, outside: { reference: 0, current: 0 } };
  }
}
