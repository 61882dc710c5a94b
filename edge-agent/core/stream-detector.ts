import type { DetectedCounts } from "../../proto/detected-counts.ts";
import { nothingDetected, onlyDetected } from "../../proto/detected-counts.ts";
import type { StreamReference } from "../../proto/manifest.ts";

/**
 * Follows the values of one numeric stream, and counts those that no working sensor gives: values far outside the reference, values
 * that are no finite number, and values that stay the same for longer than chance explains.
 *
 * It takes O(1) per value and holds a handful of numbers. A run goes on from one window into the next, so that a device that infers
 * once a minute finds a stuck sensor too; each value is counted in the window that it came in.
 */
export class StreamDetector {
  readonly #fences: Fences;
  readonly #plausibleRun: number;
  #last: number | undefined;
  /** Values of the run so far, and how many of them came since the last `take`. */
  #run = 0;
  #ofRunNow = 0;
  #counted = nothingDetected;

  constructor(reference: NumericReference) {
    this.#fences = fencesOf(reference);
    this.#plausibleRun = plausibleRunOf(reference);
  }

  /** A row without a number (undefined or not finite) neither goes on with a run nor ends it. */
  add(value: number | undefined): void {
    if (value === undefined) return;
    if (!Number.isFinite(value)) {
      this.#counted = { ...this.#counted, notFinite: this.#counted.notFinite + 1 };
      return;
    }
    if (value < this.#fences.low || value > this.#fences.high)
      this.#counted = { ...this.#counted, farOutside: this.#counted.farOutside + 1 };
    this.#follow(value);
  }

  /** What was counted since the last time. */
  take(): DetectedCounts {
    const counted = this.#counted;
    this.#counted = nothingDetected;
    this.#ofRunNow = 0;
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
    if (this.#run <= this.#plausibleRun) return;
    // With the first value too many, those before it are known to have been stuck as well.
    const found = this.#run === this.#plausibleRun + 1 ? this.#ofRunNow : 1;
    this.#counted = { ...this.#counted, stuck: this.#counted.stuck + found };
  }
}

type NumericReference = Extract<StreamReference, { kind: "numeric" }>;

interface Fences {
  readonly low: number;
  readonly high: number;
}

const nowhere: Fences = { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

const spansBeyond = 3;

/**
 * What is further out is far outside: three times the distance of the outermost edges beyond each of them. These are Tukey's outer
 * fences (Exploratory Data Analysis, 1977, 2D) with the outermost edges, quantiles of the reference, in place of the
 * quartiles; a normal stream in 16 bins has them 10.7 standard deviations from its mean. A reference of which more than half lies in
 * one bin does not say how far the others may lie: it has no fences.
 *
 * Example: edges from 0.2 to 0.6, with no bin that holds more than half, have the fences -1 and 1.8.
 */
export function fencesOf(reference: NumericReference): Fences {
  const first = reference.edges[0];
  const last = reference.edges.at(-1);
  if (first === undefined || last === undefined || first === last || largestShare(reference) > 0.5) return nowhere;
  const margin = spansBeyond * (last - first);
  return { low: first - margin, high: last + margin };
}

/** Below this nobody waits for chance: at five inferences a second it comes once in days. */
const implausible = 1e-6;
/** Neighbouring inferences are not independent: a few equal values of a slow sensor say nothing, whatever the reference is. */
const shortestPlausibleRun = 30;

/**
 * The longest run of exactly equal values that the reference makes plausible. Equal values lie in one bin, and a bin holds at most the
 * share p of the reference: of independent values, those after the first of L are all in its bin with a probability of at most
 * p^(L - 1). The longest L for which that is not below 1e-6 is 1 + floor(ln 1e-6 / ln p), and never less than 30. p is
 * (rows of the fullest bin + 1) / (all rows + 2), which stays below 1.
 *
 * Examples: 16 even bins of 1,000 rows each: p = 1001 / 16002, 1 + floor(13.816 / 2.772) = 5, so 30. All of 998 rows in one bin:
 * p = 999 / 1000, 1 + floor(13.816 / 0.0010005) = 13,809.
 */
export function plausibleRunOf(reference: NumericReference): number {
  const rows = reference.counts.reduce((sum, count) => sum + count, 0);
  if (rows === 0) return Number.POSITIVE_INFINITY;
  const share = (Math.max(...reference.counts) + 1) / (rows + 2);
  return Math.max(shortestPlausibleRun, 1 + Math.floor(Math.log(implausible) / Math.log(share)));
}

function largestShare({ counts }: NumericReference): number {
  const rows = counts.reduce((sum, count) => sum + count, 0);
  return rows === 0 ? 1 : Math.max(...counts) / rows;
}
