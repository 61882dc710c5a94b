import type { ShadowPolicy } from "../../../proto/assignment-messages.ts";
import type { Problems } from "../../../proto/problems.ts";
import { hours } from "../../../proto/units.ts";
import { parseSelector } from "../selector-parser.ts";
import type { Gates } from "./gate.ts";
import type { StagedSpec, StageSpec } from "./rollout.ts";

/** What a person asks for of any rollout; all that is not said has a default. Times in milliseconds, shares 0 to 1, percentages 0 to 100. */
export interface StagedRequest {
  /** Default: all. */
  readonly selector?: string | undefined;
  readonly stages?: readonly StageRequest[] | undefined;
  /** Null switches a gate off; failed updates are always judged. */
  readonly gates?: { readonly [Gate in keyof Gates]?: number | null | undefined } | undefined;
  readonly onFailure?: string | undefined;
  readonly deviceTimeoutMs?: number | undefined;
}

export interface StageRequest {
  readonly percent: number;
  readonly name?: string | undefined;
  /** Only of the first stage. */
  readonly shadow?: ShadowPolicy | undefined;
  readonly soakMs?: number | undefined;
  readonly minInferences?: number | undefined;
  readonly evidenceTimeoutMs?: number | undefined;
}

/** What differs with what is rolled out. */
export interface StagedDefaults {
  readonly stage: Pick<StageSpec, "soakMs" | "minInferences" | "evidenceTimeoutMs">;
  /** Null: off. */
  readonly gates: { readonly [Gate in keyof Gates]-?: number | null } & { readonly maxFailedUpdates: number };
}

const defaultStages: readonly StageRequest[] = [
  { name: "canary", percent: 5 },
  { name: "early", percent: 25 },
  { name: "everyone", percent: 100 },
];
const defaultDeviceTimeoutMs = hours(1);
const maxStages = 20;
export const longest = hours(24 * 365);

/** Notes every mistake in the request; what it answers then must not be used. */
export function planStaged(request: StagedRequest, defaults: StagedDefaults, problems: Problems): StagedSpec {
  const selector = request.selector ?? "all";
  const parsed = parseSelector(selector);
  if (!parsed.ok) for (const mistake of parsed.problems) problems.add("selector", mistake);
  const onFailure = request.onFailure ?? "roll-back";
  if (onFailure !== "roll-back" && onFailure !== "pause")
    problems.add("onFailure", `"${onFailure}" is neither "roll-back" nor "pause"`);
  const deviceTimeoutMs = request.deviceTimeoutMs ?? defaultDeviceTimeoutMs;
  checkRange(problems, "deviceTimeoutMs", deviceTimeoutMs, 1, longest);
  const stages = planStages(request.stages ?? defaultStages, defaults.stage, problems);
  return {
    selector,
    stages,
    gates: planGates(request.gates ?? {}, defaults.gates, stages, problems),
    onFailure: onFailure === "pause" ? "pause" : "roll-back",
    deviceTimeoutMs,
  };
}

function planStages(
  requests: readonly StageRequest[],
  defaultStage: StagedDefaults["stage"],
  problems: Problems,
): readonly StageSpec[] {
  if (requests.length === 0 || requests.length > maxStages)
    problems.add("stages", `a rollout has 1 to ${maxStages} stages, not ${requests.length}`);
  const stages = requests.map((stage, i): StageSpec => ({
    ...defaultStage,
    ...said(stage),
    name: stage.name ?? nameOf(stage, requests.findIndex(({ shadow }) => shadow === undefined) === i),
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
    if (stage.shadow !== undefined) checkShadow(problems, path, stage.shadow, i, requests.length);
    const goesOn = stages[i - 1]?.shadow !== undefined;
    if (i > 0 && (goesOn ? stage.percent < before : stage.percent <= before))
      problems.add(
        `${path}.percent`,
        `${stage.percent} is ${goesOn ? "less" : "not more"} than the ${before} of the stage before; percentages are cumulative`,
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

function checkShadow(problems: Problems, path: string, { share }: ShadowPolicy, index: number, stages: number): void {
  if (index > 0) problems.add(`${path}.shadow`, "only the first stage can be in shadow: later devices serve at once");
  if (index === stages - 1) problems.add(`${path}.shadow`, "the last stage cannot be in shadow: nothing would answer");
  if (!(share > 0 && share <= 1)) problems.add(`${path}.shadow.share`, `${share} is not above 0 and at most 1`);
}

function nameOf(stage: StageRequest, isFirstToServe: boolean): string {
  if (stage.shadow !== undefined) return "shadow";
  if (isFirstToServe && stage.percent < 100) return "canary";
  return stage.percent === 100 ? "everyone" : `${stage.percent} %`;
}

function planGates(
  request: NonNullable<StagedRequest["gates"]>,
  defaultGates: StagedDefaults["gates"],
  stages: readonly StageSpec[],
  problems: Problems,
): Gates {
  const chosen = { ...defaultGates, ...said(request) };
  const hasShadow = stages.some(({ shadow }) => shadow !== undefined);
  if (!hasShadow && typeof request.maxDisagreement === "number")
    problems.add("gates.maxDisagreement", "judges a stage in shadow, and this rollout has none");
  if (chosen.maxFailedUpdates === null) problems.add("gates.maxFailedUpdates", "cannot be switched off");
  const most = {
    maxFailedUpdates: 1,
    maxErrorRate: 1,
    maxLatencyRatio: 1_000,
    maxOutputDrift: 1_000,
    maxWrongAnswers: 1,
    maxDisagreement: 1,
  };
  for (const [name, max] of Object.entries(most)) {
    const value = chosen[name as keyof Gates];
    if (value !== null) checkRange(problems, `gates.${name}`, value, 0, max);
  }
  return {
    maxFailedUpdates: chosen.maxFailedUpdates ?? defaultGates.maxFailedUpdates,
    maxErrorRate: chosen.maxErrorRate ?? undefined,
    maxLatencyRatio: chosen.maxLatencyRatio ?? undefined,
    maxOutputDrift: chosen.maxOutputDrift ?? undefined,
    maxWrongAnswers: chosen.maxWrongAnswers ?? undefined,
    maxDisagreement: hasShadow ? (chosen.maxDisagreement ?? undefined) : undefined,
  };
}

/** Without the fields that are undefined: they would hide a default. */
export function said<T extends object>(request: T): { [Field in keyof T]: Exclude<T[Field], undefined> } {
  return Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined)) as never;
}

export function checkRange(problems: Problems, path: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max)) problems.add(path, `${value} is not a number from ${min} to ${max}`);
}

export function checkCount(problems: Problems, path: string, value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > 0xffff_ffff) problems.add(path, `${value} is not a count`);
}
