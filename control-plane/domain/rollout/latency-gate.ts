import type { ChangeOfLatency } from "./change-of-latency.ts";
import { changeOfLatency } from "./change-of-latency.ts";
import { counted, figure } from "./format-figure.ts";
import type { GateResult } from "./gate.ts";
import { timingsOf } from "./latency-of-devices.ts";
import type { PairedLatency } from "./paired-latency-gate.ts";
import type { StageCase } from "./stage-case.ts";
import { speakersOf, undecided } from "./stage-case.ts";

/** Inferences on either side without which a p95 is hearsay. */
const fewest = 50;
/** Neighbouring edges of the latency bins: a value lies anywhere in its bin. */
const binWidth = 2 ** (1 / 4);
/** So many times slower or faster one hour may be than another, with nothing new on the device. */
const hoursDiffer = 2;

/**
 * How much longer the new version takes than the one before, by the best evidence there is:
 *
 * 1. Pairs from a shadow: both versions on the same inputs, on the same device, at the same time. Where the pairs are within the limit, what
 *    is measured later never turns the rollout round, and only what other devices show at the same time can still call for a person.
 * 2. Other devices at the same time: the change of the stage's devices less that of the devices that kept their version
 *    (change-of-latency.ts). It fails when the lower bound of 95 % is over the limit, and the ratio also without the device that became
 *    slowest, and without the one that kept its version and became fastest. It does not pass by the word of one device on either side.
 * 3. Earlier, only where no device kept its version meanwhile or too little was timed: p95 of the devices against what they had
 *    before. A device that grows busy looks like a slow version then, so it fails only beyond twice the limit.
 *
 * It passes with enough inferences and a ratio within the limit.
 */
export function judgeLatency(question: StageCase, limit: number): GateResult {
  const { candidate, stage, replaces, pairedLatency, around, updates } = question;
  const n = timingsOf(candidate).all;
  const needed = Math.max(fewest, stage.minInferences);
  if (!replaces && n >= needed) return withoutEarlierVersion(question, limit);
  const members = new Set(updates.map(({ device }) => device));
  const change = changeOfLatency(around, (device) => members.has(device));
  if (pairedLatency !== undefined) return judgePaired(question, limit, pairedLatency, change);
  return change === undefined ? judgeAgainstEarlier(question, limit) : judgeChange(question, limit, change);
}

function withoutEarlierVersion({ candidate }: StageCase, limit: number): GateResult {
  const { all, p95 = 0 } = timingsOf(candidate);
  return {
    gate: "latency",
    verdict: "pass",
    reason: `p95 ${figure(p95)} ms over ${all} inferences; no device ran an earlier version, so there is nothing to compare with`,
    measured: { inferences: all, p95Ms: p95, limit },
  };
}

function judgePaired(
  question: StageCase,
  limit: number,
  pairs: PairedLatency,
  change: ChangeOfLatency | undefined,
): GateResult {
  const n = timingsOf(question.candidate).all;
  const needed = Math.max(fewest, question.stage.minInferences);
  const { ratio, lower, upper, compared } = pairs;
  const numbers = `${figure(ratio)} times the work in ${compared} pairs of the shadow (${figure(lower)} to ${figure(upper)}), limit ${figure(limit)}`;
  const result = { gate: "latency", measured: { inferences: n, compared, ratio, lower, upper, limit } };
  if (change !== undefined && change.lower > limit)
    return undecided(question, { ...result, reason: `${numbers}; but since then it is ${inWords(change)}` });
  if (n < needed) return undecided(question, { ...result, reason: `${numbers}: ${needed} inferences are needed` });
  return { ...result, verdict: "pass", reason: `${numbers}: within the limit` };
}

