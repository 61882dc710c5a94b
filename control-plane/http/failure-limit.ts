import type { BucketRule, TokenBucket } from "../messaging/token-bucket.ts";
import { fullBucket, takeToken } from "../messaging/token-bucket.ts";

const rule: BucketRule = { perSecond: 0.2, burst: 20 };
/** Addresses that are remembered: beyond them the one that failed longest ago is forgotten. */
const maxAddresses = 10_000;

/**
 * Slows down who fails again and again, by address: twenty failures at once, then one in five seconds. Success costs nothing, so a site with
 * a thousand devices behind one address enrols at full speed.
 */
export interface FailureLimit {
  allows(address: string): boolean;
  failed(address: string): void;
}

export function createFailureLimit(now: () => number): FailureLimit {
  const buckets = new Map<string, TokenBucket>();

  function take(address: string) {
    return takeToken(buckets.get(address) ?? fullBucket(rule, now()), rule, now());
  }

  return {
    allows: (address) => take(address).taken,
    failed(address) {
      const { bucket } = take(address);
      // Deleted first, so that the order of the map is the order of the last failure.
      buckets.delete(address);
      buckets.set(address, bucket);
      const [oldest] = buckets.keys();
      if (buckets.size > maxAddresses && oldest !== undefined) buckets.delete(oldest);
    },
  };
}
