import type { StageRequest } from "../domain/rollout/staged-plan.ts";
import type { RolloutRequest } from "../http/services.ts";
import { readDuration } from "./duration.ts";
import { CommandError, exitCodes, usageError } from "./exit-codes.ts";
import { parseKeyValue } from "./key-value.ts";
import { parseModelReference } from "./model-reference.ts";

/** `sedge rollout start`, as commander hands it over: text, so that all mistakes are found together here. */
export interface RolloutOptions {
  readonly id?: string;
  readonly to?: string;
  readonly stages?: string;
  readonly shadow?: string;
  readonly soak?: string;
  readonly minInferences?: string;
  readonly evidenceTimeout?: string;
  readonly deviceSoak?: string;
  readonly deviceTimeout?: string;
  readonly gate?: readonly string[];
  readonly onFailure?: "pause" | "roll-back";
}

const gates = {
  "max-failed-updates": "maxFailedUpdates",
  "max-error-rate": "maxErrorRate",
  "max-latency-ratio": "maxLatencyRatio",
  "max-output-drift": "maxOutputDrift",
  "max-wrong-answers": "maxWrongAnswers",
  "max-disagreement": "maxDisagreement",
} as const;

/** The stages of a rollout for which a shadow, a soak or an amount of evidence was asked, but no stages. */
const usualPercents = "5,25,100";

/** What the options say, and nothing else: what is left out is the control plane's to fill in. Throws with every mistake. */
export function rolloutRequest(reference: string, options: RolloutOptions): RolloutRequest {
  const problems: string[] = [];
  const read = <T>(name: string, text: string | undefined, parse: (text: string) => T): T | undefined => {
    if (text === undefined) return undefined;
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof CommandError && error.exitCode === exitCodes.usage)) throw error;
      problems.push(`${name}: ${error.message}`);
      return undefined;
    }
  };
  const target = read("model", reference, parseModelReference);
  const perStage = {
    soakMs: read("--soak", options.soak, readDuration),
    minInferences: read("--min-inferences", options.minInferences, parseCount),
    evidenceTimeoutMs: read("--evidence-timeout", options.evidenceTimeout, readDuration),
  };
  const asked = withoutUndefined(perStage);
  const share = read("--shadow", options.shadow, parseShare);
  const isUsual = options.shadow === undefined && Object.keys(asked).length === 0;
  const percents = read("--stages", options.stages ?? (isUsual ? undefined : usualPercents), parsePercents);
  const serving = percents?.map((percent): StageRequest => ({ percent, ...asked }));
  const inShadow =
    share === undefined ? [] : (serving ?? []).slice(0, 1).map((first) => ({ ...first, shadow: { share } }));
  const stages = serving && [...inShadow, ...serving];
  const gateLimits = (options.gate ?? [])
    .map((text) => read("--gate", text, parseGate))
    .filter((gate) => gate !== undefined);
  const deviceSoakMs = read("--device-soak", options.deviceSoak, readDuration);
  const deviceTimeoutMs = read("--device-timeout", options.deviceTimeout, readDuration);
  if (problems.length > 0 || target === undefined)
    throw usageError("the rollout cannot be started as it is written", problems);
  return {
    ...target,
    ...withoutUndefined({
      id: options.id,
      selector: options.to,
      stages,
      gates: gateLimits.length === 0 ? undefined : Object.fromEntries(gateLimits),
      onFailure: options.onFailure,
      deviceTimeoutMs,
      soak: deviceSoakMs === undefined ? undefined : { durationMs: deviceSoakMs },
    }),
  };
}

/** "5,25,100" or "5%,25%,100%". */
export function parsePercents(text: string): readonly number[] {
  const percents = text.split(",").map((part) => /^\s*(\d{1,3}(?:\.\d{1,3})?)\s*%?\s*$/.exec(part)?.[1]);
  if (percents.some((percent) => percent === undefined))
    throw usageError(`"${text}" is not a list of percentages: write 5,25,100`);
  return percents.map(Number);
}

/** "10%" or "10": of a hundred. */
function parseShare(text: string): number {
  const percent = /^(\d{1,3}(?:\.\d{1,3})?) ?%?$/.exec(text)?.[1];
  if (percent === undefined) throw usageError(`"${text}" is not a percentage: write 10%`);
  return Number(percent) / 100;
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw usageError(`"${text}" is not a whole number`);
  return Number(text);
}

/** `max-error-rate=0.02`, or `max-error-rate=off`. */
function parseGate(text: string): readonly [string, number | null] {
  const [name, limit] = parseKeyValue(text);
  if (!Object.hasOwn(gates, name))
    throw usageError(`there is no gate "${name}"; there are ${Object.keys(gates).join(", ")}`);
  if (limit !== "off" && !/^\d{1,9}(?:\.\d{1,9})?$/.test(limit))
    throw usageError(`"${limit}" is not a limit; write ${name}=0.2 or ${name}=off`);
  return [gates[name as keyof typeof gates], limit === "off" ? null : Number(limit)];
}

export function withoutUndefined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
