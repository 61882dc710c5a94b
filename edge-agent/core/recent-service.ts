import { minutes } from "../../proto/units.ts";

/** What a model has shown of late: with this a candidate is compared that takes its place. */
export interface ServiceRecord {
  readonly inferences: number;
  /** Those that were the model's fault. */
  readonly errors: number;
  /** Mean of the inferences that were answered; undefined when none was. */
  readonly workMs: number | undefined;
}

interface Bucket {
  readonly minute: number;
  answered: number;
  workMs: number;
  errors: number;
}

const recentMinutes = 10;

export const nothingServed: ServiceRecord = { inferences: 0, errors: 0, workMs: undefined };

/** Counts by the minute, so that a month without a mistake does not outweigh a sensor that broke an hour ago. */
export class RecentService {
  #buckets: Bucket[] = [];

  countAnswer(workMs: number, now: number): void {
    const bucket = this.#bucketAt(now);
    bucket.answered++;
    bucket.workMs += workMs;
  }

  countError(now: number): void {
    this.#bucketAt(now).errors++;
  }

  /** Of the minute that is running and the nine before it. */
  at(now: number): ServiceRecord {
    const first = minuteOf(now) - recentMinutes + 1;
    const sum = { answered: 0, workMs: 0, errors: 0 };
    for (const bucket of this.#buckets) {
      if (bucket.minute < first) continue;
      sum.answered += bucket.answered;
      sum.workMs += bucket.workMs;
      sum.errors += bucket.errors;
    }
    return {
      inferences: sum.answered + sum.errors,
      errors: sum.errors,
      workMs: sum.answered === 0 ? undefined : sum.workMs / sum.answered,
    };
  }

  #bucketAt(now: number): Bucket {
    const minute = minuteOf(now);
    const last = this.#buckets.at(-1);
    if (last?.minute === minute) return last;
    const bucket = { minute, answered: 0, workMs: 0, errors: 0 };
    this.#buckets = [...this.#buckets, bucket].slice(-recentMinutes);
    return bucket;
  }
}

function minuteOf(now: number): number {
  return Math.floor(now / minutes(1));
}
