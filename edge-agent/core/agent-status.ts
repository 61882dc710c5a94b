import type { TensorSpec } from "../../proto/manifest.ts";
import type { DeviceId, ModelName, ModelVersion } from "../../proto/ids.ts";
import type { UpdateFailure, UpdatePhase } from "../../proto/messages.ts";
import type { Lane } from "../../proto/telemetry-messages.ts";
import { settingKeys } from "../../proto/device-settings.ts";
import type { EffectiveSetting, EffectiveSettings, Pins } from "./effective-settings.ts";
import { settingsReportOf } from "./effective-settings.ts";
import { forEachLane } from "../../proto/telemetry-messages.ts";
import type { AgentState } from "./agent-state.ts";
import { withoutState } from "./model-state.ts";
import type { RunningFacts } from "./model-places.ts";
import type { Factory } from "./factory-port.ts";
import { factoryPackageOf, withFactoryModels } from "./factory.ts";
import type { Joining } from "./joining-proof.ts";
import type { LoadedPackage } from "./package-store.ts";
import type { Spool } from "./ports.ts";
import type { Surroundings } from "./quarantine.ts";
import { standingIn } from "./quarantine.ts";
import type { TrialHealth, TrialProgress } from "./soak-gate.ts";
import { trialProgress } from "./soak-gate.ts";

export interface ServedModel {
  readonly model: ModelName;
  readonly version: string;
  readonly variant: string;
  /** All that are loaded, the one that serves first: while a version is on trial, the one before it can still be asked. */
  readonly versions: readonly string[];
  /** Without the state of a model that keeps some: callers neither give nor get it. */
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** What a request answers depends on those before it in its sequence. */
  readonly keepsState: boolean;
  /** Whether requests that wait are computed together; undefined where the model does not allow it. */
  readonly joining: Joining | undefined;
}

/** What of `loaded` answers for the version, or at all: the first of them. */
export function servedModelOf(
  loaded: readonly LoadedPackage[],
  version: ModelVersion | undefined,
): ServedModel | undefined {
  const served = loaded.find(({ slot }) => version === undefined || slot.version === version);
  if (served === undefined) return undefined;
  const { manifest, slot } = served;
  const versions = [...new Set(loaded.map((one) => one.slot.version))];
  return {
    model: manifest.model,
    version: slot.version,
    variant: slot.variant,
    versions,
    ...withoutState(manifest),
    keepsState: manifest.state.length > 0,
    joining: served.joining,
  };
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
  /** Bytes that the processes of all models may take together, and what they took when they were looked at last. */
  readonly memory: { readonly budgetBytes: number; readonly usedBytes: number };
  /** Why the device saves energy: neither samples nor candidates in shadow; "" where it does not. */
  readonly saving: string;
  readonly models: readonly ModelStatus[];
  readonly settings: readonly SettingStatus[];
  /** Settings from the centre that cannot be applied here. */
  readonly refusedSettings: readonly { readonly name: string; readonly version: number; readonly reason: string }[];
  readonly spool: Readonly<Record<Lane, { readonly records: number; readonly bytes: number }>>;
}

export interface SettingStatus extends Omit<EffectiveSetting<unknown>, "value"> {
  readonly key: string;
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
  /** What came with the device: it serves where nothing else can. */
  readonly factory: string | undefined;
  /** Why its update waits for the maintenance window. */
  readonly held: string | undefined;
  /** Of its candidate that answers on trial. */
  readonly trial: TrialProgress | undefined;
  /** The version that answers requests now, also when it has to be started for one. */
  readonly serving: { readonly version: string; readonly variant: string } | undefined;
  readonly running: RunningFacts;
  /** Of what serves now. */
  readonly joining: Joining | undefined;
}

export interface StatusSources extends Omit<
  AgentStatus,
  "epoch" | "generation" | "memory" | "models" | "settings" | "refusedSettings" | "spool" | "uptimeMs"
> {
  /** On the clock that only goes up, as `bootedAt`. */
  readonly now: number;
  readonly bootedAt: number;
  readonly state: AgentState;
  readonly surroundings: Surroundings;
  readonly settings: EffectiveSettings;
  readonly pins: Pins;
  readonly spool: Spool;
  readonly memoryBudget: number;
  readonly running: (model: ModelName) => RunningFacts;
  readonly factory: Pick<Factory, "packages">;
  readonly describe: (model: ModelName) => ServedModel | undefined;
  readonly heldReason: (model: ModelName) => string | undefined;
  readonly trial: (model: ModelName) => TrialHealth | undefined;
}

export function agentStatusOf(sources: StatusSources): AgentStatus {
  const { state, surroundings, settings, pins, spool, memoryBudget, factory, now, bootedAt, ...others } = sources;
  const { describe, running, heldReason, trial, ...rest } = others;
  const progressOf = (model: ModelName) => {
    const soak = state.assignment?.models.find((one) => one.model === model)?.soak;
    const health = trial(model);
    return soak && health && trialProgress(soak, health, now);
  };
  const extentOf = (lane: Lane) => {
    const { first, next, bytes } = spool.extent(lane);
    return { records: next - first + spool.heldCount(lane), bytes };
  };
  return {
    ...rest,
    uptimeMs: now - bootedAt,
    epoch: state.assignment?.epoch ?? 0,
    generation: state.assignment?.generation ?? 0,
    memory: {
      budgetBytes: memoryBudget,
      usedBytes: withFactoryModels(state.models, factory).reduce(
        (sum, { model }) => sum + running(model).memoryBytes,
        0,
      ),
    },
    models: withFactoryModels(state.models, factory).map(
      ({ model, active, candidate, previous, failure, quarantined }) => {
        const served = describe(model);
        return {
          model,
          active: active?.version,
          candidate: candidate?.version,
          previous: previous?.version,
          phase: candidate?.stage.kind ?? "idle",
          failure,
          quarantined: standingIn(surroundings, quarantined).map(({ variant, reason }) => ({ variant, reason })),
          factory: factoryPackageOf(factory, model)?.version,
          held: heldReason(model),
          trial: candidate?.stage.kind === "trial" ? progressOf(model) : undefined,
          serving: served && { version: served.version, variant: served.variant },
          running: running(model),
          joining: served?.joining,
        };
      },
    ),
    settings: settingKeys.map((key) => {
      const { text, by, from, overruled } = settings[key];
      return { key, text, by, from, overruled };
    }),
    refusedSettings: settingsReportOf(state.assignment?.settings ?? [], state.settings ?? [], pins).flatMap(
      ({ name, refused }) => (refused === undefined ? [] : [{ name, ...refused }]),
    ),
    spool: forEachLane(extentOf),
  };
}
