import { minutes, seconds } from "../../proto/units.ts";

export interface RetryOptions {
  readonly baseMs: number;
  readonly capMs: number;
  /** A session that lived this long was a good one: the next attempt begins at the base again. */
  readonly stableAfterMs: number;
}

export const defaultRetry: RetryOptions = { baseMs: seconds(1), capMs: minutes(5), stableAfterMs: minutes(1) };

/**
 * Delays before the next attempt, without end: uniform between 0 and min(cap, base x 2^n), "full jitter", so that devices that
 * lost their broker together do not come back together (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).
 * `random` gives numbers in [0, 1).
 */
export function* retryDelays(random: () => number, { baseMs, capMs }: RetryOptions): Generator<number, never> {
  for (let bound = Math.min(capMs, baseMs); ; bound = Math.min(capMs, bound * 2)) yield random() * bound;
}
