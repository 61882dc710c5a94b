import type { SoakPolicy } from "../../proto/assignment-messages.ts";
import { seconds } from "../../proto/units.ts";
import type { ServiceRecord } from "./recent-service.ts";

/** What a candidate has shown since its trial began, on the clock that only goes up. */
export interface TrialHealth {
  readonly startedAt: number;
  /** Every request, those that wait and those that were turned away too. */
  readonly asked: number;
  readonly inferences: number;
  readonly errors: TrialErrors;
  readonly lastError: string;
  /** Mean of the inferences that were answered; undefined when none was. */
  readonly workMs: number | undefined;
  /** What the active model showed in the minutes before the trial; zeros when there is none. */
  readonly before: ServiceRecord;
}

/** Inferences that ended in an error of the model's (wrong inputs are none), by what the active model made of the same inputs. */
export interface TrialErrors {
  /** The active model answered. */
  readonly own: number;
  /** It failed as well: what was asked is to blame. */
  readonly shared: number;
  /** It could not be asked. */
  readonly alone: number;
}

/** `pending` is to be asked again at `until`, or when an error came in. */
export type SoakVerdict =
  | { readonly kind: "pass"; readonly reason: string }
  | { readonly kind: "fail"; readonly reason: string }
  /** The deadline came before enough inferences, and nothing went wrong. */
  | { readonly kind: "inconclusive"; readonly reason: string }
  | { readonly kind: "pending"; readonly reason: string; readonly until: number };

/** How often a trial that only lacks inferences is looked at. */
const lookAgainMs = seconds(1);

/** For less no rate of requests is known. */
const shortestSpanMs = seconds(10);

/** The active model must have had room for this many times what comes, before a candidate is to blame that has not room for all. */
const slownessMargin = 2;

/**
 * Judges a trial by what this device can see of the model, next to what it saw of the active one: nothing is the candidate's fault
 * that was so before, or that happens to the active model too. It never asks whether a broker or server can be reached, and silence
 * of the applications only makes it wait. (A worker that stops ends the attempt, not this gate.)
 *
 * Errors. A request that fails is given to the active model as well. Where both fail, a broken sensor say, the error does not
 * count, and the request says nothing for the candidate either. Where the active model answers, the error is the candidate's own,
 * and no more than `maxErrorShare` of the inferences may be. Where it could not be asked, the share of errors that it had in the minutes
 * before the trial is the candidate's too; it excuses only with as many inferences as a trial needs, or one error of one inference
 * would excuse everything.
 *
 * Slowness. The candidate fails at the end of its time when it cannot keep up with what comes, and the active model could have done
 * twice as much: a burst that is more than any model can take is nobody's fault. Example: 60 requests in a minute, 2.5 s each with
 * the candidate, which makes 150 s of work, and 0.1 s each with the active model.
 *
 * It fails as soon as no number of further successes, up to `minInferences`, could bring the share down to what is allowed.
 * Example: of at least 20 inferences 5 % may fail; the second error fails the trial even when it is the third inference.
 */
export function judgeTrial(policy: SoakPolicy, health: TrialHealth, now: number): SoakVerdict {
  const elapsed = now - health.startedAt;
  const atDeadline = elapsed >= policy.deadlineMs;
  const failing = errorsOf(policy, health, atDeadline) ?? slownessOf(policy, health, elapsed);
  if (failing !== undefined) return { kind: "fail", reason: failing };
  const { own, shared, alone } = health.errors;
  const telling = tellingOf(health);
  const excused = shared === 0 ? "" : `, and ${shared} failed with both versions`;
  const evidence = `${telling} inferences, ${own + alone} of them failed${excused}`;
  if (telling >= policy.minInferences && elapsed >= policy.durationMs)
    return { kind: "pass", reason: `healthy for ${elapsedText(elapsed)}: ${evidence}` };
  if (atDeadline) {
    const lacking = `${elapsedText(elapsed)} brought only ${telling} of ${policy.minInferences} inferences`;
    return { kind: "inconclusive", reason: `${lacking}${excused}, and nothing went wrong` };
  }
  const next = elapsed < policy.durationMs ? policy.durationMs - elapsed : lookAgainMs;
  const until = now + Math.min(next, policy.deadlineMs - elapsed);
  return { kind: "pending", reason: `in trial for ${elapsedText(elapsed)}: ${evidence}`, until };
}

/** How far a trial is, for people. Its times are since the trial began. */
export interface TrialProgress {
  readonly elapsedMs: number;
  /** Judged no earlier; */
  readonly durationMs: number;
  /** and then at the latest, when it stays unless something went wrong. */
  readonly deadlineMs: number;
  /** Those that say something for the candidate, and how many it needs to be judged before the deadline. */
  readonly inferences: number;
  readonly minInferences: number;
}

export function trialProgress(policy: SoakPolicy, health: TrialHealth, now: number): TrialProgress {
  const { durationMs, deadlineMs, minInferences } = policy;
  const inferences = tellingOf(health);
  return { elapsedMs: now - health.startedAt, durationMs, deadlineMs, inferences, minInferences };
}

/** What failed with both versions says nothing of the candidate. */
function tellingOf({ inferences, errors }: TrialHealth): number {
  return inferences - errors.shared;
}

function errorsOf(policy: SoakPolicy, health: TrialHealth, atDeadline: boolean): string | undefined {
  const { inferences, before, lastError } = health;
  const { own, alone } = health.errors;
  const counted = atDeadline ? inferences : Math.max(inferences, policy.minInferences);
  const shareBefore = before.errors / Math.max(1, policy.minInferences, before.inferences);
  const allowedAlone = Math.max(policy.maxErrorShare, shareBefore);
  if (own > policy.maxErrorShare * counted) {
    const share = `${own} of ${inferences} inferences failed that the active version answered`;
    return `${share}, more than ${percent(policy.maxErrorShare)} allowed; last: ${lastError}`;
  }
  if (own + alone > allowedAlone * counted) {
    const share = `${own + alone} of ${inferences} inferences failed`;
    return `${share}, more than ${percent(allowedAlone)} allowed; last: ${lastError}`;
  }
  return undefined;
}

function slownessOf({ durationMs }: SoakPolicy, health: TrialHealth, elapsed: number): string | undefined {
  const { asked, workMs, before } = health;
  if (workMs === undefined || before.workMs === undefined || elapsed < Math.max(durationMs, shortestSpanMs))
    return undefined;
  if (asked * workMs <= elapsed || asked * before.workMs * slownessMargin > elapsed) return undefined;
  const took = `an inference takes ${elapsedText(workMs)}, and took ${elapsedText(before.workMs)} with the active version`;
  return `it cannot keep up with ${asked} requests in ${elapsedText(elapsed)}: ${took}`;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function elapsedText(ms: number): string {
  return `${Number((ms / 1_000).toPrecision(3))} s`;
}
