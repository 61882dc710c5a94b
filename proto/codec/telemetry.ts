import { bytesOfDigest } from "../bytes.ts";
import { onlyDetected } from "../detected-counts.ts";
import type { sedge } from "../generated/sedge.js";
import { limits } from "../limits.ts";
import type { Ack } from "../messages.ts";
import type {
  FeedbackCounts,
  LifecycleEvent,
  StreamCounts,
  TelemetryBatch,
  TelemetryRecord,
  Tombstone,
  Window,
} from "../telemetry-messages.ts";
import { lanes } from "../telemetry-messages.ts";
import type { Problems } from "../problems.ts";
import { narrowAgreement, rawAgreement } from "./agreement.ts";
import { narrowHealth, rawHealth } from "./health.ts";
import { narrowLogLine, rawLogLine } from "./log-line.ts";
import { narrowSample, rawSample } from "./sample.ts";
import { total } from "../sketch/histogram.ts";
import { latencyEdges } from "../sketch/latency.ts";
import {
  digestField,
  modelField,
  nameOfNumber,
  numberOfName,
  quantityField,
  textField,
  versionField,
} from "./narrow.ts";
import { dense, denseOf, sparse } from "./sparse-counts.ts";

const latencyBins = latencyEdges.length + 1;

export function rawBatch(batch: TelemetryBatch): sedge.v1.TelemetryBatch.$Properties {
  return {
    lane: numberOfName(lanes, batch.lane),
    epoch: batch.epoch,
    records: batch.records.map(rawRecord),
    ...(batch.startsAtOldest && { starts_at_oldest: true }),
  };
}

export function narrowBatch(raw: sedge.v1.TelemetryBatch.$Properties, problems: Problems): TelemetryBatch {
  const records = raw.records ?? [];
  if (records.length === 0 || records.length > limits.recordsPerBatch)
    problems.add("telemetry.records", `a batch has 1 to ${limits.recordsPerBatch} records, not ${records.length}`);
  const narrowed = records
    .slice(0, limits.recordsPerBatch)
    .map((record, i) => narrowRecord(record, `telemetry.records[${i}]`, problems));
  checkSequence(narrowed, problems);
  return {
    kind: "telemetry",
    lane: nameOfNumber(problems, "telemetry.lane", lanes, raw.lane),
    epoch: textField(problems, "telemetry.epoch", raw.epoch, 64),
    records: narrowed,
    ...(raw.starts_at_oldest && { startsAtOldest: true }),
  };
}

/** First sequence number that a record accounts for. */
export function firstSeqOf(record: TelemetryRecord): number {
  return record.body.kind === "tombstone" ? record.body.from : record.seq;
}

function checkSequence(records: readonly TelemetryRecord[], problems: Problems): void {
  let expected: number | undefined;
  for (const [i, record] of records.entries()) {
    const first = firstSeqOf(record);
    if (first < 1 || first > record.seq) problems.add(`telemetry.records[${i}]`, `covers ${first} to ${record.seq}`);
    else if (expected !== undefined && first !== expected)
      problems.add(`telemetry.records[${i}]`, `starts at ${first} where ${expected} follows`);
    expected = record.seq + 1;
  }
}

function rawRecord(record: TelemetryRecord): sedge.v1.TelemetryRecord.$Properties {
  const head = { seq: record.seq, time_ms: record.timeMs };
  switch (record.body.kind) {
    case "window":
      return { ...head, window: rawWindow(record.body) };
    case "event":
      return { ...head, event: rawEvent(record.body) };
    case "tombstone":
      return { ...head, tombstone: rawTombstone(record.body) };
    case "sample":
      return { ...head, sample: rawSample(record.body) };
    case "health":
      return { ...head, health: rawHealth(record.body) };
    case "log":
      return { ...head, log: rawLogLine(record.body) };
  }
}

