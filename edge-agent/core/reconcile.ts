import type { Digest, ModelName } from "../../proto/ids.ts";
import type { ModelAssignment } from "../../proto/assignment-messages.ts";
import type { AgentState, Candidate, ModelState, Slot } from "./agent-state.ts";
import type { AgentStep, StepOf } from "./agent-step.ts";
import type { WorkerDeath } from "./crash-loop.ts";
import { isCrashLoop, restartAt } from "./crash-loop.ts";
import type { Maintenance } from "./maintenance.ts";
import type { Factory } from "./factory-port.ts";
import { factoryPackageOf, wayToFactory } from "./factory.ts";
import { emptyModel } from "./slots.ts";
import type { TrialHealth } from "./soak-gate.ts";
import { judgeTrial } from "./soak-gate.ts";
import type { CountedAttempts } from "./trial-attempts.ts";
import { proofDueAtMs } from "./trial-attempts.ts";
import type { ShadowHealth } from "./shadow-gate.ts";
import { firstStage, judgeShadow } from "./shadow-gate.ts";
import { permissionFor } from "./step-permission.ts";
import { maxAttempts } from "./update-state.ts";

/** What the agent sees of itself beside its durable state. Times are on the clock that only goes up. */
export interface Facts {
  readonly models: ReadonlyMap<ModelName, ModelFacts>;
  /** Models that a step is working on: they get no other one. */
  readonly busy: ReadonlySet<ModelName>;
  /** Files may lie on the device that nothing needs any more, and nobody is collecting them. */
  readonly garbageDue: boolean;
  readonly maintenance: Maintenance;
  /** What came with the device. */
  readonly factory: Pick<Factory, "packages">;
}

export interface ModelFacts extends ServingFacts {
  /** A step failed, for want of a network say: updates of this model rest until then. */
  readonly retryAt: number;
  /** Why somebody on the device wants the version before; undefined while nobody does. */
  readonly rollbackWanted: string | undefined;
}

/** What a model's workers have shown. */
export interface ServingFacts {
  /** The package of the worker in each place. */
  readonly active: Digest | undefined;
  readonly candidate: Digest | undefined;
  readonly trial: TrialHealth | undefined;
  /** The candidate's worker in shadow. */
  readonly shadow: { readonly package: Digest; readonly health: ShadowHealth } | undefined;
  /** Why the candidate's last worker stopped, or "". */
  readonly candidateStopReason: string;
  /** The candidate's worker in shadow was ended for others' memory. */
  readonly gaveWay: boolean;
  readonly deaths: readonly WorkerDeath[];
}

const noFacts: ModelFacts = {
  active: undefined,
  candidate: undefined,
  trial: undefined,
  shadow: undefined,
  candidateStopReason: "",
  gaveWay: false,
  deaths: [],
  retryAt: Number.NEGATIVE_INFINITY,
  rollbackWanted: undefined,
};

/**
 * Compares what is assigned with what is there and says what to do next: at most one step for each model that nobody works on,
 * and `wait` where only time can help. No steps means that the device has converged. It replays nothing: whatever happened while
 * the agent was off or a step was cut short, the same comparison leads on.
 */
export function nextSteps(state: AgentState, facts: Facts, now: number): readonly AgentStep[] {
  const { assignment } = state;
  // Until somebody wants models of this device, it keeps those that it has.
  const isGoverned = assignment !== undefined && assignment.keepsModels !== true;
  const wanted = new Map((assignment?.models ?? []).map((model) => [model.model, model]));
  const models = new Map(state.models.map((model) => [model.model, model]));
  const steps: AgentStep[] = [];
  const { factory } = facts;
  for (const name of new Set([...models.keys(), ...wanted.keys(), ...factory.packages.map(({ model }) => model)])) {
    if (facts.busy.has(name)) continue;
    const model = models.get(name) ?? emptyModel(name);
    const modelFacts = facts.models.get(name) ?? noFacts;
    const target = wanted.get(name);
    const rollback =
      modelFacts.rollbackWanted === undefined ? undefined : rollbackStep(model, modelFacts.rollbackWanted, factory);
    if (rollback !== undefined) {
      steps.push(rollback);
      continue;
    }
    // What came with the device goes only with its image.
    const isUnassigned = isGoverned && target === undefined && models.has(name);
    const next: readonly AgentStep[] = isUnassigned
      ? [{ kind: "remove-model", model: name }]
      : stepsOfModel(model, target, modelFacts, factory, now).map((step) =>
          inWindow(step, name, modelFacts, facts.maintenance),
        );
    steps.push(...next.map((step) => rested(step, name, modelFacts, now)));
  }
  const isAtRest = facts.busy.size === 0 && !steps.some((step) => step.kind !== "wait");
  // Before the first assignment nothing says what is garbage: a lost state must not cost the files too.
  if (facts.garbageDue && isAtRest && isGoverned) steps.push({ kind: "collect-garbage" });
  return steps;
}

