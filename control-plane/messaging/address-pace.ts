import type { IsExempt } from "./address-limits.ts";
import { addressGroup, plainAddress } from "./address-limits.ts";
import type { BucketRule, TokenBucket } from "./token-bucket.ts";
import { fullBucket, takeToken } from "./token-bucket.ts";

/** Addresses that are remembered: beyond them the one that came longest ago is forgotten. */
const maxAddresses = 10_000;

/** The pace at which one address may do something, so that it cannot use up what is there for all. */
export interface AddressPace {
  /** False: not now. An address that is exempt, or not known, always may. */
  take(address: string | undefined): boolean;
}

export function createAddressPace(rule: BucketRule, isExempt: IsExempt, now: () => number): AddressPace {
  const buckets = new Map<string, TokenBucket>();
  return {
    take(address) {
      if (address === undefined || isExempt(plainAddress(address))) return true;
      const group = addressGroup(address);
      const { bucket, taken } = takeToken(buckets.get(group) ?? fullBucket(rule, now()), rule, now());
      // Deleted first, so that the order of the map is the order of coming.
      buckets.delete(group);
      buckets.set(group, bucket);
      const [oldest] = buckets.keys();
      if (buckets.size > maxAddresses && oldest !== undefined) buckets.delete(oldest);
      return taken;
    },
  };
}
