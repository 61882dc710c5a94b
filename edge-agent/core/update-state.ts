import type { Digest, ModelVersion } from "../../proto/ids.ts";
import type { FailureKind, UpdateFailure } from "../../proto/messages.ts";
import type { Candidate, ModelState, Slot } from "./agent-state.ts";
import type { Quarantined } from "./quarantine.ts";
import { withQuarantined } from "./quarantine.ts";
import { afterProof } from "./trial-attempts.ts";

/**
 * The update of one model.
 *
 * A model is idle until the assignment names a package that is neither active nor already found bad. Then a candidate appears and
 * is `fetching`: manifest, golden set and the variant for this device arrive, in as many attempts as the network needs. A package
 * that this device can never run, or that nobody it trusts has signed, is `rejected` here. When every file is on the device under
 * its digest the candidate is `verified`. In `preflight` it runs in a process of its own and must repeat its golden outputs; when
 * it cannot, the update has `failed`. Where the assignment asks for it and a model is active, the candidate is in `shadow` next: the
 * active model answers, the candidate is given some of the same requests afterwards, and what differs is counted. It stays there as
 * long as the assignment says so: whether it may go on is decided by the evidence of many devices, and here only whether it runs
 * without errors; one that does not has `failed`. Where others need its memory it gives way, and comes back. In `trial` it answers
 * real requests while the active model stays loaded beside it. A trial ends as `confirmed`: the candidate becomes active and the active
 * becomes previous; or it is `rolled back`: the candidate goes, and the active model serves on as if nothing had been.
 *
 * A package holds several builds of the model, its variants, and one that fails its preflight on this device is `quarantined`:
 * that is remembered with the update, and the candidate is fetching again, which takes the next variant that fits. So int8 that
 * computes other numbers on this processor gives way to float32. The update has failed when no variant is left. A variant whose
 * worker stops again and again in its shadow or trial gives way likewise, while there is another.
 *
 * Each start of a preflight, a shadow or a trial is an attempt. The attempt is counted in the state, and saved, before the start: a model
 * that takes the whole device down with it is counted too. After three attempts the variant is quarantined, or the update rolled
 * back. An attempt that ends because the agent is stopped in order is given back: three reboots say nothing about a model. Nor do three
 * power cuts long after the start: a shadow or trial that was well for a while is counted from nothing again (trial-attempts.ts).
 *
 * A package that did not succeed is remembered as `failure` and not tried again until the assignment has named another one
 * or asks for it in another rollout.
 * Beside the updates, the previous model can take the place of the active one at any time: nothing has to be fetched for it.
 * Somebody on the device may ask for it too. Then the active model is taken back and counts as rolled back, like a candidate that
 * was not well: whoever watches its rollout sees it, and it is not tried again until another rollout asks. It counts against the version
 * only where that person says so; otherwise the failure bears the mark that it was asked for.
 *
 * Where nothing is active, what came with the device serves, if anything did (factory.ts). That is no slot of the model: it can be
 * returned to from every state, and no transition can lose it.
 */
export type UpdateEvent =
  | { readonly kind: "assigned"; readonly target: UpdateTarget }
  | { readonly kind: "verified"; readonly slot: Slot }
  | { readonly kind: "preflight-started" }
  | { readonly kind: "shadow-started" }
  /** The variant in its preflight, shadow or trial does not do on this device. */
  | { readonly kind: "quarantined"; readonly entry: Quarantined }
  | { readonly kind: "trial-started" }
  /** The agent stops in order in the middle of a preflight, a shadow or a trial. */
  | { readonly kind: "attempt-interrupted" }
  /** The shadow or trial has been well for so long that a power cut would say nothing about the model. */
  | { readonly kind: "shadow-proved" }
  | { readonly kind: "trial-proved" }
  | { readonly kind: "confirmed"; readonly reason: string }
  | { readonly kind: FailureKind; readonly reason: string; readonly byHand?: true }
  /** The assignment names another package now. */
  | { readonly kind: "abandoned" }
  | { readonly kind: "previous-activated"; readonly reason: string }
  /** The previous model cannot be activated as it lies there; from now on its package is one like any other. */
  | { readonly kind: "previous-lost"; readonly reason: string }
  /** The active model's worker stops again and again: the previous model is activated, and the active one counts as failed. */
  | { readonly kind: "crash-looped"; readonly reason: string; readonly to?: "factory" }
  /** Asked for on the device, when no update is under way: the previous model is activated, and the active one counts as failed. */
  | { readonly kind: "taken-back"; readonly reason: string; readonly to?: "factory"; readonly byHand?: true }
  /** The active model's files are gone or damaged: the previous model takes over, and the package is fetched again. */
  | { readonly kind: "active-lost"; readonly reason: string }
  /** The assignment was accepted, and it names another package than the one that failed, or asks for it in another rollout. */
  | { readonly kind: "failure-forgotten" };

export interface UpdateTarget {
  readonly version: ModelVersion;
  readonly package: Digest;
  readonly packageSize: number;
}

export const maxAttempts = 3;

export class ImpossibleTransitionError extends Error {
  override readonly name = "ImpossibleTransitionError";
}

