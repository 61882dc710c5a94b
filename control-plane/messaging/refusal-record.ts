import type { Logger } from "../application/ports.ts";
import type { BrokerLimits } from "./broker-limits.ts";
import type { MutableBrokerCounters, RefusalReason } from "./broker-counters.ts";
import { fullBucket, takeToken } from "./token-bucket.ts";

/** Counts every refusal and writes down as many as a person can read: strangers must not be able to fill the disk. */
export type RecordRefusal = (reason: RefusalReason, fields: { readonly client?: string; readonly why: string }) => void;

export function createRefusalRecord(
  log: Pick<Logger, "info">,
  counters: MutableBrokerCounters,
  rule: BrokerLimits["refusalLogRate"],
  now: () => number,
): RecordRefusal {
  let bucket = fullBucket(rule, now());
  return (reason, fields) => {
    counters.refused[reason] += 1;
    const taking = takeToken(bucket, rule, now());
    bucket = taking.bucket;
    if (!taking.taken) return;
    // Both texts hold what a stranger sent.
    const client = fields.client?.slice(0, 64);
    const why = fields.why.slice(0, 200);
    log.info({ reason, client, why, count: counters.refused[reason] }, "the broker refused a client");
  };
}
