import type {
  Agreement,
  FeedbackCounts,
  StreamCounts,
  TelemetryRecord,
  Window,
} from "../../proto/telemetry-messages.ts";
import { sumOfDetected } from "../../proto/detected-counts.ts";
import { sumOfAgreements } from "../../proto/sketch/agreement.ts";
import { mergeHistograms } from "../../proto/sketch/histogram.ts";
import { limits } from "../../proto/limits.ts";
import { days, hours, kibibytes } from "../../proto/units.ts";

/**
 * While nobody takes them, windows wait without a number, and get coarser as they get older: as they are at first, then one for
 * each hour, then one for each day. Their counts add up, so that nothing but the moment is given up: a month takes the room of a few
 * hundred windows, and no inference goes uncounted.
 *
 * Spans are cut at multiples of their length on the device's clock, so that what was merged once is merged with the same
 * neighbours again.
 */
export const mergedToHoursAfterMs = hours(2);
export const mergedToDaysAfterMs = days(2);

/** The length of the spans to which windows of this age are merged; 0: they stay as they are. */
export function spanOfAge(ageMs: number, finestMs: number): number {
  if (ageMs >= mergedToDaysAfterMs) return Math.max(days(1), finestMs);
  if (ageMs >= mergedToHoursAfterMs) return Math.max(hours(1), finestMs);
  return finestMs;
}

/**
 * Windows that wait, merged for their age: each takes up those before it that say the same of the same span. Other records stay where
 * they are. `finestMs`: no window covers less than that (0: as it was closed), because nobody wants them more often.
 *
 * Example, at 12:00: windows of one model from 9:05, 9:06 and 11:58 become one from 9:05 to 9:07, and the one from 11:58.
 */
export function thinned(
  records: readonly TelemetryRecord[],
  nowMs: number,
  finestMs: number,
): readonly TelemetryRecord[] {
  const merged: TelemetryRecord[] = [];
  const last = new Map<string, number>();
  for (const record of records) {
    const { body } = record;
    const key = body.kind === "window" ? spanKey(body, nowMs, finestMs) : undefined;
    const at = key === undefined ? undefined : last.get(key);
    const before = at === undefined ? undefined : merged[at]?.body;
    const sum = body.kind === "window" && before?.kind === "window" ? mergedWindow(before, body) : undefined;
    if (at !== undefined && sum !== undefined) {
      merged[at] = { ...record, body: sum };
      continue;
    }
    if (key !== undefined) last.set(key, merged.length);
    merged.push(record);
  }
  return merged;
}

/** Undefined for a window that stays as it is. */
function spanKey(window: Window, nowMs: number, finestMs: number): string | undefined {
  const { version, package: digest, variant, trial, shadow, startedAtMs, endedAtMs } = window;
  const stage = shadow === undefined ? trial : "shadow";
  const span = spanOfAge(nowMs - endedAtMs, finestMs);
  if (span === 0) return undefined;
  return JSON.stringify([window.model, version, digest, variant, stage, span, Math.floor(startedAtMs / span)]);
}

/** The contract counts up to here; beyond, windows stay apart. */
const largestCount = 0xffff_ffff;

/**
 * The sum of two windows of one version on one device, over the span from the first beginning to the last end. Undefined when they
 * cannot be added: their bins differ, or the sum might be larger than the contract has room for.
 */
export function mergedWindow(a: Window, b: Window): Window | undefined {
  // No other count of a window is larger than these.
  if (a.inferences + b.inferences > largestCount) return undefined;
  const feedback = mergedFeedback(a.feedback, b.feedback);
  if (feedback !== undefined && Math.max(feedback.right, feedback.wrong, feedback.values) > largestCount)
    return undefined;
  const shadow = mergedAgreement(a.shadow, b.shadow);
  if (shadow !== undefined && Math.max(shadow.compared, shadow.skipped, shadow.failed) > largestCount) return undefined;
  const streams = mergedStreams(a.streams, b.streams);
  if (streams === undefined || mostBytes(streams) > limits.batchBytes || a.latency.length !== b.latency.length)
    return undefined;
  return {
    ...a,
    startedAtMs: Math.min(a.startedAtMs, b.startedAtMs),
    endedAtMs: Math.max(a.endedAtMs, b.endedAtMs),
    inferences: a.inferences + b.inferences,
    errors: mergedErrors(a.errors, b.errors),
    latency: a.latency.map((count, bin) => count + (b.latency[bin] as number)),
    streams,
    ...(feedback !== undefined && { feedback }),
    ...(shadow !== undefined && { shadow }),
  };
}

/** No more than this in the contract's encoding, however large the counts are. */
function mostBytes(streams: readonly StreamCounts[]): number {
  const bytesOfCount = 5;
  const others = kibibytes(4);
  return others + streams.reduce((bytes, { histogram }) => bytes + bytesOfCount * (histogram.counts.length + 12), 0);
}

function mergedErrors(a: Window["errors"], b: Window["errors"]): Window["errors"] {
  const counts = new Map<string, number>();
  for (const { class: name, count } of [...a, ...b]) counts.set(name, count + (counts.get(name) ?? 0));
  return [...counts].map(([name, count]) => ({ class: name, count }));
}

/** In the order of their numbers; undefined when a stream has other bins in one than in the other. */
function mergedStreams(a: readonly StreamCounts[], b: readonly StreamCounts[]): readonly StreamCounts[] | undefined {
  const sums = new Map<number, StreamCounts>(a.map((counts) => [counts.stream, counts]));
  for (const counts of b) {
    const before = sums.get(counts.stream);
    if (before !== undefined && before.histogram.counts.length !== counts.histogram.counts.length) return undefined;
    const histogram = before === undefined ? counts.histogram : mergeHistograms(before.histogram, counts.histogram);
    sums.set(counts.stream, { stream: counts.stream, histogram, ...sumOfDetected(before ?? {}, counts) });
  }
  return [...sums.values()].toSorted((one, other) => one.stream - other.stream);
}

function mergedAgreement(a: Agreement | undefined, b: Agreement | undefined): Agreement | undefined {
  return a === undefined || b === undefined ? (a ?? b) : sumOfAgreements(a, b);
}

function mergedFeedback(a: FeedbackCounts | undefined, b: FeedbackCounts | undefined): FeedbackCounts | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return {
    right: a.right + b.right,
    wrong: a.wrong + b.wrong,
    values: a.values + b.values,
    absoluteError: Math.min(Number.MAX_SAFE_INTEGER - 1, a.absoluteError + b.absoluteError),
  };
}
