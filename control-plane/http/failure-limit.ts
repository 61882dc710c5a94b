import { addressGroup } from "../messaging/address-limits.ts";
import type { BucketRule, TokenBucket } from "../messaging/token-bucket.ts";
import { fullBucket, takeToken } from "../messaging/token-bucket.ts";

const rule: BucketRule = { perSecond: 0.2, burst: 20 };
/** Addresses that are remembered: beyond them the one that failed longest ago is forgotten. */
const maxAddresses = 10_000;

/**
 * Slows down who fails again and again, by address (of IPv6 by what one customer has, see address-limits.ts): twenty failures at once, then one in five seconds. Success costs nothing, so a site with
 * a thousand devices behind one address enrols at full speed.
 */
export interface FailureLimit {
  allows(address: string): boolean;
  failed(address: string): void;
}

export function createFailureLimit(now: () => number): FailureLimit {
  const buckets = new Map<string, TokenBucket>();

  function take(group: string) {
    return takeToken(buckets.get(group) ?? fullBucket(rule, now()), rule, now());
  }

  return {
    allows: (address) => take(addressGroup(address)).taken,
    failed(address) {
      const group = addressGroup(address);
      const { bucket } = take(group);
      // Deleted first, so that the order of the map is the order of the last failure.
      buckets.delete(group);
      buckets.set(group, bucket);
      const [oldest] = buckets.keys();
      if (buckets.size > maxAddresses && oldest !== undefined) buckets.delete(oldest);
    },
  };
}
