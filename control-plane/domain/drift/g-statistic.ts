import type { WindowCounts } from "./window-counts.ts";
import { mergeWindowCounts, totalCount } from "./window-counts.ts";

/** Information in nats (half the G-statistic), and the degrees of freedom it has when there is nothing to find. */
export interface Information {
  readonly nats: number;
  readonly degrees: number;
}

export interface InformationSplit {
  /** All devices together against the reference. */
  readonly fleet: Information;
  /** Groups against all devices together. */
  readonly between: Information;
  /** Devices against their group. */
  readonly within: Information;
}

/**
 * n · KL(counts / n ‖ shares) = Σ c · ln(c / (n · share)): what the counts say against the shares. Never below 0.
 * Every bin with a count must have a share above 0.
 *
 * Example: counts [30, 70] against shares [0.5, 0.5]: 30 · ln 0.6 + 70 · ln 1.4 = 8.23.
 */
export function informationAgainst(counts: readonly number[], shares: readonly number[]): number {
  const all = totalCount(counts);
  let nats = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    const count = counts[bin] as number;
    if (count > 0) nats += count * Math.log(count / (all * (shares[bin] as number)));
  }
  return Math.max(0, nats);
}

/**
 * Splits what all devices say against the reference into three parts that add up exactly (the chain rule of Kullback–Leibler):
 *
 *   Σ_d n_d KL(p_d ‖ p_0)  =  N · KL(P ‖ p_0)  +  Σ_g N_g KL(P_g ‖ P)  +  Σ_d n_d KL(p_d ‖ P_g(d))
 *
 * with the shares p_0 of the reference, P of the fleet, P_g of a group, p_d of a device. Without drift each part is half a
 * chi-square with the degrees of freedom that are given, so chance explains `degrees / 2` nats of it.
 *
 * Example: two devices in groups of their own, [50, 50] and [30, 70], reference shares [0.5, 0.5]: fleet 4.03, between 4.20,
 * within 0: together the 0 + 8.23 of the two devices.
 */
export function splitInformation(
  groups: readonly (readonly WindowCounts[])[],
  shares: readonly number[],
): InformationSplit {
  const bins = shares.length;
  const filled = groups
    .map((devices) => devices.map((device) => Array.from(device.counts)).filter((counts) => totalCount(counts) > 0))
    .filter((devices) => devices.length > 0);
  const sums = filled.map((devices) => sum(devices, bins));
  const fleet = sum(sums, bins);
  const fleetShares = sharesOf(fleet);
  const freedom = Math.max(0, shares.filter((share) => share > 0).length - 1);
  const devices = filled.reduce((all, group) => all + group.length, 0);

  let between = 0;
  let within = 0;
  filled.forEach((group, index) => {
    const groupCounts = sums[index] as readonly number[];
    between += informationAgainst(groupCounts, fleetShares);
    const groupShares = sharesOf(groupCounts);
    for (const counts of group) within += informationAgainst(counts, groupShares);
  });
  return {
    fleet: { nats: informationAgainst(fleet, shares), degrees: freedom },
    between: { nats: between, degrees: Math.max(0, filled.length - 1) * freedom },
    within: { nats: within, degrees: (devices - filled.length) * freedom },
  };
}

function sum(parts: readonly (readonly number[])[], bins: number): readonly number[] {
  return mergeWindowCounts(
    parts.map((counts) => ({ counts, missing: 0 })),
    bins,
  ).counts;
}

function sharesOf(counts: readonly number[]): readonly number[] {
  const all = totalCount(counts);
  return counts.map((count) => (all === 0 ? 0 : count / all));
}
