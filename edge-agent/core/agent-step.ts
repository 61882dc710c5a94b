import type { Digest, ModelName } from "../../proto/ids.ts";
import type { Assignment } from "../../proto/assignment-messages.ts";
import type { Slot } from "./agent-state.ts";
import type { UpdateTarget } from "./update-state.ts";

/** One thing to do next, as data: reconcile.ts decides it, step-executors.ts does it. */
export type AgentStep =
  | { readonly kind: "start-update"; readonly model: ModelName; readonly target: UpdateTarget }
  | { readonly kind: "fetch-package"; readonly model: ModelName; readonly target: UpdateTarget }
  /** Runs the golden set in a new worker, and lets that worker serve on trial when it passes, or first run in shadow. */
  | { readonly kind: "preflight"; readonly model: ModelName; readonly slot: Slot; readonly into: "shadow" | "trial" }
  /** The preflights of a variant came to no end: it is not tried on this device again. */
  | { readonly kind: "quarantine"; readonly model: ModelName; readonly slot: Slot; readonly reason: string }
  /** One that was cut off; or the candidate goes back into shadow from its trial, because the assignment wants that now. */
  | { readonly kind: "resume-shadow"; readonly model: ModelName; readonly slot: Slot }
  /** It has run for so long that its attempt counts no more. */
  | { readonly kind: "prove-shadow"; readonly model: ModelName }
  /** A trial that was cut off, by a crash of the agent or of the worker; or the candidate leaves the shadow for it. */
  | { readonly kind: "resume-trial"; readonly model: ModelName; readonly slot: Slot }
  /** The workers of a variant in shadow or trial stopped again and again: the next variant is tried, or the update is over. */
  | { readonly kind: "end-shadow"; readonly model: ModelName; readonly slot: Slot; readonly reason: string }
  | { readonly kind: "end-trial"; readonly model: ModelName; readonly slot: Slot; readonly reason: string }
  /** The attempts of a trial that is well are counted from nothing again. */
  | { readonly kind: "prove-trial"; readonly model: ModelName }
  | { readonly kind: "confirm"; readonly model: ModelName; readonly reason: string }
  | { readonly kind: "roll-back"; readonly model: ModelName; readonly reason: string }
  | { readonly kind: "fail"; readonly model: ModelName; readonly reason: string }
  | { readonly kind: "abandon-candidate"; readonly model: ModelName }
  /** Nothing is fetched: a version that was confirmed here before serves again once it has passed its golden set. */
  | { readonly kind: "activate-previous"; readonly model: ModelName; readonly slot: Slot; readonly reason: string }
  /** Somebody on the device asked for the version before; it has to pass its golden set too. */
  | { readonly kind: "take-back"; readonly model: ModelName; readonly slot: Slot; readonly reason: string }
  /** The same where there is no version before: what came with the device takes over. */
  | { readonly kind: "return-to-factory"; readonly model: ModelName; readonly reason: string }
  | { readonly kind: "leave-crash-loop"; readonly model: ModelName; readonly reason: string }
  | { readonly kind: "remove-model"; readonly model: ModelName }
  | { readonly kind: "start-worker"; readonly model: ModelName; readonly slot: Slot }
  /** Nothing else can serve the model: what came with the device does. */
  | { readonly kind: "start-factory"; readonly model: ModelName }
  | { readonly kind: "collect-garbage" }
  /** `held`: of this model an update waits for the maintenance window. */
  | { readonly kind: "wait"; readonly until: number; readonly reason: string; readonly held?: ModelName };

export type StepKind = AgentStep["kind"];
export type StepOf<K extends StepKind> = Extract<AgentStep, { readonly kind: K }>;
/** Everything but waiting. */
export type ExecutableStep = Exclude<AgentStep, { readonly kind: "wait" }>;

/** True when a newer assignment has made a step that is under way pointless: it is given up at once. */
export function isSuperseded(step: ExecutableStep, assignment: Assignment): boolean {
  switch (step.kind) {
    case "start-update":
    case "fetch-package":
      return !isAssigned(assignment, step.model, step.target.package);
    case "preflight":
    case "resume-shadow":
    case "resume-trial":
    case "activate-previous":
      return !isAssigned(assignment, step.model, step.slot.package);
    case "start-worker":
      return assignment.models.every(({ model }) => model !== step.model);
    case "prove-trial":
    case "confirm":
    case "prove-shadow":
    case "end-shadow":
    case "end-trial":
    case "roll-back":
    case "fail":
    case "quarantine":
    case "abandon-candidate":
    case "take-back":
    case "return-to-factory":
    case "start-factory":
    case "leave-crash-loop":
    case "remove-model":
    case "collect-garbage":
      return false;
  }
}

/** True for what can take long, and has nothing to do with what answers now. It goes on later, where it was. */
export function canWait({ kind }: ExecutableStep): boolean {
  return kind === "fetch-package" || kind === "preflight" || kind === "resume-shadow" || kind === "resume-trial";
}

function isAssigned(assignment: Assignment, model: ModelName, wanted: Digest): boolean {
  return assignment.models.some((one) => one.model === model && one.package === wanted);
}
