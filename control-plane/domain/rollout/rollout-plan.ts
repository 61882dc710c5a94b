import { isModelName, isModelVersion } from "../../../proto/ids.ts";
import type { Decoded } from "../../../proto/problems.ts";
import { decoded, Problems, undecodable } from "../../../proto/problems.ts";
import { hours, minutes } from "../../../proto/units.ts";
import type { SoakPolicy } from "../../../proto/messages.ts";
import type { ModelVersionRecord } from "../model-version.ts";
import { parseSelector } from "../selector-parser.ts";
import type { Gates } from "./gate.ts";
import type { RolloutSpec, StageSpec } from "./rollout.ts";

/** What a person asks for; all that is not said has a default. Times in milliseconds, shares 0 to 1, percentages 0 to 100. */
export interface RolloutRequest {
  readonly model: string;
  readonly version: string;
  /** Default: all. */
  readonly selector?: string | undefined;
  readonly stages?: readonly StageRequest[] | undefined;
  /** Null switches a gate off; failed updates are always judged. */
  readonly gates?: { readonly [Gate in keyof Gates]?: number | null | undefined } | undefined;
  readonly onFailure?: string | undefined;
  readonly deviceTimeoutMs?: number | undefined;
  readonly soak?: { readonly [Field in keyof SoakPolicy]?: number | undefined } | undefined;
}

export interface StageRequest {
  readonly percent: number;
  readonly name?: string | undefined;
  readonly soakMs?: number | undefined;
  readonly minInferences?: number | undefined;
  readonly evidenceTimeoutMs?: number | undefined;
}

const defaultStages: readonly StageRequest[] = [
  { name: "canary", percent: 5 },
  { name: "early", percent: 25 },
  { name: "everyone", percent: 100 },
];
const defaultStage = { soakMs: minutes(10), minInferences: 200, evidenceTimeoutMs: hours(2) };
const defaultGates: Gates = {
  maxFailedUpdates: 0.05,
  maxErrorRate: 0.02,
  maxLatencyRatio: 1.5,
  maxOutputDrift: 0.25,
  maxWrongAnswers: undefined,
};
const defaultDeviceTimeoutMs = hours(1);
const defaultSoak: SoakPolicy = {
  durationMs: minutes(1),
  minInferences: 20,
  deadlineMs: minutes(10),
  maxErrorShare: 0.05,
};
const maxStages = 20;
const longest = hours(24 * 365);

/** The whole specification, or every mistake in the request. `record` is the version that the request names, if it is there. */
export function planRollout(request: RolloutRequest, record: ModelVersionRecord | undefined): Decoded<RolloutSpec> {
  const problems = new Problems();
  const selector = request.selector ?? "all";
  const parsed = parseSelector(selector);
  if (!parsed.ok) for (const mistake of parsed.problems) problems.add("selector", mistake);
  const onFailure = request.onFailure ?? "roll-back";
  if (onFailure !== "roll-back" && onFailure !== "pause")
    problems.add("onFailure", `"${onFailure}" is neither "roll-back" nor "pause"`);
  const stages = planStages(request.stages ?? defaultStages, problems);
  const gates = planGates(request.gates ?? {}, problems);
  const soak = planSoak(request.soak ?? {}, problems);
  const deviceTimeoutMs = request.deviceTimeoutMs ?? defaultDeviceTimeoutMs;
  checkRange(problems, "deviceTimeoutMs", deviceTimeoutMs, 1, longest);
  if (deviceTimeoutMs <= soak.durationMs)
    problems.add("deviceTimeoutMs", `must be longer than the soak on the device, ${soak.durationMs}`);
  if (!isModelName(request.model)) problems.add("model", `"${request.model}" is not a model name`);
  if (!isModelVersion(request.version)) problems.add("version", `"${request.version}" is not a model version`);
  else if (record === undefined)
    problems.add("version", `${request.model} has no version ${request.version}; push it with "sedge model push"`);
  if (problems.any || record === undefined) return undecodable(problems.list);
  return decoded({
    model: record.model,
    version: record.version,
    package: record.package,
    packageSize: record.packageSize,
    selector,
    stages,
    gates,
    onFailure: onFailure === "pause" ? "pause" : "roll-back",
    deviceTimeoutMs,
    soak,
  });
}

function planStages(requests: readonly StageRequest[], problems: Problems): readonly StageSpec[] {
  if (requests.length === 0 || requests.length > maxStages)
    problems.add("stages", `a rollout has 1 to ${maxStages} stages, not ${requests.length}`);
  const stages = requests.map((stage, i): StageSpec => ({
    ...defaultStage,
    ...said(stage),
    name: stage.name ?? nameOf(stage, i),
  }));
  const names = new Set<string>();
  for (const [i, stage] of stages.entries()) {
    const path = `stages[${i}]`;
    if (stage.name === "" || stage.name.length > 64) problems.add(`${path}.name`, "must have 1 to 64 characters");
    if (names.has(stage.name)) problems.add(`${path}.name`, `"${stage.name}" names another stage already`);
    names.add(stage.name);
    if (!(stage.percent > 0 && stage.percent <= 100))
      problems.add(`${path}.percent`, `${stage.percent} is not above 0 and at most 100`);
    const before = stages[i - 1]?.percent ?? 0;
    if (i > 0 && stage.percent <= before)
      problems.add(
        `${path}.percent`,
        `${stage.percent} is not more than the ${before} of the stage before; percentages are cumulative`,
      );
    checkRange(problems, `${path}.soakMs`, stage.soakMs, 0, longest);
    checkCount(problems, `${path}.minInferences`, stage.minInferences);
    checkRange(problems, `${path}.evidenceTimeoutMs`, stage.evidenceTimeoutMs, 1, longest);
  }
  const last = stages.at(-1);
  if (last !== undefined && last.percent !== 100)
    problems.add(`stages[${stages.length - 1}].percent`, `the last stage must have 100, not ${last.percent}`);
  return stages;
}

function nameOf(stage: StageRequest, index: number): string {
  if (index === 0 && stage.percent < 100) return "canary";
  return stage.percent === 100 ? "everyone" : `${stage.percent} %`;
}

function planGates(request: NonNullable<RolloutRequest["gates"]>, problems: Problems): Gates {
  const chosen = { ...defaultGates, ...said(request) };
  if (chosen.maxFailedUpdates === null) problems.add("gates.maxFailedUpdates", "cannot be switched off");
  const most = {
    maxFailedUpdates: 1,
    maxErrorRate: 1,
    maxLatencyRatio: 1_000,
    maxOutputDrift: 1_000,
    maxWrongAnswers: 1,
  };
  for (const [name, max] of Object.entries(most)) {
    const value = chosen[name as keyof Gates];
    if (value !== null && value !== undefined) checkRange(problems, `gates.${name}`, value, 0, max);
  }
  return {
    maxFailedUpdates: chosen.maxFailedUpdates ?? defaultGates.maxFailedUpdates,
    maxErrorRate: chosen.maxErrorRate ?? undefined,
    maxLatencyRatio: chosen.maxLatencyRatio ?? undefined,
    maxOutputDrift: chosen.maxOutputDrift ?? undefined,
    maxWrongAnswers: chosen.maxWrongAnswers ?? undefined,
  };
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

/** Without the fields that are undefined: they would hide a default. */
function said<T extends object>(request: T): { [Field in keyof T]: Exclude<T[Field], undefined> } {
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined)) as never;
}

function checkRange(problems: Problems, path: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) problems.add(path, `${value} is not a number from ${min} to ${max}`);
}

function checkCount(problems: Problems, path: string, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) problems.add(path, `${value} is not a count`);
}
