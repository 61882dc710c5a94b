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

/** Samples may take this much of the quota: while a device is offline for weeks, they must not push out what is known of that time. */
const samplesShare = 1 / 4;

/** Cut below the quota by this much of it, so that a full spool is not cut again at every record. */
const slack = 1 / 8;

/**
 * What a spool over its quota gives up: the oldest samples first, then the oldest windows, because newer ones say more about now;
 * lifecycle events only when neither is left that could shrink. Samples are cut at a quota of their own too. Undefined while
 * everything fits.
 *
 * A lane that holds one record, its tombstone, cannot shrink any further.
 */
export function cutFor(extents: Readonly<Record<Lane, LaneExtent>>, quotaBytes: number): SpoolCut | undefined {
  const { samples, windows, lifecycle } = extents;
  const samplesQuota = quotaBytes * samplesShare;
  if (samples.bytes > samplesQuota && canShrink(samples))
    return { lane: "samples", bytes: samples.bytes - samplesQuota * (1 - slack) };
  const used = samples.bytes + windows.bytes + lifecycle.bytes;
  if (used <= quotaBytes) return undefined;
  const bytes = used - quotaBytes * (1 - slack);
  const lane = (["samples", "windows", "lifecycle"] as const).find((one) => canShrink(extents[one]));
  return lane && { lane, bytes };
}

function canShrink({ first, next }: LaneExtent): boolean {
  return next - first > 1;
}

/** The oldest records that make up a cut: at least two, because one alone would only change into a tombstone of about its size. */
export function recordsToDrop(oldest: readonly SpooledRecord[], bytes: number): readonly SpooledRecord[] {
  let dropped = 0;
  let count = 0;
  while (count < oldest.length && (count < 2 || dropped < bytes))
    dropped += (oldest[count++] as SpooledRecord).bytes.length;
  return oldest.slice(0, count);
}