function narrowRecord(raw: sedge.v1.TelemetryRecord.$Properties, path: string, problems: Problems): TelemetryRecord {
  return {
    seq: raw.seq ?? 0,
    timeMs: quantityField(problems, `${path}.time_ms`, raw.time_ms),
    body: narrowBody(raw, path, problems),
  };
}

function narrowBody(
  raw: sedge.v1.TelemetryRecord.$Properties,
  path: string,
  problems: Problems,
): TelemetryRecord["body"] {
  if (raw.window != null) return narrowWindow(raw.window, `${path}.window`, problems);
  if (raw.event != null) return narrowEvent(raw.event, `${path}.event`, problems);
  if (raw.sample != null) return narrowSample(raw.sample, `${path}.sample`, problems);
  if (raw.health != null) return narrowHealth(raw.health, `${path}.health`, problems);
  if (raw.log != null) return narrowLogLine(raw.log, `${path}.log`, problems);
  if (raw.tombstone == null) problems.add(path, "has neither window, event, sample, health, log nor tombstone");
  return {
    kind: "tombstone",
    from: raw.tombstone?.from ?? 0,
    count: raw.tombstone?.count ?? 0,
    bytes: quantityField(problems, `${path}.tombstone.bytes`, raw.tombstone?.bytes),
    reason: textField(problems, `${path}.tombstone.reason`, raw.tombstone?.reason),
  };
}

function rawTombstone(tombstone: Tombstone): sedge.v1.Tombstone.$Properties {
  return { from: tombstone.from, count: tombstone.count, bytes: tombstone.bytes, reason: tombstone.reason };
}

function rawEvent(event: LifecycleEvent): sedge.v1.LifecycleEvent.$Properties {
  return {
    name: event.name,
    ...(event.model !== undefined && { model: event.model }),
    ...(event.version !== undefined && { version: event.version }),
    ...(event.package !== undefined && { package: bytesOfDigest(event.package) }),
    reason: event.reason.slice(0, limits.reasonCharacters),
  };
}

function narrowEvent(raw: sedge.v1.LifecycleEvent.$Properties, path: string, problems: Problems): LifecycleEvent {
  return {
    kind: "event",
    name: textField(problems, `${path}.name`, raw.name, 64),
    model: raw.model ? modelField(problems, `${path}.model`, raw.model) : undefined,
    version: raw.version ? versionField(problems, `${path}.version`, raw.version) : undefined,
    package: raw.package?.length ? digestField(problems, `${path}.package`, raw.package) : undefined,
    reason: textField(problems, `${path}.reason`, raw.reason),
  };
}

function rawWindow(window: Window): sedge.v1.Window.$Properties {
  return {
    model: window.model,
    version: window.version,
    package: bytesOfDigest(window.package),
    variant: window.variant,
    started_at_ms: window.startedAtMs,
    ended_at_ms: window.endedAtMs,
    inferences: window.inferences,
    errors: window.errors.map((error) => ({ class: error.class, count: error.count })),
    latency: sparse(window.latency),
    streams: window.streams.map(rawStream),
    trial: window.trial,
    ...(window.feedback !== undefined && { feedback: rawFeedback(window.feedback) }),
    ...(window.shadow !== undefined && { shadow: rawAgreement(window.shadow) }),
  };
}

function rawStream({
  stream,
  histogram,
  farOutside,
  stuck,
  notFinite,
}: StreamCounts): sedge.v1.StreamCounts.$Properties {
  return {
    stream,
    counts: sparse(histogram.counts),
    missing: histogram.missing,
    ...(farOutside && { far_outside: farOutside }),
    ...(stuck && { stuck }),
    ...(notFinite && { not_finite: notFinite }),
  };
}

function rawFeedback({ right, wrong, values, absoluteError }: FeedbackCounts): sedge.v1.Feedback.$Properties {
  return { right, wrong, values, absolute_error: absoluteError };
}

