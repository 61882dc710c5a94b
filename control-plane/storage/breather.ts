import { setImmediate } from "node:timers/promises";

/**
 * SQLite answers at once, so work that asks it ten thousand times in a row goes from promise to promise, and no socket and no timer
 * has its turn before the last: devices are called silent that are not, and connections end under the questions of people. Who
 * awaits `breathe` before each question lets the others go first whenever the process has not looked up for `longestMs`.
 */
export function createBreather(longestMs: number): () => Promise<void> {
  let lookedUpAtMs = performance.now();
  let pause: Promise<void> | undefined;

  async function lookUp(): Promise<void> {
    await setImmediate();
    lookedUpAtMs = performance.now();
    pause = undefined;
  }

  return async () => {
    // Many may have waited for the same pause: those whose turn comes too late wait for the next.
    while (pause !== undefined || performance.now() - lookedUpAtMs >= longestMs) await (pause ??= lookUp());
  };
}
