import { setImmediate } from "node:timers/promises";
import type { Clock } from "../../core/ports.ts";

interface Sleeper {
  readonly due: number;
  readonly order: number;
  readonly wake: () => void;
}

/**
 * A clock that moves only when `advance` is called. Sleepers wake one after the other in the order of their time, and everything
 * that follows from one has happened before the next wakes: the same calls give the same history, always.
 */
export class VirtualClock implements Clock {
  readonly #startedAtMs: number;
  readonly #sleepers = new Set<Sleeper>();
  #elapsed = 0;
  #order = 0;
  #wallOffset = 0;

  constructor(startedAtMs = Date.UTC(2026, 0, 1)) {
    this.#startedAtMs = startedAtMs;
  }

  now(): number {
    return this.#startedAtMs + this.#elapsed + this.#wallOffset;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  /** Sets the wall clock forward or back, as a correction by the network would. */
  jump(ms: number): void {
    this.#wallOffset += ms;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const abort = () => {
        this.#sleepers.delete(sleeper);
        reject(signal.reason as Error);
      };
      const sleeper: Sleeper = {
        // Whole milliseconds, as timers have: a rest lost in rounding would wake its sleeper in the same moment for ever.
        due: this.#elapsed + Math.ceil(Math.max(0, ms)),
        order: this.#order++,
        wake: () => {
          signal.removeEventListener("abort", abort);
          resolve();
        },
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#sleepers.add(sleeper);
    });
  }

  /** Lets `ms` pass. */
  async advance(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    await settled();
    for (let next = this.#nextUntil(end); next !== undefined; next = this.#nextUntil(end)) {
      this.#sleepers.delete(next);
      this.#elapsed = Math.max(this.#elapsed, next.due);
      next.wake();
      await settled();
    }
    this.#elapsed = end;
  }

  #nextUntil(end: number): Sleeper | undefined {
    let next: Sleeper | undefined;
    for (const sleeper of this.#sleepers)
      if (sleeper.due <= end && (next === undefined || isBefore(sleeper, next))) next = sleeper;
    return next;
  }
}

function isBefore(a: Sleeper, b: Sleeper): boolean {
  return a.due - b.due < 0 || (a.due === b.due && a.order < b.order);
}

/** Every promise that could settle without time has settled: the memory adapters use nothing but promises. */
async function settled(): Promise<void> {
  await setImmediate();
}
