import type { ModelName } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import type { TensorSpec } from "../../proto/manifest.ts";
import type { PrivacyRule } from "../../proto/assignment-messages.ts";
import type { SampleReason } from "../../proto/telemetry-messages.ts";

/** What a person decided about samples of a model; nothing is sampled until there are such settings. */
export interface SamplingSettings {
  readonly samplesPerDay: number;
  /** Of every device. */
  readonly bytesPerDay: number;
  readonly reasons: readonly SampleReason[];
  readonly rules: readonly PrivacyRule[];
}

export interface StoredSamplingSettings extends SamplingSettings {
  readonly model: ModelName;
  /** Stays while sampling is on, so that hashes can be compared. */
  readonly salt: string;
  readonly changedAtMs: number;
  readonly changedBy: string;
}

export type ModelTensors = readonly Pick<TensorSpec, "name" | "shape">[];

/** Everything that is wrong with settings for a model whose versions have these tensors; a mistyped name would silently drop an input. */
export function samplingProblems(settings: SamplingSettings, tensors: ModelTensors): readonly string[] {
  const { samplesPerDay, bytesPerDay, reasons, rules } = settings;
  const problems: string[] = [];
  if (!(samplesPerDay > 0 && samplesPerDay <= mostSamplesPerDay))
    problems.push(`samplesPerDay: ${samplesPerDay} is not above 0 and at most ${mostSamplesPerDay}`);
  if (!(bytesPerDay > 0 && bytesPerDay <= mostBytesPerDay))
    problems.push(`bytesPerDay: ${bytesPerDay} is not above 0 and at most ${mostBytesPerDay}`);
  if (reasons.length === 0) problems.push("reasons: name at least one");
  if (new Set(reasons).size < reasons.length) problems.push("reasons: one of them is named twice");
  if (rules.length > limits.privacyRules) problems.push(`rules: ${rules.length} are more than ${limits.privacyRules}`);
  const places = rules.map(placeOf);
  for (const [i, rule] of rules.entries()) {
    if (places.indexOf(placeOf(rule)) < i) problems.push(`rules[${i}]: there is another rule for ${placeOf(rule)}`);
    problems.push(...ruleProblems(rule, tensors).map((problem) => `rules[${i}]: ${problem}`));
  }
  if (rules.every(({ kind }) => kind === "drop"))
    problems.push('rules: nothing could leave a device; "*=keep" keeps every input and output as it is');
  return problems;
}

const mostSamplesPerDay = 100_000;
const mostBytesPerDay = 2 ** 30;

/** Example: "person[3]". */
export function placeOf({ tensor, column }: Pick<PrivacyRule, "tensor" | "column">): string {
  return column === undefined ? tensor : `${tensor}[${column}]`;
}

function ruleProblems(rule: PrivacyRule, tensors: ModelTensors): readonly string[] {
  const problems: string[] = [];
  const { tensor, column } = rule;
  const named = tensors.filter(({ name }) => name === tensor);
  const names = [...new Set(tensors.map(({ name }) => name))];
  if (tensor === "*" && column !== undefined) problems.push('"*" has no columns');
  if (tensor !== "*" && named.length === 0)
    problems.push(`no version has an input or output "${tensor}"; there are ${names.join(", ")}`);
  const widths = named.map(({ shape }) => shape.at(-1)).filter((width) => typeof width === "number");
  if (column !== undefined && widths.length > 0 && widths.every((width) => column >= width))
    problems.push(`"${tensor}" has ${Math.max(...widths)} columns, counted from 0`);
  if (rule.kind === "blur" && column !== undefined) problems.push("blur is for whole images, not for a column");
  if (rule.kind === "blur" && !(Number.isInteger(rule.radius) && rule.radius >= 1 && rule.radius <= 1_024))
    problems.push(`the radius ${rule.radius} is not a whole number from 1 to 1024`);
  if (rule.kind === "round" && !(rule.step > 0 && Number.isFinite(rule.step)))
    problems.push(`the step ${rule.step} is not a number above 0`);
  if (rule.kind === "bin") problems.push(...edgeProblems(rule.edges));
  return problems;
}

function edgeProblems(edges: readonly number[]): readonly string[] {
  if (edges.length === 0 || edges.length > limits.privacyEdges)
    return [`there are 1 to ${limits.privacyEdges} edges, not ${edges.length}`];
  const ascend = edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge > (edges[i - 1] as number)));
  return ascend ? [] : ["the edges must ascend"];
}
