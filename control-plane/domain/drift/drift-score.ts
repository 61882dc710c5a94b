import { appliesTo, driftTests } from "./drift-tests.ts";
import { expectedPsi, psiExcess } from "./population-stability-index.ts";
import { shareIncrease } from "./share-increase.ts";
import { compareStream } from "./stream-comparison.ts";
import type { DetectedCounts } from "../../../proto/detected-counts.ts";
import type { StreamReference } from "../../../proto/manifest.ts";
import type { WindowCounts } from "./window-counts.ts";

/** How one window of one stream differs from its reference: effects beside what chance explains. Every number is finite. */
export interface DriftScore {
  readonly stream: string;
  /** Values counted in the window, and rows that had none. */
  readonly samples: number;
  readonly missing: number;
  readonly referenceSamples: number;
  /** Bins that the shapes were compared in. */
  readonly bins: number;
  readonly psi: number;
  readonly psiExpected: number;
  readonly psiExcess: number;
  readonly psiNullQuantile: number;
  /** Distance, base 2: 0 to 1. */
  readonly jensenShannon: number;
  /** Only for numeric streams: the D of the raw values lies between, and chance alone exceeds `chance` once in a thousand windows. */
  readonly ks?: { readonly low: number; readonly high: number; readonly chance: number };
  /** Of the samples: in the open bins beyond the reference's edges. Then: more than in the reference, and what chance explains of that. */
  readonly outOfRangeShare: number;
  readonly outOfRangeIncrease: number;
  readonly outOfRangeChance: number;
  /** Of all rows: without a value. Then the same two. */
  readonly missingShare: number;
  readonly missingIncrease: number;
  readonly missingChance: number;
  /** Of the samples: far outside the reference, which has none there, or outside what is declared. Then the same two. */
  readonly farOutsideShare: number;
  readonly farOutsideIncrease: number;
  readonly farOutsideChance: number;
  /** Of the samples: the same for longer than is plausible. Then the same two. */
  readonly stuckShare: number;
  readonly stuckIncrease: number;
  readonly stuckChance: number;
  /** Of all rows: the value was there, but NaN or infinite. */
  readonly notFiniteShare: number;
}

/** A packaged reference, in which nothing was detected, or the windows of other devices. */
export type DriftBaseline = StreamReference & DetectedCounts;

/** Throws HistogramShapeError when `current` was not counted in the reference's bins. */
export function scoreStream(reference: DriftBaseline, current: WindowCounts): DriftScore {
  const comparison = compareStream(reference, current);
  const { samples, referenceSamples, bins, outside } = comparison;
  const psi = driftTests.psi.compute(comparison);
  const ks = appliesTo("ks", reference.kind) ? driftTests.ks.compute(comparison) : undefined;
  const outOfRange = shareIncrease(
    { hits: outside.current, all: samples },
    { hits: outside.reference, all: referenceSamples },
  );
  const missing = shareIncrease(
    { hits: current.missing, all: samples + current.missing },
    { hits: reference.missing, all: referenceSamples + reference.missing },
  );
  const farOutside = shareIncrease(
    { hits: current.farOutside ?? 0, all: samples },
    { hits: reference.farOutside ?? 0, all: referenceSamples },
  );
  const stuck = shareIncrease(
    { hits: current.stuck ?? 0, all: samples },
    { hits: reference.stuck ?? 0, all: referenceSamples },
  );
  const rows = samples + current.missing;
  return {
    stream: reference.name,
    samples,
    missing: current.missing,
    referenceSamples,
    bins,
    psi: psi.value,
    psiExpected: expectedPsi(bins, samples, referenceSamples),
    psiExcess: psiExcess(psi.value, bins, samples, referenceSamples),
    psiNullQuantile: psi.chance,
    jensenShannon: driftTests.jensenShannon.compute(comparison).value,
    ...(ks && { ks: { low: ks.value, high: ks.atMost, chance: ks.chance } }),
    outOfRangeShare: outOfRange.share,
    outOfRangeIncrease: outOfRange.increase,
    outOfRangeChance: outOfRange.chance,
    missingShare: missing.share,
    missingIncrease: missing.increase,
    missingChance: missing.chance,
    farOutsideShare: farOutside.share,
    farOutsideIncrease: farOutside.increase,
    farOutsideChance: farOutside.chance,
    stuckShare: stuck.share,
    stuckIncrease: stuck.increase,
    stuckChance: stuck.chance,
    notFiniteShare: rows === 0 ? 0 : (current.notFinite ?? 0) / rows,
  };
}