function narrowWindow(raw: sedge.v1.Window.$Properties, path: string, problems: Problems): Window {
  if (raw.shadow != null && raw.trial === true) problems.add(path, "is of a trial and of a shadow");
  if ((raw.streams ?? []).length > limits.streams) problems.add(`${path}.streams`, `more than ${limits.streams}`);
  return {
    kind: "window",
    model: modelField(problems, `${path}.model`, raw.model),
    version: versionField(problems, `${path}.version`, raw.version),
    package: digestField(problems, `${path}.package`, raw.package),
    variant: textField(problems, `${path}.variant`, raw.variant, 64),
    startedAtMs: quantityField(problems, `${path}.started_at_ms`, raw.started_at_ms),
    endedAtMs: quantityField(problems, `${path}.ended_at_ms`, raw.ended_at_ms),
    inferences: raw.inferences ?? 0,
    errors: (raw.errors ?? []).slice(0, 64).map((error, i) => ({
      class: textField(problems, `${path}.errors[${i}].class`, error.class, 64),
      count: error.count ?? 0,
    })),
    latency: denseOf(latencyBins, raw.latency, `${path}.latency`, problems),
    streams: (raw.streams ?? [])
      .slice(0, limits.streams)
      .map((stream, i) => narrowStream(stream, `${path}.streams[${i}]`, problems)),
    trial: raw.trial ?? false,
    ...(raw.feedback != null && { feedback: narrowFeedback(raw.feedback, `${path}.feedback`, problems) }),
    ...(raw.shadow != null && { shadow: narrowAgreement(raw.shadow, `${path}.shadow`, problems) }),
  };
}

function narrowFeedback(raw: sedge.v1.Feedback.$Properties, path: string, problems: Problems): FeedbackCounts {
  return {
    right: raw.right ?? 0,
    wrong: raw.wrong ?? 0,
    values: raw.values ?? 0,
    absoluteError: quantityField(problems, `${path}.absolute_error`, raw.absolute_error),
  };
}

function narrowStream(raw: sedge.v1.StreamCounts.$Properties, path: string, problems: Problems): StreamCounts {
  const stream = raw.stream ?? 0;
  if (stream >= limits.streams) problems.add(`${path}.stream`, `${stream} is not below ${limits.streams}`);
  const histogram = { counts: dense(raw.counts, `${path}.counts`, problems), missing: raw.missing ?? 0 };
  const values = total(histogram);
  const part = (field: "far_outside" | "stuck" | "not_finite", whole: number, wholeName: string): number => {
    const count = raw[field] ?? 0;
    if (count > whole) problems.add(`${path}.${field}`, `${count} are more than the ${whole} ${wholeName}`);
    return count;
  };
  const detected = {
    farOutside: part("far_outside", values, "values"),
    stuck: part("stuck", values, "values"),
    notFinite: part("not_finite", histogram.missing, "missing"),
  };
  return { stream, histogram, ...onlyDetected(detected) };
}

export function rawAck(ack: Ack): sedge.v1.Ack.$Properties {
  return {
    lane: numberOfName(lanes, ack.lane),
    epoch: ack.epoch,
    through: ack.through,
    rewind: ack.rewind,
    ...(ack.minIntervalMs !== undefined && { min_interval_ms: ack.minIntervalMs }),
    ...(ack.conflict && { conflict: true }),
  };
}

export function narrowAck(raw: sedge.v1.Ack.$Properties, problems: Problems): Ack {
  return {
    kind: "ack",
    lane: nameOfNumber(problems, "ack.lane", lanes, raw.lane),
    epoch: textField(problems, "ack.epoch", raw.epoch, 64),
    through: raw.through ?? 0,
    rewind: raw.rewind ?? false,
    ...(raw.min_interval_ms && {
      minIntervalMs: quantityField(problems, "ack.min_interval_ms", raw.min_interval_ms),
    }),
    ...(raw.conflict && { conflict: true }),
  };
}
