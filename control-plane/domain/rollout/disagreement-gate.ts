import { agreementEdges } from "../../../proto/sketch/agreement.ts";
import { quantileOfCounts } from "../../../proto/sketch/latency.ts";
import type { Agreement } from "../../../proto/telemetry-messages.ts";
import { counted, percent } from "./format-figure.ts";
import type { GateResult } from "./gate.ts";
import type { ShadowEvidence } from "./shadow-evidence.ts";
import type { DeviceShare } from "./share-of-devices.ts";
import { shareOfDevices, withoutLoudest, withoutQuietest } from "./share-of-devices.ts";
import type { StageCase } from "./stage-case.ts";
import { undecided } from "./stage-case.ts";
import { devicesThatStandOut } from "./devices-that-stand-out.ts";
import { idleShadows } from "./idle-shadows.ts";

/** One or two prove nothing, whatever the bound says about so few. */
const fewestDisagreed = 3;
/** Nor do the first few rows: the gate looks again and again, and nobody is harmed while it waits. */
const fewestCompared = 50;
/** What the devices beside the busiest must have of the rows that are needed: pairs of one device are not enough where several run it. */
const partOfOthers = 0.25;

/**
 * The share of rows on which the answers of the two versions differ. It fails when it is certainly over the limit, at the lower 95 % bound,
 * and still over it without the device that disagrees most: what only one of several devices shows may be that device. It passes with as
 * many rows as the stage asks for, counted as the share counts them, of two devices where several run the shadow, and a share within the
 * limit; but not while the others, without the device that agrees most, are certainly over it: no device alone passes a version either.
 *
 * Without a limit it passes always: two versions may differ on purpose, and then the share is only shown.
 */
export function judgeDisagreement(question: StageCase, limit: number | undefined): GateResult {
  const { shadow, stage, updates } = question;
  const counts = disagreementsIn(shadow);
  const { share, lower, upper, bad, all, cap, designEffect } = shareOfDevices(counts, stage.minInferences);
  const distances = distancesOf([...shadow.devices.values()]);
  const [middle, far] = [0.5, 0.95].map((q) => quantileOfCounts(distances, agreementEdges, q));
  const numbers =
    `${all} compared on ${counted(counts.length, "device")}` +
    (all === 0 ? "" : `, ${percent(share)} disagree (${percent(lower)} to ${percent(upper)})`) +
    (limit === undefined ? "" : `, limit ${percent(limit)}`);
  const standOut = limit === undefined ? "" : devicesThatStandOut(counts, limit);
  const result = (judgement: string): Omit<GateResult, "verdict"> => ({
    gate: "disagreement",
    reason: [`${numbers}: ${judgement}`, ...(standOut === "" ? [] : [standOut])].join("; "),
    measured: {
      compared: all,
      disagreed: bad,
      devices: counts.length,
      ...(all > 0 && { share, lower, upper, designEffect }),
      ...(middle !== undefined && { medianDistance: middle }),
      ...(far !== undefined && { p95Distance: far }),
      ...(limit !== undefined && { limit }),
    },
  });
  if (limit === undefined) return { ...result("shown, not judged"), verdict: "pass" };
  const open = (judged: Omit<GateResult, "verdict">) => {
    const idle = idleShadows(question);
    return undecided(question, idle === "" ? judged : { ...judged, reason: `${judged.reason}; ${idle}` });
  };
  const neededDevices = Math.min(2, updates.filter(({ state }) => state === "shadowing").length);
  if (counts.length < neededDevices) return open(result(`${neededDevices} devices are needed`));
  const isSure = bad >= fewestDisagreed && all >= Math.min(fewestCompared, stage.minInferences);
  const others = neededDevices < 2 ? counts : withoutLoudest(counts, cap);
  if (isSure && lower > limit && shareOfDevices(others, stage.minInferences).share > limit)
    return { ...result("over the limit with 95 % confidence"), verdict: "fail" };
  const needed = Math.max(1, stage.minInferences);
  if (all < needed) return open(result(`${needed} needed`));
  const beside = all - Math.max(...counts.map((one) => one.all));
  const neededBeside = neededDevices < 2 ? 0 : partOfOthers * needed;
  if (beside < neededBeside)
    return open(result(`nearly all of one device; ${Math.ceil(neededBeside)} of others are needed`));
  if (share > limit) return open(result("over the limit, but not beyond doubt"));
  if (neededDevices > 1 && shareOfDevices(withoutQuietest(counts), stage.minInferences).lower > limit)
    return open(result("within the limit for one device alone"));
  return { ...result("within the limit"), verdict: "pass" };
}

function disagreementsIn({ devices }: ShadowEvidence): readonly DeviceShare[] {
  return [...devices]
    .filter(([, { compared }]) => compared > 0)
    .map(([device, { compared, disagreed }]) => ({ device, bad: disagreed, all: compared }));
}

/** Rows of every device, by how far the answers lay apart. */
function distancesOf(devices: readonly Agreement[]): readonly number[] {
  return [0, ...agreementEdges].map((_, bin) => sum(devices.map(({ distance }) => distance[bin] ?? 0)));
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
