import { minutes } from "../../proto/units.ts";

/**
 * What the number of attempts is for, and when it begins anew. What is said of a trial here holds for a shadow.
 *
 * Attempts are counted because a model can take the whole device down: it fills the memory, it hangs the bus that its camera is on, and
 * nobody is left who could say so. Such a device comes back, begins the trial again, and goes down again; after three attempts that is
 * over. But a device also goes down for reasons of its own. The one in a van is switched off every evening, and its trial would be lost
 * on the third, however well the model does.
 *
 * The two differ in how long the trial was well before. So when a trial has been well for two minutes, that is remembered with the
 * attempts, durably, and they are counted from nothing again. A model that needs a little longer to take the device down would now do so
 * for ever. Therefore a trial must have been well for twice as long each time: 2 minutes, 4, 8, and so on. Evening after evening passes;
 * a leak that takes the memory in five minutes has two of its attempts forgiven and is over with the fifth.
 *
 * A trial that is cut off after at most T each time is therefore over after at most 3 x (2 + log2(T / 2 min)) attempts: no device is in
 * trial for ever.
 */
export interface CountedAttempts {
  /** Starts since the trial was last seen well for long enough, this one among them. */
  readonly attempt: number;
  /** How often that was; absent: never. */
  readonly proofs?: number;
}

/**
 * How long a trial must be well before its attempts are counted from nothing again.
 *
 * Example: 2 minutes before the first proof, 8 minutes after two.
 */
export function proofAfterMs(proofs: number): number {
  return minutes(2) * 2 ** proofs;
}

/** When, in ms since its start, a trial that goes well proves itself; undefined when it has done so in this attempt. */
export function proofDueAtMs({ attempt, proofs = 0 }: CountedAttempts): number | undefined {
  return attempt === 0 ? undefined : proofAfterMs(proofs);
}

export function afterProof<Counted extends CountedAttempts>(counted: Counted): Counted {
  return { ...counted, attempt: 0, proofs: 1 + (counted.proofs ?? 0) };
}
