import { seconds } from "../../proto/units.ts";

/** Less is what the two clocks differ by from one look to the next. */
const toleranceMs = seconds(1);

/**
 * When the agent started, in milliseconds since 1970. A device's clock is often set only after the start, so it follows that clock, but in
 * no small steps: monitors take every change of this time for a restart.
 */
export class StartTime {
  #told = Number.NaN;

  at(now: number, uptimeMs: number): number {
    const start = now - uptimeMs;
    if (!(Math.abs(start - this.#told) <= toleranceMs)) this.#told = start;
    return this.#told;
  }
}
