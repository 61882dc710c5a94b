import { devicesThatStandOut } from "./devices-that-stand-out.ts";
import { counted, percent } from "./format-figure.ts";
import type { GateResult } from "./gate.ts";
import type { DeviceShare } from "./share-of-devices.ts";
import { shareOfDevices, withoutLoudest, withoutQuietest } from "./share-of-devices.ts";
import type { StageCase } from "./stage-case.ts";
import { undecided } from "./stage-case.ts";

export interface ShareQuestion {
  readonly gate: string;
  /** What `bad` and `all` are called, in words and among the figures. */
  readonly words: { readonly bad: string; readonly all: string };
  readonly candidate: readonly DeviceShare[];
  readonly incumbent: readonly DeviceShare[];
  /** Devices that could have been heard: where they are several, one alone does not fail the gate. */
  readonly speakers: number;
  readonly limit: number;
  /** With fewer the gate does not pass. */
  readonly needed: number;
}

/** One or two prove nothing, whatever the bound says about so few. */
const fewestBad = 3;
/** So many must the other devices have seen, for what is over the limit to be more than the fault of one. */
const fewestBadOfOthers = 2;
/** Below this the incumbent's own share is not known. */
const fewestIncumbent = 50;
/** How much worse than the incumbent still counts as alike. */
const tolerance = 0.005;

/**
 * A share that a limit holds down, with devices as the witnesses (share-of-devices.ts): none is heard above the others.
 *
 * It fails when the share is certainly over the limit, or certainly worse than the incumbent's on the rollout's own devices (95 %
 * bounds on both sides), and no verdict hangs on one device: without the one that errs most, the others are over it too. It passes with
 * enough rows and a share within both, unless the others, without the device that errs least, are over it. Between the two, more
 * evidence decides, and at last a person, who is told which devices stand out.
 */
export function judgeShare(question: StageCase, share: ShareQuestion): GateResult {
  const { words, candidate, incumbent, speakers, limit, needed } = share;
  const found = shareOfDevices(candidate, needed);
  const witnesses = candidate.filter(({ all }) => all > 0).length;
  const before = shareOfDevices(incumbent, fewestIncumbent);
  const known = before.all >= fewestIncumbent;
  /** Over this it is certainly too much, by the limit or by what the incumbent does. */
  const most = known ? Math.min(limit, before.upper + tolerance) : limit;
  const standOut = devicesThatStandOut(candidate, most);
  const beside = [
    // A limit of everything leaves only the question whether it became worse.
    ...(limit < 1 ? [`limit ${percent(limit)}`] : []),
    ...(known ? [`the incumbent has ${percent(before.share)} of ${before.all}`] : []),
  ];
  const isCapped = candidate.some(({ all }) => all > found.cap);
  const numbers =
    `${found.bad} ${words.bad} in ${found.all} ${words.all} on ${counted(witnesses, "device")}, ${percent(found.share)}` +
    (isCapped ? ` where no device counts with more than ${Math.round(found.cap)}` : "") +
    (beside.length === 0 ? "" : ` (${beside.join("; ")})`);
  const result = (judgement: string): Omit<GateResult, "verdict"> => ({
    gate: share.gate,
    reason: [`${numbers}: ${judgement}`, ...(standOut === "" ? [] : [standOut])].join("; "),
    measured: {
      [words.bad]: found.bad,
      [words.all]: found.all,
      devices: witnesses,
      rate: found.share,
      lower: found.lower,
      upper: found.upper,
      designEffect: found.designEffect,
      limit,
      ...(known && { incumbentRate: before.share }),
    },
  });
  const isOver = (bound: number) => found.bad >= fewestBad && found.lower > bound;
  const others = withoutLoudest(candidate, found.cap);
  const seenByOthers = shareOfDevices(others, needed);
  const isSeenBySeveral = (bound: number) =>
    others.length === 0 ? speakers < 2 : seenByOthers.bad >= fewestBadOfOthers && seenByOthers.share > bound;
  if (isOver(limit) && isSeenBySeveral(limit))
    return { ...result(`at least ${percent(found.lower)} with 95 % confidence`), verdict: "fail" };
  if (known && isOver(most) && isSeenBySeveral(most))
    return { ...result("certainly worse than the incumbent"), verdict: "fail" };
  if (found.all < needed) return undecided(question, result(`${needed} ${words.all} are needed`));
  if (found.all === 0) return { ...result(""), verdict: "pass", reason: `no ${words.all} yet, and none are needed` };
  if (isOver(most)) return undecided(question, result("over it beyond doubt, but on one device alone"));
  if (found.share > limit) return undecided(question, result("over the limit, but not beyond doubt"));
  const withoutBest = shareOfDevices(withoutQuietest(candidate), needed);
  if (withoutBest.bad >= fewestBadOfOthers && withoutBest.share > limit)
    return undecided(
      question,
      result(`within the limit for one device alone; without it ${percent(withoutBest.share)}`),
    );
  return { ...result("within the limit"), verdict: "pass" };
}
