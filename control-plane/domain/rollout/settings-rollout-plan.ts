import type { SettingsName } from "../../../proto/ids.ts";
import type { Problems } from "../../../proto/problems.ts";
import { minutes } from "../../../proto/units.ts";
import type { SettingsRolloutSpec } from "./rollout.ts";
import type { StagedDefaults, StagedRequest } from "./staged-plan.ts";
import { planStaged } from "./staged-plan.ts";

/**
 * Settings touch no model, so no inference has to prove them: a stage soaks for a minute after its last device has reported that it
 * holds them. The gate of errors fails only when its devices do certainly worse than they did before, whatever their share of errors is.
 */
const defaults: StagedDefaults = {
  stage: { soakMs: minutes(1), minInferences: 0, evidenceTimeoutMs: minutes(30) },
  gates: {
    maxFailedUpdates: 0.05,
    maxErrorRate: 1,
    maxLatencyRatio: null,
    maxOutputDrift: null,
    maxWrongAnswers: null,
    maxDisagreement: null,
  },
};

export function planSettingsRollout(
  settings: SettingsName,
  version: number,
  removes: boolean,
  request: Omit<StagedRequest, "gates">,
  problems: Problems,
): SettingsRolloutSpec {
  if (request.stages?.some(({ shadow }) => shadow !== undefined) === true)
    problems.add("stages", "settings have no shadow: a device has one version of them or another");
  return { kind: "settings", settings, version, removes, ...planStaged(request, defaults, problems) };
}
