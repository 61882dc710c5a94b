/** The conditions at a stage's end. Every gate that is set is judged; one that is undefined is off. */
export interface Gates {
  /** Share of the stage's settled devices whose update did not succeed. */
  readonly maxFailedUpdates: number;
  /** Share of inferences that ended in an error, as a whole, and never judged better than the incumbent's own. */
  readonly maxErrorRate: number | undefined;
  /** p95 latency of the new version divided by the incumbent's. */
  readonly maxLatencyRatio: number | undefined;
  /** PSI, less its null expectation, between the output streams of the new version and those of the incumbent (the packaged reference where there is none). */
  readonly maxOutputDrift: number | undefined;
  /** Share of wrong ones among the answers about which applications told the truth. Off unless it is asked for: few applications can. */
  readonly maxWrongAnswers: number | undefined;
  /**
   * In shadow: share of the rows on which the new version's answer differs from that of the one it runs beside. When it is off the
   * share is shown and not judged.
   */
  readonly maxDisagreement: number | undefined;
}

/**
 * `pass` needs positive evidence and `fail` needs evidence too. In between the verdict is `pending` while samples may still come
 * and `inconclusive` when the time for them is over: that pauses a rollout, it never lets it pass and never turns it round.
 */
export type Verdict = "pass" | "fail" | "inconclusive" | "pending";

export interface GateResult {
  readonly gate: string;
  readonly verdict: Verdict;
  /** In words, with the numbers that were judged. */
  readonly reason: string;
  /** The numbers, for programs. */
  readonly measured: Readonly<Record<string, number>>;
}
