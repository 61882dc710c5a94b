import { DurationCounts } from "../../proto/metrics/duration-counts.ts";
import type { Clock } from "../application/ports.ts";

const tickEdges = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30] as const;

/** Clocks that count how long the loops work. */
export interface LoopClocks {
  /** For one loop alone: whatever it does between two of its sleeps is a tick. */
  of(loop: string): Clock;
  readonly ticks: ReadonlyMap<string, DurationCounts>;
}

export function createLoopClocks(clock: Clock, monotonicMs: () => number): LoopClocks {
  const ticks = new Map<string, DurationCounts>();
  return {
    ticks,
    of(loop) {
      const durations = new DurationCounts(tickEdges);
      ticks.set(loop, durations);
      let wokeAt: number | undefined;
      return {
        now: () => clock.now(),
        async sleep(ms, signal) {
          if (wokeAt !== undefined) durations.add((monotonicMs() - wokeAt) / 1_000);
          try {
            await clock.sleep(ms, signal);
          } finally {
            wokeAt = monotonicMs();
          }
        },
      };
    },
  };
}
