import type { sedge } from "../generated/sedge.js";
import { limits } from "../limits.ts";
import type { Problems } from "../problems.ts";

/** Leaves out the empty bins at both ends: most bins of a latency are. */
export function sparse(counts: Uint32Array): sedge.v1.SparseCounts.$Properties {
  let first = 0;
  let end = counts.length;
  while (first < end && counts[first] === 0) first++;
  while (end > first && counts[end - 1] === 0) end--;
  return { first: first === end ? 0 : first, counts: [...counts.subarray(first, end)], bins: counts.length };
}

export function dense(
  raw: sedge.v1.SparseCounts.$Properties | null | undefined,
  path: string,
  problems: Problems,
): Uint32Array {
  const bins = raw?.bins ?? 0;
  const first = raw?.first ?? 0;
  const counts = raw?.counts ?? [];
  if (bins > limits.bins) problems.add(path, `${bins} bins are more than ${limits.bins}`);
  else if (first + counts.length > bins) problems.add(path, `bin ${first + counts.length - 1} is not one of ${bins}`);
  else {
    const all = new Uint32Array(bins);
    all.set(counts, first);
    return all;
  }
  return new Uint32Array();
}

/** Counts over bins that every package shares. */
export function denseOf(
  bins: number,
  raw: sedge.v1.SparseCounts.$Properties | null | undefined,
  path: string,
  problems: Problems,
): Uint32Array {
  const counts = dense(raw, path, problems);
  if (counts.length !== bins) problems.add(path, `${counts.length} bins, not ${bins}`);
  return counts;
}
