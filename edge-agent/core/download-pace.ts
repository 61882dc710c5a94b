import { seconds } from "../../proto/units.ts";
import type { Clock } from "./ports.ts";

/** A token bucket. `tokens` are bytes that may pass; below zero: bytes that have passed and are still owed. */
export interface Bucket {
  readonly tokens: number;
  /** On the clock that only goes up. */
  readonly at: number;
}

/** So much may come at once after a pause: what the rate gives in this time. */
const burstMs = seconds(1);
/** How often a wait looks whether the rate is another one now. */
const lookAgainMs = seconds(1);

/**
 * The bucket at `now`, filled at a rate, up to what a burst may have.
 *
 * Example: empty at 0, at 1,000 bytes a second: 500 bytes at 500, 1,000 from 1,000 on.
 */
export function filled({ tokens, at }: Bucket, bytesPerSecond: number, now: number): Bucket {
  const burst = (bytesPerSecond * burstMs) / seconds(1);
  return { tokens: Math.min(burst, tokens + (bytesPerSecond * (now - at)) / seconds(1)), at: now };
}

/** How long nothing may pass. Example: 500 bytes owed at 1,000 bytes a second: 500 ms. */
export function waitOf({ tokens }: Bucket, bytesPerSecond: number): number {
  return Math.max(0, (-tokens * seconds(1)) / bytesPerSecond);
}

/**
 * Keeps all downloads of a device together at a rate. Bytes are paid for after they came, because nobody knows before how many the next
 * chunk will have; the next is asked for when they are paid: the sender is held back by the connection itself.
 */
export class DownloadPace {
  readonly #clock: Clock;
  readonly #bytesPerSecond: () => number | undefined;
  #bucket: Bucket;

  /** `bytesPerSecond` is asked again and again: undefined while there is no limit. */
  constructor(clock: Clock, bytesPerSecond: () => number | undefined) {
    this.#clock = clock;
    this.#bytesPerSecond = bytesPerSecond;
    this.#bucket = { tokens: 0, at: clock.monotonic() };
  }

  async pay(bytes: number, signal: AbortSignal): Promise<void> {
    const rate = this.#bytesPerSecond();
    if (rate === undefined) return;
    const bucket = filled(this.#bucket, rate, this.#clock.monotonic());
    this.#bucket = { ...bucket, tokens: bucket.tokens - bytes };
    for (;;) {
      const now = this.#bytesPerSecond();
      if (now === undefined) return;
      this.#bucket = filled(this.#bucket, now, this.#clock.monotonic());
      const wait = waitOf(this.#bucket, now);
      if (wait === 0) return;
      await this.#clock.sleep(Math.min(lookAgainMs, Math.ceil(wait)), signal);
    }
  }
}
