import { hours, minutes } from "../../proto/units.ts";

/**
 * Follows whether a model is still asked for inferences on one device. Nobody says when an application has died, or a camera's input was
 * unplugged: the windows just stop coming. What is usual, the device's own past says.
 *
 * It begins *learning*. When the model was used in enough looks, and over a day at least, so that a night is among them, it is *known*:
 * then a gap without any use that is longer than twice the longest of the past weeks makes it *silent*. A use makes it known
 * again; the gap is remembered then, but not as longer than twice what was allowed: a rhythm that had not been seen yet (the first
 * weekend) is learnt, and a failure of a week does not hide the next one for two.
 *
 * Only time in which the device is there counts. One that is away says nothing about its use, in any state, and its presence is
 * told elsewhere; what it counted meanwhile comes when it is back, and is a use then.
 */
export interface ModelUse {
  /** In which the device was there. */
  readonly observedMs: number;
  /** Looks in which there were inferences. */
  readonly uses: number;
  /** Since the last of them. */
  readonly gapMs: number;
  /** The longest gap of this period, and of the one before. */
  readonly longestMs: number;
  readonly longestBeforeMs: number;
  /** How long this period has lasted. */
  readonly periodMs: number;
  readonly state: "learning" | "known" | "silent";
}

export interface UsePolicy {
  readonly leastUses: number;
  readonly leastObservedMs: number;
  /** A shorter gap is never silence. */
  readonly leastGapMs: number;
  /** Of the longest gap. */
  readonly factor: number;
  /** Gaps are forgotten after one to two of these. */
  readonly periodMs: number;
}

export const defaultUsePolicy: UsePolicy = {
  leastUses: 12,
  leastObservedMs: hours(24),
  leastGapMs: minutes(30),
  factor: 2,
  periodMs: hours(24 * 14),
};

/** Under which alerts of silence stand among those of drift. No stream of a model is called so: theirs begin with input or output. */
export const silenceStream = "inferences";

export const unusedYet: ModelUse = {
  observedMs: 0,
  uses: 0,
  gapMs: 0,
  longestMs: 0,
  longestBeforeMs: 0,
  periodMs: 0,
  state: "learning",
};

/** What one look has seen; `elapsedMs` since the look before. */
export interface UseObservation {
  readonly isUsed: boolean;
  readonly isThere: boolean;
  readonly elapsedMs: number;
}

/** The only function that changes it. */
export function observeUse(use: ModelUse, seen: UseObservation, policy: UsePolicy = defaultUsePolicy): ModelUse {
  if (!seen.isUsed && !seen.isThere) return use;
  const observed = withTime(use, seen.elapsedMs, policy);
  if (!seen.isUsed) {
    const isSilent = use.state !== "learning" && observed.gapMs > allowedGap(observed, policy);
    return isSilent ? { ...observed, state: "silent" } : observed;
  }
  const learnt = Math.min(observed.gapMs, policy.factor * allowedGap(use, policy));
  const used = {
    ...observed,
    uses: use.uses + 1,
    gapMs: 0,
    longestMs: Math.max(observed.longestMs, use.state === "learning" ? observed.gapMs : learnt),
  };
  const isKnown = used.uses >= policy.leastUses && used.observedMs >= policy.leastObservedMs;
  return { ...used, state: isKnown ? "known" : "learning" };
}

/** Example: the longest gap was 20 minutes: 40 are allowed. */
export function allowedGap(
  { longestMs, longestBeforeMs }: ModelUse,
  { leastGapMs, factor }: UsePolicy = defaultUsePolicy,
): number {
  return Math.max(leastGapMs, factor * Math.max(longestMs, longestBeforeMs));
}

function withTime(use: ModelUse, elapsedMs: number, policy: UsePolicy): ModelUse {
  const passed = {
    ...use,
    observedMs: use.observedMs + elapsedMs,
    gapMs: use.gapMs + elapsedMs,
    periodMs: use.periodMs + elapsedMs,
  };
  if (passed.periodMs < policy.periodMs) return passed;
  return { ...passed, periodMs: 0, longestMs: 0, longestBeforeMs: use.longestMs };
}
