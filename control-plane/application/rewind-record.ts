/**
 * Remembers which lanes were asked to send again, and what came instead.
 *
 * A device has up to four batches on their way, so one lost batch makes the next three arrive with a hole before them; asking once
 * is enough, and asking again a second later covers a request that got lost. When a device that was asked many times keeps
 * offering the very same record as its first, it does not have what is missing: this database was restored from a backup and has
 * forgotten what it once acknowledged. Then the gap is accepted and told, because waiting for it would stop the lane for ever.
 */
export interface RewindRecord {
  note(key: string, missingFrom: number, missingTo: number): void;
  /** True when the same hole was asked for so often that what is missing cannot come. */
  isInVain(key: string, missingFrom: number, missingTo: number): boolean;
  /** Whether to ask now; counts it. */
  mayAsk(key: string, cursor: number, now: number): boolean;
}

interface Rewind {
  readonly missingFrom: number;
  /** The smallest that was offered: later batches of one flight have larger holes. */
  missingTo: number;
  asked: number;
  askedAtMs: number;
}

const askAgainAfterMs = 1_000;
const askedInVain = 10;
/** More lanes than devices can be connected have; beyond them the record starts again, and so would each hole. */
const largest = 100_000;

export function createRewindRecord(): RewindRecord {
  const rewinds = new Map<string, Rewind>();
  return {
    note(key, missingFrom, missingTo) {
      const before = rewinds.get(key);
      if (before?.missingFrom === missingFrom && before.missingTo <= missingTo) return;
      if (rewinds.size >= largest) rewinds.clear();
      rewinds.set(key, { missingFrom, missingTo, asked: 0, askedAtMs: Number.NEGATIVE_INFINITY });
    },
    isInVain(key, missingFrom, missingTo) {
      const before = rewinds.get(key);
      return before?.missingFrom === missingFrom && before.missingTo === missingTo && before.asked >= askedInVain;
    },
    mayAsk(key, cursor, now) {
      const rewind = rewinds.get(key);
      if (rewind === undefined || rewind.missingFrom !== cursor + 1) return true;
      if (now - rewind.askedAtMs < askAgainAfterMs) return false;
      rewind.asked += 1;
      rewind.askedAtMs = now;
      return true;
    },
  };
}
