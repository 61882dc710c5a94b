import type { DeviceCounts, DriftScope } from "../domain/drift/drift-scope.ts";
import { mergeByDevice } from "../domain/drift/drift-scope.ts";
import { rowsOfParts } from "./drift-parts.ts";

/**
 * Gathers counts until they are worth judging. A window too small says nothing about anybody, and throwing it away would mean
 * that slow devices are never judged, so its counts wait for those of the next windows.
 *
 * Groups (cohorts and the fleet) and single devices gather apart: a group of a hundred devices has enough to be judged a hundred
 * times before one of them has. The fleet waits for the cohorts, because without them nobody could say whose drift it is.
 */
export interface DriftGathering {
  add(parts: readonly DeviceCounts[]): void;
  /** The counts that are ripe, which are forgotten by that; the scopes they are to be judged for. */
  takeRipe(minSamples: number, bins: number): readonly RipeCounts[];
}

export interface RipeCounts {
  readonly scopes: ReadonlySet<DriftScope["kind"]>;
  readonly parts: readonly DeviceCounts[];
}

/** A judgement does not wait longer than so many windows: what is too little then is dropped. */
const longestWait = 24;

/** Some have more than the mean and some less. */
const meanSafety = 2;

interface Tier {
  readonly scopes: ReadonlySet<DriftScope["kind"]>;
  readonly groups: (parts: readonly DeviceCounts[]) => number;
  parts: readonly DeviceCounts[];
  windows: number;
}

export function createDriftGathering(): DriftGathering {
  const tiers: readonly Tier[] = [
    { scopes: new Set(["fleet", "cohort"]), groups: fewestCohorts, parts: [], windows: 0 },
    { scopes: new Set(["device"]), groups: (parts) => parts.length, parts: [], windows: 0 },
  ];
  return {
    add(parts) {
      for (const tier of tiers) tier.parts = [...tier.parts, ...parts];
    },
    takeRipe(minSamples, bins) {
      const ripe: RipeCounts[] = [];
      for (const tier of tiers) {
        tier.windows += 1;
        tier.parts = mergeByDevice(tier.parts, bins);
        const enough = rowsOfParts(tier.parts) >= meanSafety * minSamples * tier.groups(tier.parts);
        if (tier.parts.length === 0 || (!enough && tier.windows < longestWait)) continue;
        ripe.push({ scopes: tier.scopes, parts: tier.parts });
        tier.parts = [];
        tier.windows = 0;
      }
      return ripe;
    },
  };
}

/** How many cohorts the coarsest label makes that tells devices apart; 1 when none does. */
function fewestCohorts(parts: readonly DeviceCounts[]): number {
  const values = new Map<string, Set<string>>();
  for (const { labels } of parts)
    for (const [key, value] of Object.entries(labels)) {
      const known = values.get(key);
      if (known === undefined) values.set(key, new Set([value]));
      else known.add(value);
    }
  const sizes = [...values.values()].map(({ size }) => size).filter((size) => size > 1);
  return sizes.length === 0 ? 1 : Math.min(...sizes);
}
