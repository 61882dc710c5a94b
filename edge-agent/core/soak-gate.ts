import type { SoakPolicy } from "../../proto/messages.ts";

/** What a candidate has shown since its trial began, on the clock that only goes up. */
export interface TrialHealth {
  readonly startedAt: number;
  readonly inferences: number;
  /** Those that were the model's fault: wrong inputs are not. */
  readonly errors: number;
  readonly lastError: string;
  /** What the active model has shown before and beside the trial; zeros when there is none. */
  readonly active: { readonly inferences: number; readonly errors: number };
}

/** `pending` is to be asked again at `until`, or when an error came in. */
export type SoakVerdict =
  | { readonly kind: "pass"; readonly reason: string }
  | { readonly kind: "fail"; readonly reason: string }
  /** The deadline came before enough inferences, and nothing went wrong. */
  | { readonly kind: "inconclusive"; readonly reason: string }
  | { readonly kind: "pending"; readonly reason: string; readonly until: number };

/** How often a trial that only lacks inferences is looked at. */
const lookAgainMs = 1_000;

/**
 * Judges a trial by what this device can see of the model: its errors, next to those of the active model, because a failing
 * sensor makes both fail. Never by whether a broker or server can be reached. (A worker that stops ends the attempt, not this gate.)
 *
 * It fails as soon as no number of further successes, up to `minInferences`, could bring the share of errors down to what is
 * allowed. Example: of at least 20 inferences 5 % may fail; the second error fails the trial even when it is the third inference.
 *
 * The active model excuses a candidate only with as many inferences as a trial needs: while a candidate serves, the active one is
 * asked little more than what the candidate has just died of, and one error of one inference would excuse everything.
 */
export function judgeTrial(policy: SoakPolicy, health: TrialHealth, now: number): SoakVerdict {
  const activeErrorShare = health.active.errors / Math.max(1, policy.minInferences, health.active.inferences);
  const allowedShare = Math.max(policy.maxErrorShare, activeErrorShare);
  const elapsed = now - health.startedAt;
  const atDeadline = elapsed >= policy.deadlineMs;
  const counted = atDeadline ? health.inferences : Math.max(health.inferences, policy.minInferences);
  if (health.errors > allowedShare * counted) {
    const share = `${health.errors} of ${health.inferences} inferences failed`;
    return { kind: "fail", reason: `${share}, more than ${percent(allowedShare)} allowed; last: ${health.lastError}` };
  }
  const evidence = `${health.inferences} inferences, ${health.errors} of them failed`;
  const enough = health.inferences >= policy.minInferences;
  if (enough && elapsed >= policy.durationMs)
    return { kind: "pass", reason: `healthy for ${elapsedText(elapsed)}: ${evidence}` };
  if (atDeadline) {
    const lacking = `${elapsedText(elapsed)} brought only ${health.inferences} of ${policy.minInferences} inferences`;
    return { kind: "inconclusive", reason: `${lacking}, and nothing went wrong` };
  }
  const next = elapsed < policy.durationMs ? policy.durationMs - elapsed : lookAgainMs;
  const until = now + Math.min(next, policy.deadlineMs - elapsed);
  return { kind: "pending", reason: `in trial for ${elapsedText(elapsed)}: ${evidence}`, until };
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function elapsedText(ms: number): string {
  return `${Number((ms / 1_000).toPrecision(3))} s`;
}
