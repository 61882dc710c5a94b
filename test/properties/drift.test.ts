import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { defaultDriftPolicy } from "../../control-plane/domain/drift/drift-policy.ts";
import type { DriftMonitorState } from "../../control-plane/domain/drift/drift-monitor.ts";
import { observeWindow, quietMonitor } from "../../control-plane/domain/drift/drift-monitor.ts";
import { mergeByScope } from "../../control-plane/domain/drift/drift-scope.ts";
import { scoreStream } from "../../control-plane/domain/drift/drift-score.ts";
import { informationAgainst, splitInformation } from "../../control-plane/domain/drift/g-statistic.ts";
import { jensenShannonDistance, jensenShannonDivergence } from "../../control-plane/domain/drift/jensen-shannon.ts";
import { judgeScore } from "../../control-plane/domain/drift/judge-score.ts";
import { kolmogorovSmirnovBounds } from "../../control-plane/domain/drift/kolmogorov-smirnov.ts";
import { explainDrift } from "../../control-plane/domain/drift/localise.ts";
import { describeCause, nameCause } from "../../control-plane/domain/drift/name-cause.ts";
import { populationStabilityIndex } from "../../control-plane/domain/drift/population-stability-index.ts";
import { mergeWindowCounts } from "../../control-plane/domain/drift/window-counts.ts";
import { parseDeviceId } from "../../proto/ids.ts";
import {
  calmScore,
  categoricalReference,
  driftedScore,
  histogramOf,
  numericReference,
  thinScore,
} from "../unit/control-plane/domain/drift/stream-builders.ts";

const count = fc.oneof(
  { weight: 2, arbitrary: fc.constant(0) },
  { weight: 5, arbitrary: fc.nat(300) },
  { weight: 1, arbitrary: fc.nat(2 ** 40) },
);
const countsOver = (bins: number) => fc.array(count, { minLength: bins, maxLength: bins });
/** Two sides over the same bins: empty, one bin, constant and very uneven ones among them. */
const twoSides = fc.nat(20).chain((bins) => fc.tuple(countsOver(bins), countsOver(bins)));
const reference = fc
  .record({ counts: fc.nat(20).chain(countsOver), missing: count, ordered: fc.boolean() })
  .map(({ counts, missing, ordered }) =>
    ordered ? numericReference(counts, missing) : categoricalReference(counts, missing),
  );
const fleetOver = (bins: number) =>
  fc.array(
    fc.record({
      device: fc.constantFrom("cam-1", "cam-2", "cam-3", "cam-4", "cam-5").map(parseDeviceId),
      labels: fc.dictionary(fc.constantFrom("site", "camera", "__proto__"), fc.constantFrom("a", "b", "c"), {
        noNullPrototype: false,
      }),
      counts: countsOver(bins),
      missing: count,
    }),
    { maxLength: 8 },
  );

function numbersIn(value: unknown): number[] {
  if (typeof value === "number") return [value];
  if (typeof value === "object" && value !== null) return Object.values(value).flatMap(numbersIn);
  return [];
}

describe("population stability index", () => {
  test("is finite, never below 0 and the same both ways", () => {
    fc.assert(
      fc.property(twoSides, ([a, b]) => {
        const psi = populationStabilityIndex(a, b);
        expect(psi).toBeGreaterThanOrEqual(0);
        expect(psi).toBeLessThan(Number.POSITIVE_INFINITY);
        expect(populationStabilityIndex(b, a)).toBeCloseTo(psi, 9);
      }),
    );
  });

  test("the same distribution has no excess, whatever the sizes of both sides", () => {
    fc.assert(
      fc.property(fc.nat(20).chain(countsOver), fc.integer({ min: 1, max: 1000 }), (counts, times) => {
        const more = counts.map((value) => value * times);
        expect(scoreStream(categoricalReference(more), { counts, missing: 0 }).psiExcess).toBe(0);
        expect(scoreStream(numericReference(counts), { counts: more, missing: 0 }).psiExcess).toBe(0);
      }),
    );
  });

  test("bins may be renamed: their order does not matter", () => {
    fc.assert(
      fc.property(twoSides, ([a, b]) => {
        expect(populationStabilityIndex(a.toReversed(), b.toReversed())).toBeCloseTo(populationStabilityIndex(a, b), 9);
      }),
    );
  });
});

test("Jensen–Shannon lies between 0 and 1, is the same both ways, and 0 for the same shares", () => {
  fc.assert(
    fc.property(twoSides, ([a, b]) => {
      const bits = jensenShannonDivergence(a, b);
      expect(bits).toBeGreaterThanOrEqual(0);
      expect(bits).toBeLessThanOrEqual(1);
      expect(jensenShannonDistance(b, a) ** 2).toBeCloseTo(bits, 9);
      expect(
        jensenShannonDivergence(
          a,
          a.map((value) => value * 3),
        ),
      ).toBeCloseTo(0, 9);
    }),
  );
});

