import { counted, percent } from "./format-figure.ts";
import type { GateResult } from "./gate.ts";
import type { StageCase } from "./stage-case.ts";
import { undecided } from "./stage-case.ts";
import { wilsonInterval } from "./wilson-interval.ts";

/** How many of `all` went wrong. */
export interface BadShare {
  readonly bad: number;
  readonly all: number;
}

export interface ShareQuestion {
  readonly gate: string;
  /** What `bad` and `all` are called, in words and among the figures. */
  readonly words: { readonly bad: string; readonly all: string };
  readonly candidate: BadShare;
  readonly incumbent: BadShare;
  /** On which the candidate was counted. */
  readonly devices: number;
  readonly limit: number;
  /** With fewer the gate does not pass. */
  readonly needed: number;
}

/** One or two prove nothing, whatever the bound says about so few. */
const fewestBad = 3;
/** Below this the incumbent's own share is not known. */
const fewestIncumbent = 50;
/** How much worse than the incumbent still counts as alike. */
const tolerance = 0.005;

/**
 * A share that a limit holds down. It fails when it is certainly over the limit, or certainly worse than the incumbent's on the
 * rollout's own devices: 95 % bounds of Wilson on both sides. It passes with enough evidence and a share that is within both. Between
 * the two, more evidence decides.
 */
export function judgeShare(question: StageCase, share: ShareQuestion): GateResult {
  const { words, candidate, incumbent, devices, limit, needed } = share;
  const rate = candidate.all === 0 ? 0 : candidate.bad / candidate.all;
  const bounds = wilsonInterval(candidate.bad, candidate.all);
  const known = incumbent.all >= fewestIncumbent;
  const incumbentRate = known ? incumbent.bad / incumbent.all : undefined;
  const incumbentUpper = wilsonInterval(incumbent.bad, incumbent.all).upper;
  const beside = [
    // A limit of everything leaves only the question whether it became worse.
    ...(limit < 1 ? [`limit ${percent(limit)}`] : []),
    ...(incumbentRate === undefined ? [] : [`the incumbent has ${percent(incumbentRate)} of ${incumbent.all}`]),
  ];
  const numbers =
    `${candidate.bad} ${words.bad} in ${candidate.all} ${words.all} on ${counted(devices, "device")}, ` +
    percent(rate) +
    (beside.length === 0 ? "" : ` (${beside.join("; ")})`);
  const result = {
    gate: share.gate,
    measured: {
      [words.bad]: candidate.bad,
      [words.all]: candidate.all,
      rate,
      lower: bounds.lower,
      upper: bounds.upper,
      limit,
      ...(incumbentRate !== undefined && { incumbentRate }),
    },
  };
  if (candidate.bad >= fewestBad && bounds.lower > limit)
    return { ...result, verdict: "fail", reason: `${numbers}: at least ${percent(bounds.lower)} with 95 % confidence` };
  if (known && candidate.bad >= fewestBad && bounds.lower > incumbentUpper + tolerance)
    return { ...result, verdict: "fail", reason: `${numbers}: certainly worse than the incumbent` };
  if (candidate.all < needed)
    return undecided(question, { ...result, reason: `${numbers}: ${needed} ${words.all} are needed` });
  if (candidate.all === 0) return { ...result, verdict: "pass", reason: `no ${words.all} yet, and none are needed` };
  if (rate > limit)
    return undecided(question, { ...result, reason: `${numbers}: over the limit, but not beyond doubt` });
  return { ...result, verdict: "pass", reason: `${numbers}: within the limit` };
}