/** Undefined when there is nothing to go back to. */
export function rollbackStep(
  state: ModelState,
  reason: string,
  factory: Pick<Factory, "packages">,
): RollbackStep | undefined {
  const { model, candidate, active, previous } = state;
  if (candidate?.stage.kind === "trial") return { kind: "roll-back", model, reason };
  if (candidate !== undefined) return { kind: "fail", model, reason };
  if (active === undefined) return undefined;
  if (previous !== undefined) return { kind: "take-back", model, slot: previous, reason };
  return wayToFactory(factory, state) && { kind: "return-to-factory", model, reason };
}

type RollbackStep = StepOf<"roll-back" | "fail" | "take-back" | "return-to-factory">;

/** A step of a model whose last one came to no result waits, or a full disk would be tried in a loop. Serving has its own pace. */
function rested(step: AgentStep, model: ModelName, { retryAt }: ModelFacts, now: number): AgentStep {
  if (retryAt <= now || step.kind === "wait" || isServing(step)) return step;
  return { kind: "wait", until: retryAt, reason: `${model}: the next attempt is made then` };
}

function isServing({ kind }: AgentStep): boolean {
  return kind === "start-worker" || kind === "start-factory";
}

/** Where the model answers, what would change that waits for the maintenance window. maintenance.ts says why, and what never waits. */
function inWindow(step: AgentStep, model: ModelName, facts: ModelFacts, maintenance: Maintenance): AgentStep {
  const permission = permissionFor(step, maintenance);
  if (permission === undefined || permission.kind === "allowed" || facts.active === undefined) return step;
  const { until, reason } = permission;
  return { kind: "wait", until, reason: `${model}: ${reason}`, held: model };
}

/** Serving comes first; then the update. */
function stepsOfModel(
  model: ModelState,
  wanted: ModelAssignment | undefined,
  facts: ModelFacts,
  factory: Pick<Factory, "packages">,
  now: number,
): readonly AgentStep[] {
  const serving = servingStep(model, facts, factory, now);
  if (serving !== undefined && serving.kind !== "wait") return [serving];
  const update = wanted === undefined ? undefined : updateStep(model, wanted, facts, factory, now);
  return [serving, update].filter((step) => step !== undefined);
}

/** When the model's serving needs a step; infinite while it needs none. On the clock that only goes up. */
export function servingDueAt(
  model: ModelState,
  facts: ModelFacts,
  factory: Pick<Factory, "packages">,
  now: number,
): number {
  const step = servingStep(model, facts, factory, now);
  if (step === undefined) return Number.POSITIVE_INFINITY;
  return step.kind === "wait" ? step.until : now;
}

function servingStep(
  model: ModelState,
  facts: ModelFacts,
  factory: Pick<Factory, "packages">,
  now: number,
): AgentStep | undefined {
  const { active } = model;
  const serves = active ?? factoryPackageOf(factory, model.model);
  if (serves === undefined || facts.active === serves.package) return undefined;
  const last = facts.deaths.at(-1);
  const hasOther = model.previous !== undefined || wayToFactory(factory, model) !== undefined;
  if (last !== undefined && active !== undefined && hasOther && isCrashLoop(facts.deaths, now)) {
    const reason = `its worker stopped ${facts.deaths.length} times in a short while; last: ${last.reason}`;
    return { kind: "leave-crash-loop", model: model.model, reason };
  }
  const until = restartAt(facts.deaths, now);
  if (until > now) return { kind: "wait", until, reason: `${model.model}: its worker is started again then` };
  return active === undefined
    ? { kind: "start-factory", model: model.model }
    : { kind: "start-worker", model: model.model, slot: active };
}

function updateStep(
  model: ModelState,
  wanted: ModelAssignment,
  facts: ModelFacts,
  factory: Pick<Factory, "packages">,
  now: number,
): AgentStep | undefined {
  const into = firstStage(wanted, model, factory);
  if (model.candidate !== undefined) return candidateStep(model.candidate, wanted, into, facts, now);
  if (wanted.package === model.active?.package || wanted.package === model.failure?.package) return undefined;
  // Whoever wants it in shadow does not want it to answer, though it did once.
  if (model.previous?.package === wanted.package && into === "trial") {
    const reason = `${wanted.version} was confirmed on this device before`;
    return { kind: "activate-previous", model: model.model, slot: model.previous, reason };
  }
  return { kind: "start-update", model: model.model, target: targetOf(wanted) };
}

