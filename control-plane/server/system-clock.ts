import { setImmediate, setTimeout } from "node:timers/promises";
import type { Clock } from "../application/ports.ts";

/** Node's longest timer; a longer sleep ends then, and whoever slept looks again. */
const longestTimerMs = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: Date.now,
  async sleep(ms, signal) {
    signal.throwIfAborted();
    if (ms <= 0) await setImmediate(undefined, { signal });
    else await setTimeout(Math.min(ms, longestTimerMs), undefined, { signal });
  },
};