function judgeChange(question: StageCase, limit: number, change: ChangeOfLatency): GateResult {
  const n = timingsOf(question.candidate).all;
  const needed = Math.max(fewest, question.stage.minInferences);
  const { ratio, lower, upper, changed, kept } = change;
  const numbers = `${inWords(change)}, limit ${figure(limit)}`;
  const result = {
    gate: "latency",
    measured: { inferences: n, devices: changed, otherDevices: kept, ratio, lower, upper, limit },
  };
  const { withoutSlowest, withoutFastestKept } = change;
  const isSeenBySeveral = withoutSlowest === undefined ? speakersOf(question) < 2 : withoutSlowest > limit;
  if (lower > limit && isSeenBySeveral && withoutFastestKept > limit)
    return { ...result, verdict: "fail", reason: `${numbers}: slower beyond doubt` };
  if (lower > limit)
    return undecided(question, { ...result, reason: `${numbers}: over the limit, but on one device alone` });
  if (ratio > limit)
    return undecided(question, { ...result, reason: `${numbers}: over the limit, but not beyond doubt` });
  if (n < needed) return undecided(question, { ...result, reason: `${numbers}: ${needed} inferences are needed` });
  if (isPassedByOne(change, limit))
    return undecided(question, { ...result, reason: `${numbers}: within the limit for one device alone` });
  return { ...result, verdict: "pass", reason: `${numbers}: within the limit` };
}

/** Of a single device that kept its version it is believed that the hour is as slow as hours are. */
function isPassedByOne(change: ChangeOfLatency, limit: number): boolean {
  const { lowerWithoutFastest = 0, lowerWithoutSlowestKept, withoutFastestKept } = change;
  if (lowerWithoutFastest > limit) return true;
  return lowerWithoutSlowestKept === undefined
    ? withoutFastestKept > limit * hoursDiffer
    : lowerWithoutSlowestKept > limit;
}

function inWords({ ratio, lower, upper, changed, kept }: ChangeOfLatency): string {
  return (
    `${figure(ratio)} times as slow on ${counted(changed, "device")} as ${counted(kept, "device")} that kept their version ` +
    `became at the same time (${figure(lower)} to ${figure(upper)})`
  );
}

/**
 * The p95 with every device capped, and its bounds as those of order statistics: the quantiles at q ± 1.96 · √(q(1 − q) / n), with n the
 * rows that so many devices are worth (latency-of-devices.ts).
 *
 * Example: p95 of 40 ms against 10 ms is a ratio of 4.0; with limit 1.5 it is over 1.5 · 2 · 1.19 = 3.6 and fails if the bounds agree.
 */
function judgeAgainstEarlier(question: StageCase, limit: number): GateResult {
  const { candidate, incumbent, stage } = question;
  const needed = Math.max(fewest, stage.minInferences);
  const ofSame = timingsOf(incumbent, candidate.devices);
  const now = timingsOf(candidate);
  const before = ofSame.all >= fewest ? ofSame : timingsOf(incumbent);
  const result = {
    gate: "latency",
    measured: {
      inferences: now.all,
      incumbentInferences: before.all,
      limit,
      ...(now.p95 !== undefined && { p95Ms: now.p95 }),
      ...(before.p95 !== undefined && { incumbentP95Ms: before.p95 }),
      ...(now.p95 !== undefined && before.p95 !== undefined && { ratio: now.p95 / before.p95 }),
    },
  };
  if (now.p95 === undefined || before.p95 === undefined || now.all < fewest || before.all < fewest) {
    const reason = `${now.all} inferences of the new version and ${before.all} of the incumbent were timed: ${needed} and ${fewest} are needed`;
    return undecided(question, { ...result, reason });
  }
  const ratio = now.p95 / before.p95;
  const numbers = `p95 ${figure(now.p95)} ms over ${now.all} inferences against ${figure(before.p95)} ms over ${before.all} earlier, ratio ${figure(ratio)} (limit ${figure(limit)}, bins are 19 % wide)`;
  const worst = limit * hoursDiffer;
  const isSeenBySeveral = now.devices > 1 || speakersOf(question) < 2;
  if (ratio > worst * binWidth && now.lower / before.upper > worst && isSeenBySeveral)
    return { ...result, verdict: "fail", reason: `${numbers}: slower than any hour explains` };
  if (ratio > limit) {
    const reason = `${numbers}: over the limit, but no device kept its version, so the hour may be what is slow`;
    return undecided(question, { ...result, reason });
  }
  if (now.all < needed)
    return undecided(question, { ...result, reason: `${numbers}: ${needed} inferences are needed` });
  return { ...result, verdict: "pass", reason: `${numbers}: within the limit` };
}
