import type { ReferenceProfile, StreamReference } from "../../proto/manifest.ts";
import { addCategory, addValue, binCount, emptyHistogram } from "../../proto/sketch/histogram.ts";
import type { StreamDefinition } from "../../proto/streams.ts";

/** The value of every stream for one inference, in the order of the definitions. */
export type StreamRow = readonly (number | undefined)[];

/** The baseline of every stream over the reference rows; numeric streams without edges of their own get about `bins` bins. */
export function referenceProfile(
  definitions: readonly StreamDefinition[],
  rows: readonly StreamRow[],
  bins: number,
): ReferenceProfile {
  const streams = definitions.map((definition, stream) =>
    streamReference(
      definition,
      rows.map((row) => row[stream]),
      bins,
    ),
  );
  return { rows: rows.length, streams };
}

function streamReference(
  definition: StreamDefinition,
  values: readonly (number | undefined)[],
  bins: number,
): StreamReference {
  switch (definition.kind) {
    case "numeric": {
      const edges = definition.fixedEdges ?? quantileEdges(values, bins);
      const histogram = emptyHistogram(binCount(edges));
      for (const value of values) addValue(histogram, edges, value);
      const { counts, missing } = histogram;
      return { kind: "numeric", name: definition.name, edges, counts: [...counts], missing };
    }
    case "categorical": {
      const histogram = emptyHistogram(definition.categories.length);
      for (const value of values) addCategory(histogram, value);
      const { counts, missing } = histogram;
      return {
        kind: "categorical",
        name: definition.name,
        categories: definition.categories,
        counts: [...counts],
        missing,
      };
    }
  }
}

/**
 * Edges at the reference's quantiles, so that every bin holds about the same share and a shift anywhere moves counts. A value that
 * alone holds a bin's share or more (an atom: a sensor's zero, a saturated pixel) gets a bin of its own, from itself to half-way to
 * the next greater value; otherwise ties would push the neighbouring quantiles onto one edge and hide a change beside the atom.
 *
 * Example: the values 1 to 8 in 4 bins give the edges [3, 5, 7]; 0, 0, 0, 0, 1, 2, 3, 4 in 4 bins give [0, 0.5, 1, 3].
 */
export function quantileEdges(values: readonly (number | undefined)[], bins: number): readonly number[] {
  const sorted = values.filter((value) => value !== undefined && Number.isFinite(value)).toSorted((a, b) => a! - b!);
  const finite = Float64Array.from(sorted as number[]);
  const edges = new Set<number>();
  for (let k = 1; k < bins; k++) {
    const quantile = finite[Math.floor((k * finite.length) / bins)];
    if (quantile !== undefined) edges.add(quantile);
  }
  for (const { value, next } of atomsOf(finite, finite.length / bins)) {
    edges.add(value);
    edges.add(next);
  }
  return [...edges].toSorted((a, b) => a - b);
}

interface Atom {
  readonly value: number;
  /** Where its bin ends. */
  readonly next: number;
}

function atomsOf(sorted: Float64Array, share: number): readonly Atom[] {
  const atoms: Atom[] = [];
  let start = 0;
  while (start < sorted.length) {
    const value = sorted[start]!;
    let end = start + 1;
    while (end < sorted.length && sorted[end] === value) end += 1;
    // Two equal values of few rows are a coincidence, not an atom.
    if (end - start >= Math.max(share, 3)) atoms.push({ value, next: binEnd(value, sorted[end]) });
    start = end;
  }
  return atoms;
}

/** Half-way to the next value; above the greatest, a millionth of its size. Always above `value` and finite. */
function binEnd(value: number, next: number | undefined): number {
  const end = next === undefined ? value + Math.max(Math.abs(value), 1) * 1e-6 : value / 2 + next / 2;
  return end > value && Number.isFinite(end) ? end : (next ?? Number.MAX_VALUE);
}
