import { kibibytes } from "../../proto/units.ts";
import type { BucketRule, TokenBucket } from "./token-bucket.ts";
import { fullBucket, takeToken } from "./token-bucket.ts";

/**
 * The pace at which one device's messages go on.
 *
 * A message takes a token for itself and one for each 4 KiB that it is larger: the rate bounds what one device can have written to the
 * disk, not only how often it speaks. A message within the rate goes on at once. A message beyond it waits until its
 * tokens have accrued; because the broker does not read on from a connection that the pace holds (held-reading.ts), the
 * device is slowed down by TCP itself. A message that would have to wait longer than the longest delay is dropped: it is
 * acknowledged, so that the device does not send it for ever, and goes nowhere. Waiting messages, and dropped ones
 * behind them, go on in the order in which they came.
 */
export interface PublishPace {
  /** `bytes` is the size of its payload. */
  admit(bytes: number, goOn: (verdict: PaceVerdict) => void): void;
  /** Whether messages wait: nothing more should be read from the connection. */
  holds(): boolean;
  /** Forgets what is waiting: the connection is gone, and nothing of it was acknowledged. */
  stop(): void;
}

type PaceVerdict = "pass" | "drop";

const bytesOfToken = kibibytes(4);

/** What remains of a device's allowance, kept across its connections so that reconnecting does not renew it. */
export interface Allowance {
  bucket: TokenBucket;
}

export interface PaceRule {
  readonly messageRate: BucketRule;
  readonly longestDelayMs: number;
}

export function fullAllowance(rule: PaceRule, now: number): Allowance {
  return { bucket: fullBucket(rule.messageRate, now) };
}

/** Example: 1 for 400 bytes, 2 for 5,000, 33 for the largest packet of 128 KiB. */
function tokensFor(bytes: number): number {
  return 1 + Math.floor(bytes / bytesOfToken);
}

interface Waiting {
  readonly dueAt: number;
  readonly verdict: PaceVerdict;
  readonly goOn: (verdict: PaceVerdict) => void;
}

export function createPublishPace(
  allowance: Allowance,
  rule: PaceRule,
  now: () => number,
  slowed: () => void,
): PublishPace {
  const credit = (rule.messageRate.perSecond * rule.longestDelayMs) / 1_000;
  let waiting: Waiting[] = [];
  let timer: NodeJS.Timeout | undefined;

  function releaseUntil(moment: number): void {
    timer = undefined;
    const firstLater = waiting.findIndex((message) => message.dueAt > moment);
    const due = waiting.splice(0, firstLater === -1 ? waiting.length : firstLater);
    waitForFirst();
    for (const message of due) message.goOn(message.verdict);
  }

  function waitForFirst(): void {
    const first = waiting[0];
    if (first === undefined || timer !== undefined) return;
    // The timer may fire a little early by the clock of the caller: what it was set for is due by definition.
    timer = setTimeout(() => releaseUntil(Math.max(now(), first.dueAt)), Math.max(1, first.dueAt - now()));
  }

  return {
    admit(bytes, goOn) {
      const moment = now();
      const taking = takeToken(allowance.bucket, rule.messageRate, moment, credit, tokensFor(bytes));
      allowance.bucket = taking.bucket;
      const verdict = taking.taken ? "pass" : "drop";
      const last = waiting.at(-1);
      if (last === undefined && taking.waitMs === 0) {
        goOn(verdict);
        return;
      }
      if (taking.taken) slowed();
      waiting.push({ dueAt: Math.max(moment + taking.waitMs, last?.dueAt ?? 0), verdict, goOn });
      waitForFirst();
    },
    holds: () => waiting.length > 0,
    stop() {
      clearTimeout(timer);
      timer = undefined;
      waiting = [];
    },
  };
}
