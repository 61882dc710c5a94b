import { minutes } from "../../proto/units.ts";
import type { Clock } from "./ports.ts";

/**
 * `right`: the device's own clock is not behind a time that has certainly passed. `told`: it is, and the control plane has said the
 * time since the agent started. `unknown`: it is, and how much time has passed since nobody knows.
 */
export type ClockTrust = "right" | "told" | "unknown";

/** Clocks that are set differ by this much, and messages take their time. */
const toleranceMs = minutes(5);

/**
 * A wall clock that never shows a time before one that has certainly passed, such as that of a signed assignment. A device without a
 * real-time clock starts in 1970 after each power cut, and gets the time later or never: its records then carry times that follow
 * each other, and lie near the truth, from the first. Where the clock is right nothing changes. Only time stamps depend on it:
 * durations are monotonic, and the control plane judges by its own clock.
 *
 * Example: the floor 1,000 is raised at the monotonic time 50. At 70 the clock shows at least 1,020.
 */
export class FlooredClock implements Clock {
  readonly #clock: Clock;
  #floor = { time: Number.NEGATIVE_INFINITY, at: 0 };
  #wasTold = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return Math.max(this.#clock.now(), this.#floorNow());
  }

  monotonic(): number {
    return this.#clock.monotonic();
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return this.#clock.sleep(ms, signal);
  }

  get trust(): ClockTrust {
    if (this.#clock.now() >= this.#floorNow() - toleranceMs) return "right";
    return this.#wasTold ? "told" : "unknown";
  }

  /** The control plane has just said that it is `time`. */
  tell(time: number): void {
    // What is older than the floor was on its way for long.
    if (time >= this.#floorNow() - toleranceMs) this.#wasTold = true;
    this.raise(time);
  }

  /** It is `time` now, or later. */
  raise(time: number): void {
    if (time > this.#floorNow()) this.#floor = { time, at: this.#clock.monotonic() };
  }

  #floorNow(): number {
    return this.#floor.time + (this.#clock.monotonic() - this.#floor.at);
  }
}
