import type { TensorSpec } from "../../proto/manifest.ts";
import type { DeviceId, ModelName, ModelVersion } from "../../proto/ids.ts";
import type { Lane, UpdateFailure, UpdatePhase } from "../../proto/messages.ts";
import type { AgentState } from "./agent-state.ts";
import type { LoadedPackage } from "./package-store.ts";
import type { Spool } from "./ports.ts";
import type { Surroundings } from "./quarantine.ts";
import { standingIn } from "./quarantine.ts";

export interface ServedModel {
  readonly model: ModelName;
  readonly version: string;
  readonly variant: string;
  /** All that are loaded, the one that serves first: while a version is on trial, the one before it can still be asked. */
  readonly versions: readonly string[];
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}

/** What of `loaded` answers for the version, or at all: the first of them. */
export function servedModelOf(
  loaded: readonly LoadedPackage[],
  version: ModelVersion | undefined,
): ServedModel | undefined {
  const served = loaded.find(({ slot }) => version === undefined || slot.version === version);
  if (served === undefined) return undefined;
  const { manifest, slot } = served;
  const { model, inputs, outputs } = manifest;
  const versions = [...new Set(loaded.map((one) => one.slot.version))];
  return { model, version: slot.version, variant: slot.variant, versions, inputs, outputs };
}

/** Plain data, for people and for `GET /status`. */
export interface AgentStatus {
  readonly device: DeviceId;
  readonly agentVersion: string;
  readonly bootId: string;
  readonly uptimeMs: number;
  readonly connected: boolean;
  /** How often it connected since it started. */
  readonly connections: number;
  /** Why it is not connected, or "". */
  readonly connectionProblem: string;
  /** The assignment that was accepted last; 0, 0: none yet. */
  readonly epoch: number;
  readonly generation: number;
  readonly refusal: string;
  /** What models are run with, and why not with what is tried first, or "". */
  readonly runtime: { readonly name: string; readonly version: string; readonly reason: string };
  readonly models: readonly ModelStatus[];
  readonly spool: Readonly<Record<Lane, { readonly records: number; readonly bytes: number }>>;
}

export interface ModelStatus {
  readonly model: ModelName;
  readonly active: string | undefined;
  readonly candidate: string | undefined;
  readonly previous: string | undefined;
  readonly phase: UpdatePhase;
  readonly failure: UpdateFailure | undefined;
  /** Variants that this device found bad and does not try again. */
  readonly quarantined: readonly { readonly variant: string; readonly reason: string }[];
  /** The version that answers requests now. */
  readonly serving: { readonly version: string; readonly variant: string } | undefined;
}

export interface StatusSources extends Omit<AgentStatus, "epoch" | "generation" | "models" | "spool"> {
  readonly state: AgentState;
  readonly surroundings: Surroundings;
  readonly spool: Spool;
  readonly describe: (model: ModelName) => ServedModel | undefined;
}

export function agentStatusOf({ state, surroundings, spool, describe, ...rest }: StatusSources): AgentStatus {
  const extentOf = (lane: Lane) => {
    const { first, next, bytes } = spool.extent(lane);
    return { records: next - first, bytes };
  };
  return {
    ...rest,
    epoch: state.assignment?.epoch ?? 0,
    generation: state.assignment?.generation ?? 0,
    models: state.models.map(({ model, active, candidate, previous, failure, quarantined }) => {
      const served = describe(model);
      return {
        model,
        active: active?.version,
        candidate: candidate?.version,
        previous: previous?.version,
        phase: candidate?.stage.kind ?? "idle",
        failure,
        quarantined: standingIn(surroundings, quarantined).map(({ variant, reason }) => ({ variant, reason })),
        serving: served && { version: served.version, variant: served.variant },
      };
    }),
    spool: { lifecycle: extentOf("lifecycle"), windows: extentOf("windows"), samples: extentOf("samples") },
  };
}
