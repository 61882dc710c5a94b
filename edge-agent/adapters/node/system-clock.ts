import { setTimeout as delay } from "node:timers/promises";
import type { Clock } from "../../core/ports.ts";

/** A timer of Node counts in 32 bits; a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    let left = Math.max(0, ms);
    try {
      do {
        await delay(Math.min(left, longestTimerMs), undefined, { signal });
        left -= longestTimerMs;
      } while (left > 0);
    } catch (error) {
      // The port promises the signal's own reason, not the AbortError that Node wraps it in.
      signal.throwIfAborted();
      throw error;
    }
  },
};
