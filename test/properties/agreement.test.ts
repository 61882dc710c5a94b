import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { comparisonOf } from "../../edge-agent/core/agreement.ts";
import { AgreementCounts } from "../../edge-agent/core/agreement-counts.ts";
import type { Interpretation, Manifest } from "../../proto/manifest.ts";
import { nothingCompared, sumOfAgreements } from "../../proto/sketch/agreement.ts";
import type { Agreement } from "../../proto/telemetry-messages.ts";
import type { Tensor } from "../../proto/tensors.ts";
import { aManifest } from "../support/manifests.ts";

const width = 3;
const labels = ["a", "b", "c"];
const interpretations: readonly Interpretation[] = [
  { kind: "classification", output: "y", scores: "logits", labels },
  { kind: "classification", output: "y", scores: "probabilities", labels },
  { kind: "regression", output: "y" },
  { kind: "sequence", output: "y", scores: "logits", blank: 0 },
];
const models: readonly Manifest[] = interpretations.map((interpretation) =>
  aManifest({
    interpretation,
    reference: {
      rows: 4,
      streams: [{ kind: "numeric", name: "output.value", edges: [0, 1, 2], counts: [0, 2, 2, 0], missing: 0 }],
    },
  }),
);

type Rows = readonly (readonly number[])[];

const image = (rows: number): Tensor => ({
  name: "image",
  dataType: "float32",
  dims: [rows, 1, 2, 2],
  rawData: new Uint8Array(16 * rows),
});
const output = (rows: Rows): Tensor => ({
  name: "y",
  dataType: "float32",
  dims: [rows.length, width],
  rawData: new Uint8Array(Float32Array.from(rows.flat()).buffer),
});
const compare = (model: Manifest, a: Rows, b: Rows) =>
  comparisonOf(model, model)([image(a.length)], [output(a)], [output(b)]);

const aModel = fc.constantFrom(...models);
const aRow = fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: width, maxLength: width });
/** Now and then something that no model should answer. */
const anyRow = fc.array(fc.oneof({ weight: 9, arbitrary: fc.float({ min: -8, max: 8 }) }, fc.constant(Number.NaN)), {
  minLength: width,
  maxLength: width,
});
const pairs = (row: fc.Arbitrary<readonly number[]>) => fc.array(fc.tuple(row, row), { minLength: 1, maxLength: 6 });

describe("how far two answers lie apart", () => {
  it("is the same whichever is named first", () => {
    fc.assert(
      fc.property(aModel, pairs(anyRow), (model, both) => {
        const [a, b] = [both.map(([one]) => one), both.map(([, other]) => other)];
        expect(compare(model, a, b)).toEqual(compare(model, b, a));
      }),
    );
  });

  it("is nothing between equal answers, and they agree", () => {
    fc.assert(
      fc.property(aModel, fc.array(aRow, { minLength: 1, maxLength: 6 }), (model, rows) => {
        for (const row of compare(model, rows, rows)) expect(row).toEqual({ distance: 0, disagrees: false });
      }),
    );
  });

  it("is never negative, and infinite only between what cannot be compared", () => {
    fc.assert(
      fc.property(aModel, pairs(anyRow), (model, both) => {
        const found = compare(
          model,
          both.map(([one]) => one),
          both.map(([, other]) => other),
        );
        for (const [i, { distance, disagrees }] of found.entries()) {
          expect(distance).toBeGreaterThanOrEqual(0);
          const isComparable = (both[i] ?? []).flat().every((value) => Number.isFinite(value));
          expect(Number.isFinite(distance)).toBe(isComparable);
          if (!isComparable) expect(disagrees).toBe(true);
        }
      }),
    );
  });

  it("is for each row of a batch what it is for the row alone", () => {
    fc.assert(
      fc.property(aModel, pairs(anyRow), (model, both) => {
        const [a, b] = [both.map(([one]) => one), both.map(([, other]) => other)];
        expect(compare(model, a, b)).toEqual(both.flatMap(([one, other]) => compare(model, [one], [other])));
      }),
    );
  });
});

describe("what is counted of it", () => {
  const rows = fc.array(fc.record({ distance: fc.double({ min: 0, noNaN: true }), disagrees: fc.boolean() }), {
    minLength: 1,
    maxLength: 4,
  });
  const aPair = fc.record({
    rows,
    work: fc.option(fc.record({ activeMs: fc.nat(50), candidateMs: fc.nat(50) }), { nil: undefined }),
    /** A window ends here. */
    ends: fc.boolean(),
  });
  type Pair = typeof aPair extends fc.Arbitrary<infer One> ? One : never;

  /** The sum of what the windows tell. */
  function sumOfWindows(pairsCounted: readonly Pair[]) {
    const counts = new AgreementCounts();
    let told = nothingCompared();
    for (const { rows: counted, work, ends } of pairsCounted) {
      counts.countPair(counted, work);
      if (ends) told = sumOfAgreements(told, counts.take());
    }
    told = sumOfAgreements(told, counts.take());
    expect(counts.total).toEqual(told);
    return told;
  }
  const countsIn = ({ activeWorkMs: _active, candidateWorkMs: _candidate, ...counts }: Agreement) => counts;
  const inOneWindow = (pairsCounted: readonly Pair[]) => pairsCounted.map((one) => ({ ...one, ends: false }));

  it("adds up, wherever the windows end", () => {
    fc.assert(
      fc.property(fc.array(aPair, { maxLength: 40 }), (counted) => {
        const all = sumOfWindows(counted);
        expect(countsIn(all)).toEqual(countsIn(sumOfWindows(inOneWindow(counted))));
        expect(all.distance.reduce((sum, count) => sum + count, 0)).toBe(all.compared);
        expect(all.disagreed).toBeLessThanOrEqual(all.compared);
      }),
    );
  });

  it("has the work of as many pairs as were timed, each between the quickest and the slowest, wherever the windows end", () => {
    fc.assert(
      fc.property(fc.array(aPair, { maxLength: 40 }), (counted) => {
        const timed = counted.flatMap(({ work }) => (work === undefined ? [] : [work]));
        fc.pre(timed.length > 0);
        const { activeWorkMs, candidateWorkMs } = sumOfWindows(counted);
        for (const [found, each] of [
          [activeWorkMs, timed.map(({ activeMs }) => activeMs)],
          [candidateWorkMs, timed.map(({ candidateMs }) => candidateMs)],
        ] as const) {
          expect(found).toBeGreaterThanOrEqual(each.length * Math.min(...each));
          expect(found).toBeLessThanOrEqual(each.length * Math.max(...each));
        }
      }),
    );
  });

  it("has exactly the work of pairs that all take the same, wherever the windows end", () => {
    fc.assert(
      fc.property(fc.array(aPair, { maxLength: 40 }), fc.nat(50), fc.nat(50), (counted, activeMs, candidateMs) => {
        const alike = counted.map((one) => ({ ...one, work: { activeMs, candidateMs } }));
        const { activeWorkMs, candidateWorkMs } = sumOfWindows(alike);
        expect({ activeWorkMs, candidateWorkMs }).toEqual({
          activeWorkMs: alike.length * activeMs,
          candidateWorkMs: alike.length * candidateMs,
        });
      }),
    );
  });
});
