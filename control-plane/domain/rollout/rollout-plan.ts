import { isModelName, isModelVersion } from "../../../proto/ids.ts";
import type { SoakPolicy } from "../../../proto/assignment-messages.ts";
import type { Decoded } from "../../../proto/problems.ts";
import { decoded, Problems, undecodable } from "../../../proto/problems.ts";
import { hours, minutes } from "../../../proto/units.ts";
import type { ModelVersionRecord } from "../model-version.ts";
import type { ModelRolloutSpec } from "./rollout.ts";
import type { StagedDefaults, StagedRequest } from "./staged-plan.ts";
import { checkCount, checkRange, longest, planStaged, said } from "./staged-plan.ts";

/** What a person asks for of a model version's rollout. */
export interface RolloutRequest extends StagedRequest {
  readonly model: string;
  readonly version: string;
  readonly soak?: { readonly [Field in keyof SoakPolicy]?: number | undefined } | undefined;
}

/**
 * Two versions that are each right on 95 % of the inputs differ on at most 10 % of them, however different they are: on a row where
 * they differ, one is wrong. Where they differ on more, one of them is wrong more often than that; so from there a person should look.
 */
const maxDisagreement = 0.1;

const defaults: StagedDefaults = {
  stage: { soakMs: minutes(10), minInferences: 200, evidenceTimeoutMs: hours(2) },
  gates: {
    maxFailedUpdates: 0.05,
    maxErrorRate: 0.02,
    maxLatencyRatio: 1.5,
    maxOutputDrift: 0.25,
    maxWrongAnswers: null,
    maxDisagreement,
  },
};
const defaultSoak: SoakPolicy = {
  durationMs: minutes(1),
  minInferences: 20,
  deadlineMs: minutes(10),
  maxErrorShare: 0.05,
};

/** The whole specification, or every mistake in the request. `record` is the version that the request names, if it is there. */
export function planRollout(
  request: RolloutRequest,
  record: ModelVersionRecord | undefined,
): Decoded<ModelRolloutSpec> {
  const problems = new Problems();
  const staged = planStaged(request, defaults, problems);
  const soak = planSoak(request.soak ?? {}, problems);
  if (staged.deviceTimeoutMs <= soak.durationMs)
    problems.add("deviceTimeoutMs", `must be longer than the soak on the device, ${soak.durationMs}`);
  if (!isModelName(request.model)) problems.add("model", `"${request.model}" is not a model name`);
  if (!isModelVersion(request.version)) problems.add("version", `"${request.version}" is not a model version`);
  else if (record === undefined)
    problems.add("version", `${request.model} has no version ${request.version}; push it with "sedge model push"`);
  if (problems.any || record === undefined) return undecodable(problems.list);
  const { model, version, package: digest, packageSize } = record;
  return decoded({ kind: "model", model, version, package: digest, packageSize, ...staged, soak });
}

function planSoak(request: NonNullable<RolloutRequest["soak"]>, problems: Problems): SoakPolicy {
  const durationMs = request.durationMs ?? defaultSoak.durationMs;
  const soak = {
    ...defaultSoak,
    ...said(request),
    durationMs,
    deadlineMs: request.deadlineMs ?? Math.max(defaultSoak.deadlineMs, durationMs),
  };
  checkRange(problems, "soak.durationMs", soak.durationMs, 0, longest);
  checkRange(problems, "soak.deadlineMs", soak.deadlineMs, soak.durationMs, longest);
  checkCount(problems, "soak.minInferences", soak.minInferences);
  checkRange(problems, "soak.maxErrorShare", soak.maxErrorShare, 0, 1);
  return soak;
}
