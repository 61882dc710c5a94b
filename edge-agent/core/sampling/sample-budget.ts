import { hours } from "../../../proto/units.ts";

/** A bucket that fills evenly over the day and from which samples are paid, in samples or in bytes. */
export interface BudgetBucket {
  readonly tokens: number;
  /** On the clock that only goes up. */
  readonly atMs: number;
}

export interface BudgetRate {
  readonly perDay: number;
  /** What it holds when it was never paid from. */
  readonly first: number;
  /** What the bucket holds at most: the burst after a quiet time. */
  readonly most: number;
}

/**
 * The share of an hour may come at once, but at least `least`, which anybody must be able to pay some time. A quiet day saves for a
 * single payment of up to `largest`, which would never be made otherwise.
 *
 * Example: 100 samples a day hold 4.17 at most, 5 a day hold 1. Of 1,000,000 bytes a day 61,440 may come at once, and after most of a
 * quiet day a sample of 600,000.
 */
export function budgetRate(perDay: number, least: number, largest: number = least): BudgetRate {
  const first = Math.max(perDay / 24, least);
  return { perDay, first, most: Math.max(first, Math.min(perDay, largest)) };
}

/** Whoever has never paid has the burst. */
export function fullBucket({ first }: BudgetRate, nowMs: number): BudgetBucket {
  return { tokens: first, atMs: nowMs };
}

/** Example: 2,400 a day are 100 an hour; half an hour after the bucket was empty it holds 50. */
export function refilled(bucket: BudgetBucket, rate: BudgetRate, nowMs: number): BudgetBucket {
  const earned = ((nowMs - bucket.atMs) / hours(24)) * rate.perDay;
  return { tokens: Math.min(rate.most, bucket.tokens + Math.max(0, earned)), atMs: nowMs };
}

export function paid(bucket: BudgetBucket, tokens: number): BudgetBucket {
  return { ...bucket, tokens: bucket.tokens - tokens };
}
