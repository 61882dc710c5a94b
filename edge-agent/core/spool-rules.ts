import type { Lane } from "../../proto/telemetry-messages.ts";
import { lanes } from "../../proto/telemetry-messages.ts";
import { mebibytes, seconds } from "../../proto/units.ts";
import type { SpooledRecord } from "./ports.ts";

/** Bytes that the spool may hold, all lanes together. */
export const defaultSpoolBytes = mebibytes(32);

export interface LaneRule {
  /** A lane is cut at this share of the quota although there is room: while a device is offline for weeks, it must not push out the others. */
  readonly quotaShare: number;
  /** When the whole spool is over its quota, the lanes give way in the order of these numbers. */
  readonly dropped: number;
  /** How long a record may wait for its fsync; 0: durable before `append` returns. */
  readonly syncDelayMs: number;
}

/**
 * What each lane is worth. Lines of a log are for whoever looks just now, and go first; windows say more than samples, and newer ones
 * more about now than older ones; events go only when nothing else is left that could shrink.
 */
export const laneRules: Readonly<Record<Lane, LaneRule>> = {
  logs: { quotaShare: 1 / 32, dropped: 1, syncDelayMs: seconds(5) },
  samples: { quotaShare: 1 / 4, dropped: 2, syncDelayMs: seconds(5) },
  health: { quotaShare: 1 / 16, dropped: 3, syncDelayMs: seconds(5) },
  windows: { quotaShare: 1, dropped: 4, syncDelayMs: seconds(1) },
  lifecycle: { quotaShare: 1, dropped: 5, syncDelayMs: 0 },
};

const dropOrder: readonly Lane[] = lanes.toSorted((a, b) => laneRules[a].dropped - laneRules[b].dropped);

export interface LaneExtent {
  readonly first: number;
  readonly next: number;
  readonly bytes: number;
}

export type LaneExtents = Readonly<Record<Lane, LaneExtent>>;

/** Drop from `lane` until it is `bytes` smaller. */
export interface SpoolCut {
  readonly lane: Lane;
  readonly bytes: number;
}

/** Cut below the quota by this much of it, so that a full spool is not cut again at every record. */
const slack = 1 / 8;

/**
 * What a spool over its quota gives up, by `laneRules`. Undefined while everything fits.
 *
 * A lane that holds one record, its tombstone, cannot shrink any further.
 */
export function cutFor(extents: LaneExtents, quotaBytes: number): SpoolCut | undefined {
  const beyondItsShare = dropOrder.find(
    (lane) => extents[lane].bytes > quotaBytes * laneRules[lane].quotaShare && canShrink(extents[lane]),
  );
  if (beyondItsShare !== undefined && laneRules[beyondItsShare].quotaShare < 1) {
    const ownQuota = quotaBytes * laneRules[beyondItsShare].quotaShare;
    return { lane: beyondItsShare, bytes: extents[beyondItsShare].bytes - ownQuota * (1 - slack) };
  }
  const used = bytesOf(extents);
  if (used <= quotaBytes) return undefined;
  const lane = dropOrder.find((one) => canShrink(extents[one]));
  return lane && { lane, bytes: used - quotaBytes * (1 - slack) };
}

export function bytesOf(extents: LaneExtents): number {
  return lanes.reduce((bytes, lane) => bytes + extents[lane].bytes, 0);
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
