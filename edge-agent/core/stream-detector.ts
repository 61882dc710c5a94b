import type { DetectedCounts } from "../../proto/detected-counts.ts";
import { nothingDetected, onlyDetected } from "../../proto/detected-counts.ts";
import type { DetectorLimits } from "./detector-limits.ts";

/**
 * Follows the values of one numeric stream, and counts those that no working sensor gives: values far outside, values that are no finite
 * number, and values that stay the same for too long.
 *
 * It takes O(1) per value and holds a handful of numbers. A run goes on from one window into the next, so that a device that infers
 * once a minute finds a stuck sensor too; each value is counted in the window that it came in.
 */
export class StreamDetector {
  readonly #limitsNow: () => DetectorLimits;
  #limits: DetectorLimits;
  #last: number | undefined;
  /** Values of the run so far, and how many of them came since the last `take`. */
  #run = 0;
  #ofRunNow = 0;
  #counted = nothingDetected;

  /** The limits are asked for at the start and after each `take`: they are the same for a whole window. */
  constructor(limitsNow: () => DetectorLimits) {
    this.#limitsNow = limitsNow;
    this.#limits = limitsNow();
  }

  /** A row without a number (undefined or not finite) neither goes on with a run nor ends it. */
  add(value: number | undefined): void {
    if (value === undefined) return;
    if (!Number.isFinite(value)) {
      this.#counted = { ...this.#counted, notFinite: this.#counted.notFinite + 1 };
      return;
    }
    if (value < this.#limits.low || value > this.#limits.high)
      this.#counted = { ...this.#counted, farOutside: this.#counted.farOutside + 1 };
    this.#follow(value);
  }

  /** The number that came last. */
  get isFarOutside(): boolean {
    const { low, high } = this.#limits;
    return this.#last !== undefined && (this.#last < low || this.#last > high);
  }

  /** The number that came last. */
  get isStuck(): boolean {
    return this.#run > this.#limits.longestRun;
  }

  /** What was counted since the last time. */
  take(): DetectedCounts {
    const counted = this.#counted;
    this.#counted = nothingDetected;
    this.#ofRunNow = 0;
    this.#limits = this.#limitsNow();
    return onlyDetected(counted);
  }

  #follow(value: number): void {
    if (value !== this.#last) {
      this.#last = value;
      this.#run = 0;
      this.#ofRunNow = 0;
    }
    this.#run += 1;
    this.#ofRunNow += 1;
    const { longestRun } = this.#limits;
    if (this.#run <= longestRun) return;
    // With the first value too many, those before it are known to have been stuck as well.
    const found = this.#run === longestRun + 1 ? this.#ofRunNow : 1;
    this.#counted = { ...this.#counted, stuck: this.#counted.stuck + found };
  }
}