describe("Kolmogorov–Smirnov", () => {
  /** D as it is defined: the largest difference of the two distribution functions, at every value. */
  function exactDistance(a: readonly number[], b: readonly number[]): number {
    const shareUpTo = (values: readonly number[], x: number) =>
      values.filter((value) => value <= x).length / values.length;
    return Math.max(...[...a, ...b].map((x) => Math.abs(shareUpTo(a, x) - shareUpTo(b, x))));
  }
  const values = fc.array(fc.oneof(fc.double({ min: -5, max: 5, noNaN: true }), fc.integer({ min: -3, max: 3 })), {
    minLength: 1,
    maxLength: 40,
  });
  const edges = fc.uniqueArray(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 1, maxLength: 12 });

  test("the bounds always hold the D of the raw values, and are no wider than the largest common bin", () => {
    fc.assert(
      fc.property(values, values, edges, (a, b, unordered) => {
        const ascending = unordered.toSorted((x, y) => x - y);
        const reference = histogramOf(ascending, a).counts;
        const current = histogramOf(ascending, b).counts;
        const { low, high } = kolmogorovSmirnovBounds(reference, current);
        const exact = exactDistance(a, b);
        expect(low).toBeLessThanOrEqual(exact + 1e-12);
        expect(high).toBeGreaterThanOrEqual(exact - 1e-12);
        const widest = Math.max(
          ...Array.from(reference, (r, bin) => Math.min(r / a.length, (current[bin] as number) / b.length)),
        );
        expect(high).toBeLessThanOrEqual(low + widest + 1e-12);
      }),
      { numRuns: 500 },
    );
  });

  test("0 ≤ low ≤ high ≤ 1", () => {
    fc.assert(
      fc.property(twoSides, ([a, b]) => {
        const { low, high } = kolmogorovSmirnovBounds(a, b);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeGreaterThanOrEqual(low);
        expect(high).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe("merging", () => {
  const fleet = fc.integer({ min: 1, max: 6 }).chain((bins) => fc.tuple(fc.constant(bins), fleetOver(bins)));

  test("the order of the windows does not matter", () => {
    fc.assert(
      fc.property(fleet, fc.infiniteStream(fc.nat()), ([bins, parts], keys) => {
        const shuffled = parts
          .map((part) => ({ part, key: keys.next().value }))
          .toSorted((a, b) => a.key - b.key)
          .map(({ part }) => part);
        expect(mergeByScope(shuffled, bins)).toEqual(mergeByScope(parts, bins));
      }),
    );
  });

  test("merging merged parts is merging all of them", () => {
    fc.assert(
      fc.property(fleet, fc.nat(8), ([bins, parts], cut) => {
        const halves = [mergeWindowCounts(parts.slice(0, cut), bins), mergeWindowCounts(parts.slice(cut), bins)];
        expect(mergeWindowCounts(halves, bins)).toEqual(mergeWindowCounts(parts, bins));
      }),
    );
  });
});

describe("every answer is a number", () => {
  const observed = reference.chain((known) =>
    fc.tuple(fc.constant(known), countsOver(known.counts.length), count, fleetOver(known.counts.length)),
  );

  test("scores are finite and judged with a reason, whatever was counted", () => {
    fc.assert(
      fc.property(observed, ([known, counts, missing]) => {
        const score = scoreStream(known, { counts, missing });
        for (const number of numbersIn(score)) expect(Number.isFinite(number)).toBe(true);
        expect(judgeScore(score, defaultDriftPolicy).reason).not.toMatch(/NaN|Infinity/);
      }),
    );
  });

  test("explanations are shares between 0 and 1 that add up to 1 or to nothing, and a cause has a name", () => {
    fc.assert(
      fc.property(observed, ([known, , , fleet]) => {
        const { fleetShare, byLabel, withinShare } = explainDrift(fleet, known);
        for (const { share, values } of byLabel) {
          expect(share).toBeGreaterThanOrEqual(0);
          expect(share).toBeLessThanOrEqual(1);
          for (const { psiExcess } of values) expect(Number.isFinite(psiExcess)).toBe(true);
        }
        const all = fleetShare + (byLabel[0]?.share ?? 0) + withinShare;
        expect(Math.min(Math.abs(all), Math.abs(all - 1))).toBeLessThan(1e-9);
        expect(describeCause(nameCause(fleet, known, defaultDriftPolicy))).not.toBe("");
      }),
    );
  });
});

test("the split of the information adds up exactly", () => {
  const groups = fc.integer({ min: 1, max: 6 }).chain((bins) =>
    fc
      .array(fc.array(fc.array(fc.nat(300), { minLength: bins, maxLength: bins }), { maxLength: 4 }), {
        maxLength: 4,
      })
      .map((counts) => ({ bins, counts })),
  );
  fc.assert(
    fc.property(groups, ({ bins, counts }) => {
      const shares = Array.from({ length: bins }, (_, bin) => (bin + 1) / ((bins * (bins + 1)) / 2));
      const { fleet, between, within } = splitInformation(
        counts.map((group) => group.map((own) => ({ counts: own, missing: 0 }))),
        shares,
      );
      const devices = counts.flat().reduce((sum, own) => sum + informationAgainst(own, shares), 0);
      expect(fleet.nats + between.nats + within.nats).toBeCloseTo(devices, 6);
    }),
  );
});

test("the monitor alternates: it opens only after enough drifted windows, and closes only what is open", () => {
  const windows = { calm: calmScore(), drifted: driftedScore(), thin: thinScore() };
  fc.assert(
    fc.property(fc.array(fc.constantFrom("calm", "drifted", "thin"), { maxLength: 40 }), (sequence) => {
      let state: DriftMonitorState = quietMonitor;
      let open = false;
      let row: string[] = [];
      for (const [now, kind] of sequence.entries()) {
        if (kind !== "thin") row = row.at(-1) === kind ? [...row, kind] : [kind];
        const before: DriftMonitorState = state;
        const { state: next, alert } = observeWindow(state, windows[kind], defaultDriftPolicy, now);
        if (kind === "thin") expect(next).toBe(before);
        if (alert) {
          expect(alert.kind).toBe(open ? "closed" : "opened");
          expect(row.length).toBeGreaterThanOrEqual(2);
          expect(kind).toBe(open ? "calm" : "drifted");
          open = !open;
        }
        state = next;
        expect(open).toBe(state.kind === "drifting" || state.kind === "recovering");
      }
    }),
  );
});
