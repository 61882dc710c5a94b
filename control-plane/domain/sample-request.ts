import type { ModelName, SampleRequestId } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import type { StreamReference } from "../../proto/manifest.ts";
import type { SampleCondition, SampleTest } from "../../proto/sample-condition.ts";
import { parseSampleCondition } from "../../proto/sample-condition.ts";
import { hours, minutes } from "../../proto/units.ts";
import { parseSelector } from "./selector-parser.ts";
import { matches } from "./selector.ts";
import type { SelectableDevice } from "./selector.ts";

/**
 * A person wants the next inferences of a model: `count` of each device at most and, where a total is said, so many of all devices
 * together, whoever comes first. It ends on each device with its count, and everywhere with the total, with its time, or when somebody
 * cancels it. What is still on its way then is not kept, except for what was taken in time: a device that was away brings that later.
 */
export interface StoredSampleRequest {
  readonly id: SampleRequestId;
  readonly model: ModelName;
  /** Of which devices; see selector.ts. */
  readonly selector: string;
  /** Of each device. */
  readonly count: number;
  /** Of all devices; undefined: as many as they have. */
  readonly total: number | undefined;
  /** Only inferences for which this holds. */
  readonly where: SampleCondition | undefined;
  readonly untilMs: number;
  readonly askedAtMs: number;
  readonly askedBy: string;
  /** Before its time: by a person who cancelled it, or (undefined) because the total was there. */
  readonly ended: { readonly atMs: number; readonly by: string | undefined } | undefined;
}

export interface SampleRequestProgress extends StoredSampleRequest {
  /** Samples that came for it, and how many devices sent them. */
  readonly came: number;
  readonly devices: number;
}

/** What a person asks for. */
export interface AskedSamples {
  readonly selector: string;
  readonly count: number;
  readonly total?: number | undefined;
  readonly where?: string | undefined;
  readonly forMs: number;
}

const longestMs = hours(24 * 7);
const largestTotal = 1_000_000;

/**
 * Everything that is wrong with what was asked for. `streams`: those of all versions of the model; a name that none of them has would
 * silently ask for nothing. `openNow`: requests of the whole fleet that have not ended.
 */
export function sampleRequestProblems(
  { selector, count, total, where, forMs }: AskedSamples,
  streams: readonly StreamReference[],
  openNow: number,
): readonly string[] {
  const problems: string[] = [];
  const parsed = parseSelector(selector);
  if (!parsed.ok) problems.push(...parsed.problems.map((problem) => `selector: ${problem}`));
  if (!(Number.isInteger(count) && count >= 1 && count <= limits.requestedSamples))
    problems.push(`count: ${count} is not a whole number from 1 to ${limits.requestedSamples}`);
  if (total !== undefined && !(Number.isInteger(total) && total >= 1 && total <= largestTotal))
    problems.push(`total: ${total} is not a whole number from 1 to ${largestTotal}`);
  if (where !== undefined) problems.push(...conditionProblems(where, streams).map((problem) => `where: ${problem}`));
  if (!(forMs >= minutes(1) && forMs <= longestMs)) problems.push("for: is not a time from a minute to seven days");
  if (openNow >= limits.sampleRequests)
    problems.push(
      `${openNow} requests are open already, which is as many as a device follows: wait until one ends, or cancel one`,
    );
  return problems;
}

function conditionProblems(where: string, streams: readonly StreamReference[]): readonly string[] {
  const read = parseSampleCondition(where);
  if (!read.ok) return read.problems;
  return [...new Set(read.value.flatMap((test) => unknownIn(test, streams)))];
}

function unknownIn(test: SampleTest, streams: readonly StreamReference[]): readonly string[] {
  if (test.kind === "class") {
    const classes = streams.flatMap((stream) =>
      stream.kind === "categorical" && stream.name === "output.class" ? stream.categories : [],
    );
    if (classes.length === 0) return ["no version of the model gives classes"];
    return test.labels
      .filter((label) => !classes.includes(label))
      .map((label) => `no version has a class "${label}"; there are ${[...new Set(classes)].join(", ")}`);
  }
  const names = new Set(streams.filter(({ kind }) => kind === "numeric").map(({ name }) => name));
  return test.stream === undefined || names.has(test.stream)
    ? []
    : [`no version has a stream ${test.stream}; there are ${[...names].join(", ")}`];
}

export function isAsked({ selector }: StoredSampleRequest, device: SelectableDevice): boolean {
  const parsed = parseSelector(selector);
  return parsed.ok && matches(parsed.value, device);
}

/** What becomes of a sample that came for a request: `came` counts those before it, of this device and of all. */
export function takeForRequest(
  { count, total, ended }: Pick<StoredSampleRequest, "count" | "total" | "ended">,
  came: { readonly ofDevice: number; readonly ofAll: number },
): "kept" | "last" | "not kept" {
  if (ended !== undefined || came.ofDevice >= count || (total !== undefined && came.ofAll >= total)) return "not kept";
  return total !== undefined && came.ofAll + 1 === total ? "last" : "kept";
}

/** Example: `the next 2 of digits where confidence < 0.6 of each device that is site=lyon, 50 in all`. */
export function describeRequest({
  model,
  count,
  total,
  where,
  selector,
}: Pick<StoredSampleRequest, "model" | "count" | "total" | "where" | "selector">): string {
  const condition = where === undefined ? "" : ` where ${where}`;
  return `the next ${count} of ${model}${condition} of each device that is ${selector}${total === undefined ? "" : `, ${total} in all`}`;
}
