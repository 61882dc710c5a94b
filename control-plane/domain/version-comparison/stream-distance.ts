import type { StreamReference } from "../../../proto/manifest.ts";
import { quantileOfCounts } from "../../../proto/sketch/latency.ts";
import {
  comparedBins,
  populationStabilityIndex,
  psiExcess,
  psiNullQuantile,
} from "../drift/population-stability-index.ts";
import { totalCount } from "../drift/window-counts.ts";

/** How far one stream of two reference profiles lies apart. */
export interface StreamDistance {
  readonly name: string;
  readonly kind: StreamReference["kind"];
  readonly a: StreamSide | undefined;
  readonly b: StreamSide | undefined;
  /** Undefined where the two have nothing that can be compared; `note` says why. */
  readonly distance: Distance | undefined;
  /** The category whose share changed most. */
  readonly moved: { readonly category: string; readonly a: number; readonly b: number } | undefined;
  readonly note: string | undefined;
}

export interface StreamSide {
  /** Rows, those without a value included. */
  readonly rows: number;
  readonly missing: number;
  /** Read from the bins; undefined for categories. */
  readonly median: number | undefined;
}

export interface Distance {
  /** See population-stability-index.ts. */
  readonly psi: number;
  /** Less what chance explains on average. */
  readonly excess: number;
  /** What chance alone exceeds once in a thousand. */
  readonly chance: number;
  readonly bins: number;
}

/** Streams in the order of A, then those that only B has. Rows without a value count as one more bin. */
export function streamDistances(
  a: readonly StreamReference[],
  b: readonly StreamReference[],
): readonly StreamDistance[] {
  return [...new Set([...a, ...b].map(({ name }) => name))].map((name) => {
    const named = (one: StreamReference) => one.name === name;
    return distanceOf(name, a.find(named), b.find(named));
  });
}

function distanceOf(name: string, a: StreamReference | undefined, b: StreamReference | undefined): StreamDistance {
  const sides = { name, kind: (a ?? b)?.kind ?? "numeric", a: a && sideOf(a), b: b && sideOf(b) };
  if (a === undefined || b === undefined)
    return { ...sides, distance: undefined, moved: undefined, note: `only ${a === undefined ? "B" : "A"} has it` };
  if (a.kind === "numeric" && b.kind === "numeric") return { ...sides, moved: undefined, ...numericDistance(a, b) };
  if (a.kind === "categorical" && b.kind === "categorical") return { ...sides, ...categoricalDistance(a, b) };
  return { ...sides, distance: undefined, moved: undefined, note: `${a.kind} in A and ${b.kind} in B` };
}

type Numeric = Extract<StreamReference, { readonly kind: "numeric" }>;
type Categorical = Extract<StreamReference, { readonly kind: "categorical" }>;

/**
 * Over the edges that both have: bins between them add up without error, so two profiles that were cut at different quantiles can be
 * compared where they were cut alike.
 */
function numericDistance(a: Numeric, b: Numeric): Pick<StreamDistance, "distance" | "note"> {
  const common = a.edges.filter((edge) => b.edges.includes(edge));
  if (common.length === 0)
    return { distance: undefined, note: "counted in bins without a common edge: compare with --inputs" };
  const distance = distanceBetween([...coarsened(a, common), a.missing], [...coarsened(b, common), b.missing]);
  const whole = Math.max(a.edges.length, b.edges.length);
  const note = common.length < whole ? `over the ${common.length} of ${whole} edges that both have` : undefined;
  return { distance, note };
}

function coarsened({ edges, counts }: Numeric, common: readonly number[]): readonly number[] {
  const sums = Array.from({ length: common.length + 1 }, () => 0);
  let bin = 0;
  for (const [i, count] of counts.entries()) {
    // Bin i begins at edge i − 1.
    if (i > 0 && edges[i - 1] === common[bin]) bin += 1;
    sums[bin] = (sums[bin] as number) + count;
  }
  return sums;
}

/** By the names of the categories: one that only one of them knows was never seen by the other. */
function categoricalDistance(a: Categorical, b: Categorical): Pick<StreamDistance, "distance" | "moved" | "note"> {
  const categories = [...new Set([...a.categories, ...b.categories])];
  const counts = ({ categories: own, counts: known }: Categorical) =>
    categories.map((category) => known[own.indexOf(category)] ?? 0);
  const [ofA, ofB] = [counts(a), counts(b)];
  const share = (side: readonly number[], i: number) => (side[i] as number) / Math.max(1, totalCount(side));
  const shares = categories.map((category, i) => ({ category, a: share(ofA, i), b: share(ofB, i) }));
  const moved = shares.reduce<(typeof shares)[number] | undefined>(
    (most, one) => (most === undefined || Math.abs(one.a - one.b) > Math.abs(most.a - most.b) ? one : most),
    undefined,
  );
  const strange = categories.filter((category) => a.categories.includes(category) !== b.categories.includes(category));
  return {
    distance: distanceBetween([...ofA, a.missing], [...ofB, b.missing]),
    moved: moved === undefined || moved.a === moved.b ? undefined : moved,
    note: strange.length === 0 ? undefined : `only one of them knows ${strange.join(", ")}`,
  };
}

function distanceBetween(a: readonly number[], b: readonly number[]): Distance {
  const bins = comparedBins(a, b);
  const [m, n] = [totalCount(a), totalCount(b)];
  const psi = populationStabilityIndex(a, b);
  return { psi, excess: psiExcess(psi, bins, n, m), chance: psiNullQuantile(bins, n, m), bins };
}

function sideOf(stream: StreamReference): StreamSide {
  const { counts, missing } = stream;
  const median = stream.kind === "numeric" ? quantileOfCounts(counts, stream.edges, 0.5) : undefined;
  return { rows: totalCount(counts) + missing, missing, median };
}
