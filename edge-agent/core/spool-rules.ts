import type { Lane } from "../../proto/messages.ts";
import { mebibytes } from "../../proto/units.ts";
import type { SpooledRecord } from "./ports.ts";

/** Bytes that the spool may hold, all lanes together. */
export const defaultSpoolBytes = mebibytes(32);

export interface LaneExtent {
  readonly first: number;
  readonly next: number;
  readonly bytes: number;
}

/** Drop from `lane` until it is `bytes` smaller. */
export interface SpoolCut {
  readonly lane: Lane;
  readonly bytes: number;
}

/** Cut below the quota by this much of it, so that a full spool is not cut again at every record. */
const slack = 1 / 8;

/**
 * What a spool over its quota gives up: the oldest windows first, because newer ones say more about now; lifecycle events only
 * when no lane of windows is left that could shrink. Undefined while everything fits.
 *
 * A lane that holds one record, its tombstone, cannot shrink any further.
 */
export function cutFor(extents: Readonly<Record<Lane, LaneExtent>>, quotaBytes: number): SpoolCut | undefined {
  const used = extents.windows.bytes + extents.lifecycle.bytes;
  if (used <= quotaBytes) return undefined;
  const bytes = used - quotaBytes * (1 - slack);
  for (const lane of ["windows", "lifecycle"] as const) {
    const { first, next } = extents[lane];
    if (next - first > 1) return { lane, bytes };
  }
  return undefined;
}

/** The oldest records that make up a cut: at least two, because one alone would only change into a tombstone of about its size. */
export function recordsToDrop(oldest: readonly SpooledRecord[], bytes: number): readonly SpooledRecord[] {
  let dropped = 0;
  let count = 0;
  while (count < oldest.length && (count < 2 || dropped < bytes))
    dropped += (oldest[count++] as SpooledRecord).bytes.length;
  return oldest.slice(0, count);
}
