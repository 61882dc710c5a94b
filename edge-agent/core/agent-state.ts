import type { Digest, ModelName, ModelVersion } from "../../proto/ids.ts";
import type { Quarantined } from "./quarantine.ts";
import type { CountedAttempts } from "./trial-attempts.ts";
import type { SamplingBooks } from "./sampling/sampling-books.ts";
import type { Assignment, DeviceSettings } from "../../proto/assignment-messages.ts";
import type { UpdateFailure } from "../../proto/messages.ts";
import type { LifecycleEvent } from "../../proto/telemetry-messages.ts";

/** What must survive a power cut: the assignment that was accepted last, and the slots of every model. Plain data, JSON-safe. */
export interface AgentState {
  /** Undefined until the first assignment was accepted. */
  readonly assignment: Assignment | undefined;
  readonly models: readonly ModelState[];
  /** Lifecycle events of saved transitions that are not in the spool yet: they commit with the transition, so none is lost. */
  readonly outbox: readonly LifecycleEvent[];
  /** Settings from the centre that are in force: where a version that is assigned cannot be applied here, the one before. Absent: none. */
  readonly settings?: readonly DeviceSettings[];
  /** Absent: nothing was sampled yet. */
  readonly sampling?: SamplingBooks;
}

export interface ModelState {
  readonly model: ModelName;
  /** Serves inferences. */
  readonly active: Slot | undefined;
  /** Being brought in. */
  readonly candidate: Candidate | undefined;
  /** What `active` replaced; what a rollback activates. */
  readonly previous: Slot | undefined;
  /** The last update that did not succeed; that package is not tried again in the rollout that brought it. */
  readonly failure: UpdateFailure | undefined;
  /** Variants that did not do on this device; oldest first. */
  readonly quarantined: readonly Quarantined[];
}

export interface Slot {
  readonly version: ModelVersion;
  /** Digest of the package's signed manifest. */
  readonly package: Digest;
  readonly variant: string;
  readonly file: Digest;
}

export interface Candidate {
  readonly version: ModelVersion;
  readonly package: Digest;
  readonly packageSize: number;
  readonly stage: CandidateStage;
}

/** Everything a restart needs in order to go on. The variant is known from `verified` on. */
export type CandidateStage =
  | { readonly kind: "fetching" }
  | { readonly kind: "verified"; readonly slot: Slot }
  | { readonly kind: "preflight"; readonly slot: Slot; readonly attempt: number }
  | ({ readonly kind: "shadow" | "trial"; readonly slot: Slot } & CountedAttempts);

export const noState: AgentState = { assignment: undefined, models: [], outbox: [] };