/** The only function that changes a ModelState. Throws ImpossibleTransitionError where the story above has no such step. */
export function transition(state: ModelState, event: UpdateEvent): ModelState {
  switch (event.kind) {
    case "assigned":
      if (state.candidate !== undefined) throw impossible(state, event);
      return { ...state, candidate: { ...event.target, stage: { kind: "fetching" } }, failure: undefined };
    case "verified":
      return withStage(state, candidateIn(state, event, ["fetching"]), { kind: "verified", slot: event.slot });
    case "preflight-started": {
      const candidate = candidateIn(state, event, ["verified", "preflight"]);
      const attempt = 1 + attemptsIn(candidate, "preflight");
      if (attempt > maxAttempts) throw impossible(state, event);
      return withStage(state, candidate, { kind: "preflight", slot: slotOf(candidate), attempt });
    }
    case "quarantined": {
      const candidate = candidateIn(state, event, attempted);
      const quarantined = withQuarantined(state.quarantined, event.entry);
      return withStage({ ...state, quarantined }, candidate, { kind: "fetching" });
    }
    case "shadow-started":
      // From a trial too, when the assignment asks for a shadow only now.
      return attemptAt("shadow", state, event);
    case "trial-started":
      return attemptAt("trial", state, event);
    case "shadow-proved":
      return proved("shadow", state, event);
    case "trial-proved":
      return proved("trial", state, event);
    case "attempt-interrupted": {
      const candidate = candidateIn(state, event, attempted);
      const { stage } = candidate;
      if (stage.kind === "fetching" || stage.kind === "verified") throw impossible(state, event);
      return withStage(state, candidate, { ...stage, attempt: Math.max(0, stage.attempt - 1) });
    }
    case "confirmed": {
      const slot = slotOf(candidateIn(state, event, ["trial"]));
      return {
        ...state,
        active: slot,
        previous: state.active ?? state.previous,
        candidate: undefined,
        failure: undefined,
      };
    }
    case "rejected":
      return withoutCandidate(state, candidateIn(state, event, ["fetching"]), event);
    case "failed":
      return withoutCandidate(state, candidateIn(state, event, ["fetching", "verified", "preflight", "shadow"]), event);
    case "rolled-back":
      return withoutCandidate(state, candidateIn(state, event, ["trial"]), event);
    case "abandoned":
      candidateIn(state, event, ["fetching", "verified", ...attempted]);
      return { ...state, candidate: undefined };
    case "previous-activated":
      if (state.previous === undefined || state.candidate !== undefined) throw impossible(state, event);
      return { ...state, active: state.previous, previous: state.active, failure: undefined };
    case "previous-lost":
      return { ...state, previous: undefined };
    case "taken-back":
      if (state.candidate !== undefined) throw impossible(state, event);
      return withoutActive(state, event);
    case "crash-looped":
      return withoutActive(state, event);
    case "active-lost":
      return { ...state, active: state.previous, previous: undefined };
    case "failure-forgotten":
      return { ...state, failure: undefined };
  }
}

function attemptAt(kind: "shadow" | "trial", state: ModelState, event: UpdateEvent): ModelState {
  const candidate = candidateIn(state, event, attempted);
  const attempt = 1 + attemptsIn(candidate, kind);
  if (attempt > maxAttempts) throw impossible(state, event);
  const before = candidate.stage.kind === kind ? candidate.stage : undefined;
  return withStage(state, candidate, { ...before, kind, slot: slotOf(candidate), attempt });
}

function proved(kind: "shadow" | "trial", state: ModelState, event: UpdateEvent): ModelState {
  const candidate = candidateIn(state, event, [kind]);
  const { stage } = candidate;
  if (stage.kind !== kind || stage.attempt === 0) throw impossible(state, event);
  return withStage(state, candidate, afterProof(stage));
}

function candidateIn(state: ModelState, event: UpdateEvent, stages: readonly Candidate["stage"]["kind"][]): Candidate {
  if (state.candidate === undefined || !stages.includes(state.candidate.stage.kind)) throw impossible(state, event);
  return state.candidate;
}

function withStage(state: ModelState, candidate: Candidate, stage: Candidate["stage"]): ModelState {
  return { ...state, candidate: { ...candidate, stage } };
}

function withoutActive(
  state: ModelState,
  event: Extract<UpdateEvent, { kind: "taken-back" | "crash-looped" }>,
): ModelState {
  if (state.active === undefined || (state.previous === undefined && event.to === undefined))
    throw impossible(state, event);
  const failure = failureOf(state.active.package, { ...event, kind: "rolled-back" });
  // Not kept as previous: two models that both crash must not take turns for ever, nor may one come back that a person refused.
  return { ...state, active: state.previous, previous: undefined, failure };
}

function withoutCandidate(state: ModelState, candidate: Candidate, event: FailureEvent): ModelState {
  return { ...state, candidate: undefined, failure: failureOf(candidate.package, event) };
}

interface FailureEvent {
  readonly kind: FailureKind;
  readonly reason: string;
  readonly byHand?: true;
}

function failureOf(digest: Digest, { kind, reason, byHand }: FailureEvent): UpdateFailure {
  return { package: digest, kind, reason, ...(byHand !== undefined && { byHand }) };
}

/** The stages in which the candidate runs. */
const attempted = ["preflight", "shadow", "trial"] as const;

function attemptsIn({ stage }: Candidate, kind: (typeof attempted)[number]): number {
  return stage.kind === kind ? stage.attempt : 0;
}

function slotOf({ stage, package: digest }: Candidate): Slot {
  if (stage.kind === "fetching") throw new ImpossibleTransitionError(`${digest} is not on the device yet`);
  return stage.slot;
}

function impossible(state: ModelState, event: UpdateEvent): ImpossibleTransitionError {
  const stage = state.candidate?.stage.kind ?? "idle";
  return new ImpossibleTransitionError(`${state.model}: "${event.kind}" cannot happen while the update is ${stage}`);
}
