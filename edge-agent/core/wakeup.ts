import { linkedAbort, NoLongerNeededError } from "./linked-abort.ts";
import type { Clock } from "./ports.ts";

/** Wakes one loop. A wake that comes while the loop works is kept, and several count as one. */
export class Wakeup {
  #isSet = false;
  #resolve: (() => void) | undefined;

  wake(): void {
    this.#isSet = true;
    this.#resolve?.();
    this.#resolve = undefined;
  }

  /** Resolves at a wake, or after `ms`, whichever comes first. Rejects with the signal's reason. */
  async sleep(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (!this.#isSet) {
      using scope = linkedAbort(signal);
      const woken = new Promise<void>((resolve) => {
        this.#resolve = resolve;
      });
      try {
        await Promise.race([woken, clock.sleep(ms, scope.signal)]);
      } finally {
        this.#resolve = undefined;
        scope.abort(new NoLongerNeededError("woken before the time"));
      }
    }
    this.#isSet = false;
  }
}
