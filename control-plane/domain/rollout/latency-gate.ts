import { latencyEdges, quantileOfCounts } from "../../../proto/sketch/latency.ts";
import { figure } from "./format-figure.ts";
import type { GateResult } from "./gate.ts";
import type { StageCase } from "./stage-case.ts";
import { undecided } from "./stage-case.ts";

/** Inferences on either side without which a p95 is hearsay. */
const fewest = 50;
const quantile = 0.95;
const z = 1.959963984540054;
/** Neighbouring edges of the latency bins: a value lies anywhere in its bin. */
const binWidth = 2 ** (1 / 4);

/**
 * The p95 latency of the new version over that of the incumbent.
 *
 * It fails only when the ratio is over the limit by more than the width of a bin (19 %), and the lower 95 % bound of the one
 * quantile is still over the limit times the upper bound of the other. The bounds are those of order statistics: the quantiles at
 * q ± 1.96 · √(q(1 − q) / n). It passes with enough inferences and a ratio within the limit.
 *
 * Example: p95 of 20 ms against 10 ms is a ratio of 2.0; with limit 1.5 it is over 1.5 · 1.19 = 1.78 and fails if the bounds agree.
 */
export function judgeLatency(question: StageCase, limit: number): GateResult {
  const { candidate, incumbent, stage, replaces } = question;
  const n = total(candidate.latency);
  const m = total(incumbent.latency);
  const p95 = quantileOfCounts(candidate.latency, latencyEdges, quantile);
  const base = quantileOfCounts(incumbent.latency, latencyEdges, quantile);
  const result = {
    gate: "latency",
    measured: {
      inferences: n,
      incumbentInferences: m,
      limit,
      ...(p95 !== undefined && { p95Ms: p95 }),
      ...(base !== undefined && { incumbentP95Ms: base }),
      ...(p95 !== undefined && base !== undefined && { ratio: p95 / base }),
    },
  };
  const needed = Math.max(fewest, stage.minInferences);
  const enough = n >= needed && p95 !== undefined;
  if (!replaces && enough) {
    const reason = `p95 ${figure(p95)} ms over ${n} inferences; no device ran an earlier version, so there is nothing to compare with`;
    return { ...result, verdict: "pass", reason };
  }
  if (p95 === undefined || base === undefined || n < fewest || m < fewest) {
    const reason = `${n} inferences of the new version and ${m} of the incumbent were timed: ${needed} and ${fewest} are needed`;
    return undecided(question, { ...result, reason });
  }
  const ratio = p95 / base;
  const numbers = `p95 ${figure(p95)} ms over ${n} inferences against ${figure(base)} ms over ${m}, ratio ${figure(ratio)} (limit ${figure(limit)}, bins are 19 % wide)`;
  const certain = lowerBound(candidate.latency, n) / upperBound(incumbent.latency, m) > limit;
  if (ratio > limit * binWidth && certain)
    return { ...result, verdict: "fail", reason: `${numbers}: slower beyond doubt` };
  if (ratio > limit)
    return undecided(question, { ...result, reason: `${numbers}: over the limit, but not beyond doubt` });
  if (!enough) return undecided(question, { ...result, reason: `${numbers}: ${needed} inferences are needed` });
  return { ...result, verdict: "pass", reason: `${numbers}: within the limit` };
}

function lowerBound(counts: readonly number[], n: number): number {
  return quantileOfCounts(counts, latencyEdges, quantile - spread(n)) as number;
}

function upperBound(counts: readonly number[], n: number): number {
  return quantileOfCounts(counts, latencyEdges, Math.min(1, quantile + spread(n))) as number;
}

function spread(n: number): number {
  return z * Math.sqrt((quantile * (1 - quantile)) / n);
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
