import { agreementEdges } from "../../../proto/sketch/agreement.ts";
import { quantileOfCounts } from "../../../proto/sketch/latency.ts";
import type { Agreement } from "../../../proto/telemetry-messages.ts";
import { counted, percent } from "./format-figure.ts";
import type { GateResult } from "./gate.ts";
import type { StageCase } from "./stage-case.ts";
import { undecided } from "./stage-case.ts";
import { wilsonInterval } from "./wilson-interval.ts";

/** One or two prove nothing, whatever the bound says about so few. */
const fewestDisagreed = 3;
/** Nor do the first few rows: the gate looks again and again, and nobody is harmed while it waits. */
const fewestCompared = 50;

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
  const witnesses = [...shadow.devices.values()].filter(({ compared }) => compared > 0);
  const found = disagreementOf(witnesses, stage.minInferences);
  const { share, lower, upper, disagreed, compared, counting, designEffect } = found;
  const distances = distancesOf(witnesses);
  const [middle, far] = [0.5, 0.95].map((q) => quantileOfCounts(distances, agreementEdges, q));
  const numbers =
    `${compared} compared on ${counted(witnesses.length, "device")}` +
    (compared === 0 ? "" : `, ${percent(share)} disagree (${percent(lower)} to ${percent(upper)})`) +
    (limit === undefined ? "" : `, limit ${percent(limit)}`);
  const result = {
    gate: "disagreement",
    measured: {
      compared,
      disagreed,
      devices: witnesses.length,
      ...(compared > 0 && { share, lower, upper, designEffect }),
      ...(middle !== undefined && { medianDistance: middle }),
      ...(far !== undefined && { p95Distance: far }),
      ...(limit !== undefined && { limit }),
    },
  };
  if (limit === undefined) return { ...result, verdict: "pass", reason: `${numbers}: shown, not judged` };
  const inShadow = updates.filter(({ state }) => state === "shadowing").length;
  const neededDevices = Math.min(2, inShadow);
  if (witnesses.length < neededDevices)
    return undecided(question, { ...result, reason: `${numbers}: ${neededDevices} devices are needed` });
  const without = (which: (of: readonly Agreement[]) => Agreement | undefined) =>
    neededDevices < 2 ? found : disagreementOf(allBut(witnesses, which(witnesses)), stage.minInferences);
  const isSure = disagreed >= fewestDisagreed && compared >= Math.min(fewestCompared, stage.minInferences);
  if (isSure && lower > limit && without(loudest).share > limit)
    return { ...result, verdict: "fail", reason: `${numbers}: over the limit with 95 % confidence` };
  const needed = Math.max(1, stage.minInferences);
  if (compared < needed) return undecided(question, { ...result, reason: `${numbers}: ${needed} needed` });
  if (counting < needed) {
    const evenly = `nearly all of one device, so they count as ${Math.floor(counting)}: ${needed} needed`;
    return undecided(question, { ...result, reason: `${numbers}; ${evenly}` });
  }
  if (share > limit)
    return undecided(question, { ...result, reason: `${numbers}: over the limit, but not beyond doubt` });
  if (without(quietest).lower > limit)
    return undecided(question, { ...result, reason: `${numbers}: within the limit for one device alone` });
  return { ...result, verdict: "pass", reason: `${numbers}: within the limit` };
}

interface Disagreement {
  readonly share: number;
  readonly lower: number;
  readonly upper: number;
  /** How many times more rows are needed than if every row were a device of its own. */
  readonly designEffect: number;
  /** Rows that the share is taken of. */
  readonly counting: number;
  /** As they were counted. */
  readonly compared: number;
  readonly disagreed: number;
}

/**
 * The share of rows that disagree, as devices show it, with the bounds that so many devices allow.
 *
 * A device counts with at most c of its rows, c = max(2 · median rows of a device, needed / devices): a chatty one is not heard above
 * the others. With nᵢ rows so counted and dᵢ of them in disagreement the share is p = Σd / Σn. The rows of a device are alike, so the
 * variance of p is that between devices, v = k / (k − 1) · Σ (dᵢ − p nᵢ)² / (Σn)² for k devices; what independent rows would have is
 * p (1 − p) / Σn. Their quotient, at least 1, is the design effect, and Wilson's interval is taken of Σn / effect rows (Rao and Scott,
 * Biometrics 48, 1992). Of one device no variance between devices is known: it speaks for itself.
 *
 * Example: three devices compared 100, 100 and 1,000 rows, with 1, 3 and 150 in disagreement; 300 are needed. c = max(200, 100) = 200,
 * so n = 100, 100, 200 and d = 1, 3, 30: p = 34 / 400 = 8.5 %. v = 1.5 · (7.5² + 5.5² + 13²) / 400² = 0.00240; independent rows
 * would have 0.000194, so the effect is 12.3, and the interval that of 32.5 rows: 2.8 % to 23.0 %. Of 400 rows it would have
 * been 6.1 % to 11.6 %.
 */
export function disagreementOf(devices: readonly Agreement[], needed: number): Disagreement {
  const k = devices.length;
  const cap = Math.max(2 * medianOf(devices.map(({ compared }) => compared)), needed / Math.max(1, k));
  const rows = devices.map(({ compared, disagreed }) => {
    const n = Math.min(compared, cap);
    return { n, d: (disagreed * n) / compared };
  });
  const n = sum(rows.map((row) => row.n));
  const compared = sum(devices.map((device) => device.compared));
  const disagreed = sum(devices.map((device) => device.disagreed));
  if (n === 0) return { share: 0, lower: 0, upper: 1, designEffect: 1, counting: 0, compared, disagreed };
  const share = sum(rows.map((row) => row.d)) / n;
  const independent = (share * (1 - share)) / n;
  const between = k < 2 ? 0 : ((k / (k - 1)) * sum(rows.map((row) => (row.d - share * row.n) ** 2))) / n ** 2;
  const designEffect = independent === 0 ? 1 : Math.max(1, between / independent);
  const effective = n / designEffect;
  return { share, ...wilsonInterval(share * effective, effective), designEffect, counting: n, compared, disagreed };
}

function loudest(witnesses: readonly Agreement[]): Agreement | undefined {
  return witnesses.toSorted((a, b) => b.disagreed - a.disagreed)[0];
}

/** Of several that never disagree, the one that says so most often. */
function quietest(witnesses: readonly Agreement[]): Agreement | undefined {
  const share = ({ disagreed, compared }: Agreement) => disagreed / compared;
  return witnesses.toSorted((a, b) => share(a) - share(b) || b.compared - a.compared)[0];
}

function allBut(witnesses: readonly Agreement[], one: Agreement | undefined): readonly Agreement[] {
  return witnesses.filter((other) => other !== one);
}

/** Rows of every device, by how far the answers lay apart. */
function distancesOf(devices: readonly Agreement[]): readonly number[] {
  return [0, ...agreementEdges].map((_, bin) => sum(devices.map(({ distance }) => distance[bin] ?? 0)));
}

/** Of an even number the lower one in the middle. */
function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1] ?? 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
