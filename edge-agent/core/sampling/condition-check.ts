import type { SampleRequest } from "../../../proto/assignment-messages.ts";
import { limits } from "../../../proto/limits.ts";
import type { Manifest, StreamReference } from "../../../proto/manifest.ts";
import type { Finding, SampleCondition, SampleTest } from "../../../proto/sample-condition.ts";
import { parseSampleCondition } from "../../../proto/sample-condition.ts";
import type { StreamDetector } from "../stream-detector.ts";

/** What is known of an answered row: the values of its streams, and what the detectors say of them just now. */
export interface KnownRow {
  readonly values: readonly (number | undefined)[];
  readonly detectors: readonly (Pick<StreamDetector, "isFarOutside" | "isStuck"> | undefined)[];
}

export type ConditionCheck = (row: KnownRow) => boolean;

/** Whether a row is one of those that are asked for. Of a version that has not all of the streams and classes named, none is. */
export function conditionCheck(condition: SampleCondition, source: StreamsOfModel): ConditionCheck {
  const streams = knownStreams(source);
  const tests = parseSampleCondition(condition);
  const checks = tests.ok ? tests.value.map((test) => checkOf(test, streams)) : [never];
  return (row) => checks.every((check) => check(row));
}

/** The same for requests, with or without a condition. Each condition is read once: inferences come by the thousand. */
export function requestCheck(source: StreamsOfModel): (request: SampleRequest, row: KnownRow) => boolean {
  const checks = new Map<SampleCondition, ConditionCheck>();
  return ({ where }, row) => {
    if (where === undefined) return true;
    const known = checks.get(where) ?? conditionCheck(where, source);
    if (!checks.has(where) && checks.size === limits.sampleRequests) checks.clear();
    checks.set(where, known);
    return known(row);
  };
}

type StreamsOfModel = Pick<Manifest, "reference" | "features">;
/** Undefined: of a feature that this agent does not know, of which it cannot say that a value is missing. */
type KnownStreams = readonly (StreamReference | undefined)[];

function knownStreams({ reference, features }: StreamsOfModel): KnownStreams {
  return reference.streams.map((stream, i) => (features[i]?.kind === "unknown" ? undefined : stream));
}

const never: ConditionCheck = () => false;

function checkOf(test: SampleTest, streams: KnownStreams): ConditionCheck {
  switch (test.kind) {
    case "class": {
      const at = streams.findIndex((stream) => stream?.name === "output.class");
      const stream = streams[at];
      if (stream?.kind !== "categorical") return never;
      const wanted = new Set(test.labels.map((label) => stream.categories.indexOf(label)));
      return ({ values }) => wanted.has(values[at] ?? Number.NaN);
    }
    case "below":
      return onNumber(streams, test.stream, (value) => value < test.limit);
    case "above":
      return onNumber(streams, test.stream, (value) => value > test.limit);
    case "within":
      return onNumber(streams, test.stream, (value) => value >= test.low && value <= test.high);
    case "outside":
      return onNumber(streams, test.stream, (value) => value < test.low || value > test.high);
    case "found": {
      const { stream, finding } = test;
      const places = streams.flatMap((known, at) =>
        known?.kind === "numeric" && (stream === undefined ? known.name.startsWith("input.") : known.name === stream)
          ? [at]
          : [],
      );
      return (row) => places.some((at) => isFound(finding, row, at));
    }
  }
}

function onNumber(streams: KnownStreams, stream: string, passes: (value: number) => boolean): ConditionCheck {
  const at = streams.findIndex((known) => known?.kind === "numeric" && known.name === stream);
  return ({ values }) => {
    const value = values[at];
    return value !== undefined && Number.isFinite(value) && passes(value);
  };
}

/** The detectors speak of the last number: a row without one has nothing of theirs. */
function isFound(finding: Finding, { values, detectors }: KnownRow, at: number): boolean {
  const value = values[at];
  const isNumber = value !== undefined && Number.isFinite(value);
  switch (finding) {
    case "far-outside":
      return isNumber && detectors[at]?.isFarOutside === true;
    case "stuck":
      return isNumber && detectors[at]?.isStuck === true;
    case "not-finite":
      return value !== undefined && !isNumber;
    case "missing":
      return !isNumber;
  }
}
