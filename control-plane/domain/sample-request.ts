import type { ModelName, SampleRequestId } from "../../proto/ids.ts";
import { limits } from "../../proto/limits.ts";
import { hours, minutes } from "../../proto/units.ts";
import { parseSelector } from "./selector-parser.ts";
import { matches } from "./selector.ts";
import type { SelectableDevice } from "./selector.ts";

/** A person wants the next inferences of a model. It ends on each device when it has sent `count`, and everywhere with its time. */
export interface StoredSampleRequest {
  readonly id: SampleRequestId;
  readonly model: ModelName;
  /** Of which devices; see selector.ts. */
  readonly selector: string;
  /** Of each device. */
  readonly count: number;
  readonly untilMs: number;
  readonly askedAtMs: number;
  readonly askedBy: string;
}

const longestMs = hours(24 * 7);

/** Everything that is wrong with what was asked for. `openNow`: requests of the whole fleet that have not ended. */
export function sampleRequestProblems(
  asked: { readonly selector: string; readonly count: number; readonly forMs: number },
  openNow: number,
): readonly string[] {
  const { selector, count, forMs } = asked;
  const problems: string[] = [];
  const parsed = parseSelector(selector);
  if (!parsed.ok) problems.push(...parsed.problems.map((problem) => `selector: ${problem}`));
  if (!(Number.isInteger(count) && count >= 1 && count <= limits.requestedSamples))
    problems.push(`count: ${count} is not a whole number from 1 to ${limits.requestedSamples}`);
  if (!(forMs >= minutes(1) && forMs <= longestMs)) problems.push("for: is not a time from a minute to seven days");
  if (openNow >= limits.sampleRequests)
    problems.push(`${openNow} requests are open already, which is as many as a device follows: wait until one ends`);
  return problems;
}

export function isAsked({ selector }: StoredSampleRequest, device: SelectableDevice): boolean {
  const parsed = parseSelector(selector);
  return parsed.ok && matches(parsed.value, device);
}
