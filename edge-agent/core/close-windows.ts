import type { Clock, Random } from "./ports.ts";
import type { Wakeup } from "./wakeup.ts";

export interface WindowClosing {
  readonly clock: Clock;
  readonly random: Random;
  /** As it is set now. */
  readonly windowMs: () => number;
  /** Wakes when it may be set otherwise. */
  readonly changed: Wakeup;
  readonly close: () => Promise<void>;
}

const shortestWindowMs = 100;

/**
 * Closes windows, each device at a moment of its own in the span, so that a fleet that started together does not report together. Rejects
 * when the signal is aborted.
 */
export async function closeWindows({ clock, random, ...closing }: WindowClosing, signal: AbortSignal): Promise<never> {
  const phase = random.next();
  for (;;) {
    const windowMs = Math.max(shortestWindowMs, closing.windowMs());
    const now = clock.monotonic();
    const dueAt = now + windowMs - ((now + phase * windowMs) % windowMs);
    await closing.changed.sleep(dueAt - now, clock, signal);
    if (clock.monotonic() < dueAt) continue;
    await closing.close();
  }
}