function candidateStep(
  candidate: Candidate,
  wanted: ModelAssignment,
  into: "shadow" | "trial",
  facts: ModelFacts,
  now: number,
): AgentStep {
  const { model } = wanted;
  if (candidate.package !== wanted.package) return { kind: "abandon-candidate", model };
  const { stage } = candidate;
  if (into === "shadow" && stage.kind === "trial") return { kind: "resume-shadow", model, slot: stage.slot };
  if (stage.kind === "shadow" && facts.shadow?.package === candidate.package)
    return shadowStep(wanted, stage, into, facts.shadow.health, now);
  if (into === "trial" && stage.kind === "shadow") return { kind: "resume-trial", model, slot: stage.slot };
  if (stage.kind === "trial" && facts.candidate === candidate.package && facts.trial !== undefined)
    return trialStep(wanted, stage, facts.trial, now);
  switch (stage.kind) {
    case "fetching":
      return { kind: "fetch-package", model, target: targetOf(wanted) };
    case "verified":
      return { kind: "preflight", model, slot: stage.slot, into };
    case "preflight":
      if (stage.attempt < maxAttempts) return { kind: "preflight", model, slot: stage.slot, into };
      return {
        kind: "quarantine",
        model,
        slot: stage.slot,
        reason: `${maxAttempts} preflights were cut off before they ended`,
      };
    case "shadow": {
      const { slot } = stage;
      if (stage.attempt < maxAttempts || facts.gaveWay) return { kind: "resume-shadow", model, slot };
      const cutOff = `${maxAttempts} attempts to run it in shadow were cut off; last:`;
      return facts.candidateStopReason === ""
        ? { kind: "fail", model, reason: `${cutOff} the agent was stopped in each` }
        : { kind: "end-shadow", model, slot, reason: `${cutOff} ${facts.candidateStopReason}` };
    }
    case "trial": {
      if (stage.attempt < maxAttempts) return { kind: "resume-trial", model, slot: stage.slot };
      const { slot } = stage;
      const cutOff = `${maxAttempts} trials were cut off; last:`;
      // What took the whole device down is not tried in another variant.
      return facts.candidateStopReason === ""
        ? { kind: "roll-back", model, reason: `${cutOff} the agent was stopped in each` }
        : { kind: "end-trial", model, slot, reason: `${cutOff} ${facts.candidateStopReason}` };
    }
  }
}

function shadowStep(
  wanted: ModelAssignment,
  stage: CountedAttempts & { readonly slot: Slot },
  into: "shadow" | "trial",
  health: ShadowHealth,
  now: number,
): AgentStep {
  const { model } = wanted;
  const verdict = judgeShadow(wanted.soak, health);
  if (verdict.kind === "fail") return { kind: "fail", model, reason: verdict.reason };
  if (into === "trial") return { kind: "resume-trial", model, slot: stage.slot };
  const until = health.startedAt + (proofDueAtMs(stage) ?? Number.POSITIVE_INFINITY);
  if (until <= now) return { kind: "prove-shadow", model };
  return { kind: "wait", until, reason: `${model}: ${verdict.reason}` };
}

function trialStep(wanted: ModelAssignment, counted: CountedAttempts, trial: TrialHealth, now: number): AgentStep {
  const verdict = judgeTrial(wanted.soak, trial, now);
  switch (verdict.kind) {
    case "pass":
    // A quiet device would otherwise never take an update; it has passed its golden set, and nothing went wrong.
    case "inconclusive":
      return { kind: "confirm", model: wanted.model, reason: verdict.reason };
    case "fail":
      return { kind: "roll-back", model: wanted.model, reason: verdict.reason };
    case "pending": {
      const proofAt = trial.startedAt + (proofDueAtMs(counted) ?? Number.POSITIVE_INFINITY);
      if (proofAt <= now) return { kind: "prove-trial", model: wanted.model };
      const until = Math.min(verdict.until, proofAt);
      return { kind: "wait", until, reason: `${wanted.model}: ${verdict.reason}` };
    }
  }
}

function targetOf({ version, package: digest, packageSize }: ModelAssignment) {
  return { version, package: digest, packageSize };
}
