import type { Clock } from "../../core/ports.ts";

/** A timer of a browser counts in 32 bits; a longer one would fire at once. */
const longestTimerMs = 2 ** 31 - 1;

export const browserClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  async sleep(ms, signal) {
    for (let left = Math.max(0, ms); ; left -= longestTimerMs) {
      await pause(Math.min(left, longestTimerMs), signal);
      if (left <= longestTimerMs) return;
    }
  },
};

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    }, ms);
    const abort = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    signal.addEventListener("abort", abort, { once: true });
  });
}
