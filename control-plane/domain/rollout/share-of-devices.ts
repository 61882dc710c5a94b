import type { DeviceId } from "../../../proto/ids.ts";
import { wilsonInterval } from "./wilson-interval.ts";

/** How many of `all` that a device counted went wrong. */
export interface DeviceShare {
  readonly device: DeviceId;
  readonly bad: number;
  readonly all: number;
}

export interface ShareOfDevices {
  readonly share: number;
  readonly lower: number;
  readonly upper: number;
  /** How many times more rows are needed than if every row were a device of its own. */
  readonly designEffect: number;
  /** A device counts with no more rows than this. */
  readonly cap: number;
  /** As they were counted. */
  readonly bad: number;
  readonly all: number;
}

/**
 * The share of rows that are bad, as devices show it, with the bounds that so many devices allow.
 *
 * A device counts with at most c of its rows, so that a busy one is not heard above the others: c is twice the median of what the
 * devices have, or as much as it takes for `needed` rows to count in all, whichever is more. With nᵢ rows so counted and dᵢ of them bad
 * the share is p = Σd / Σn. The rows of a device are alike, so the variance of p is that between devices,
 * v = k / (k − 1) · Σ (dᵢ − p nᵢ)² / (Σn)² for k devices; what independent rows would have is p (1 − p) / Σn. Their quotient, at least 1,
 * is the design effect, and Wilson's interval is taken of Σn / effect rows (Rao and Scott, Biometrics 48, 1992). Of one device no
 * variance between devices is known: it speaks for itself.
 *
 * Example: three devices have 100, 100 and 1,000 rows, with 1, 3 and 150 of them bad; 300 are needed. c = 2 · 100 = 200, with which 400
 * rows count: n = 100, 100, 200 and d = 1, 3, 30: p = 34 / 400 = 8.5 %. v = 1.5 · (7.5² + 5.5² + 13²) / 400² = 0.00240; independent
 * rows would have 0.000194, so the effect is 12.3, and the interval that of 32.5 rows: 2.8 % to 23.0 %. Of 400 rows it would have been
 * 6.1 % to 11.6 %, and of all 1,200, where the busy device speaks for everybody, 11.0 % to 14.8 %.
 */
export function shareOfDevices(counts: readonly DeviceShare[], needed: number): ShareOfDevices {
  const witnesses = counts.filter(({ all }) => all > 0);
  const k = witnesses.length;
  const cap = capOf(witnesses, needed);
  const rows = witnesses.map(({ bad, all }) => ({ n: Math.min(all, cap), d: (bad * Math.min(all, cap)) / all }));
  const n = sum(rows.map((row) => row.n));
  const bad = sum(witnesses.map((one) => one.bad));
  const all = sum(witnesses.map((one) => one.all));
  if (n === 0) return { share: 0, lower: 0, upper: 1, designEffect: 1, cap, bad, all };
  const share = sum(rows.map((row) => row.d)) / n;
  const independent = (share * (1 - share)) / n;
  const between = k < 2 ? 0 : ((k / (k - 1)) * sum(rows.map((row) => (row.d - share * row.n) ** 2))) / n ** 2;
  const designEffect = independent === 0 ? 1 : Math.max(1, between / independent);
  const effective = n / designEffect;
  return { share, ...wilsonInterval(share * effective, effective), designEffect, cap, bad, all };
}

/** The device that has most to do with the share: as many bad rows as it counts with. */
export function withoutLoudest(counts: readonly DeviceShare[], cap: number): readonly DeviceShare[] {
  const heard = ({ bad, all }: DeviceShare) => (bad * Math.min(all, cap)) / all;
  return withoutFirst(counts, (a, b) => heard(b) - heard(a) || shareOf(b) - shareOf(a));
}

/** Of several with the smallest share, the one that says so most often. */
export function withoutQuietest(counts: readonly DeviceShare[]): readonly DeviceShare[] {
  return withoutFirst(counts, (a, b) => shareOf(a) - shareOf(b) || b.all - a.all);
}

export function shareOf({ bad, all }: Pick<DeviceShare, "bad" | "all">): number {
  return all === 0 ? 0 : bad / all;
}

function withoutFirst(
  counts: readonly DeviceShare[],
  compare: (a: DeviceShare, b: DeviceShare) => number,
): readonly DeviceShare[] {
  return counts
    .filter(({ all }) => all > 0)
    .toSorted((a, b) => compare(a, b) || (a.device < b.device ? -1 : 1))
    .slice(1);
}

function capOf(counts: readonly DeviceShare[], needed: number): number {
  const rows = counts.map(({ all }) => all).sort((a, b) => a - b);
  const median = rows[(rows.length - 1) >> 1] ?? 0;
  return Math.max(2 * median, levelFor(rows, needed));
}

/** The smallest c for which Σ min(nᵢ, c) is `needed`; the most that one has where there are not so many. `rows` ascend. */
function levelFor(rows: readonly number[], needed: number): number {
  let left = needed;
  for (const [i, n] of rows.entries()) {
    const level = left / (rows.length - i);
    if (n >= level) return level;
    left -= n;
  }
  return rows.at(-1) ?? 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
