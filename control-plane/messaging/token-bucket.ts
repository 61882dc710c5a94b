/** A bucket that fills by `perSecond` tokens up to `burst`. What a bucket holds may go below zero: that is work already promised. */
export interface BucketRule {
  readonly perSecond: number;
  readonly burst: number;
}

export interface TokenBucket {
  readonly tokens: number;
  /** Milliseconds of the clock at which `tokens` was true. */
  readonly at: number;
}

export interface Taking {
  readonly bucket: TokenBucket;
  readonly taken: boolean;
  /** Milliseconds until the tokens that were taken have really accrued; 0 when they were there. */
  readonly waitMs: number;
}

export function fullBucket(rule: BucketRule, now: number): TokenBucket {
  return { tokens: rule.burst, at: now };
}

/**
 * Takes `cost` tokens, one unless it is said, on credit as far as `credit` tokens below zero.
 *
 * Example: 10 per second, burst 2, credit 1: of four takings at the same moment the first two wait 0 ms, the third is
 * on credit and waits 100 ms, and the fourth is not taken.
 */
export function takeToken(bucket: TokenBucket, rule: BucketRule, now: number, credit = 0, cost = 1): Taking {
  // A clock that was set back gives nothing and takes nothing.
  const elapsedMs = Math.max(0, now - bucket.at);
  const held = Math.min(rule.burst, bucket.tokens + (elapsedMs * rule.perSecond) / 1_000);
  const left = held - cost;
  if (left < -credit) return { bucket: { tokens: held, at: now }, taken: false, waitMs: 0 };
  return { bucket: { tokens: left, at: now }, taken: true, waitMs: left < 0 ? (-left * 1_000) / rule.perSecond : 0 };
}
