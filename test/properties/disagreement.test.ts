import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { disagreementOf } from "../../control-plane/domain/rollout/disagreement-gate.ts";
import { wilsonInterval } from "../../control-plane/domain/rollout/wilson-interval.ts";
import { shadowOf } from "../support/rollout-builders.ts";

const aDevice = fc
  .record({ compared: fc.integer({ min: 1, max: 100_000 }), part: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ compared, part }) => ({ compared, disagreed: Math.round(part * compared) }));
const devices = fc.array(aDevice, { minLength: 1, maxLength: 12 });
const needed = fc.integer({ min: 0, max: 1_000 });

function of(counts: readonly { compared: number; disagreed: number }[], rows: number) {
  return disagreementOf([...shadowOf(counts).devices.values()], rows);
}

describe("the share of rows that disagree, whatever devices counted", () => {
  it("lies between those of the devices, and inside its bounds", () => {
    fc.assert(
      fc.property(devices, needed, (counts, rows) => {
        const { share, lower, upper } = of(counts, rows);
        const shares = counts.map(({ compared, disagreed }) => disagreed / compared);
        expect(share).toBeGreaterThanOrEqual(Math.min(...shares) - 1e-9);
        expect(share).toBeLessThanOrEqual(Math.max(...shares) + 1e-9);
        expect(lower).toBeLessThanOrEqual(share + 1e-9);
        expect(upper).toBeGreaterThanOrEqual(share - 1e-9);
        expect(lower).toBeGreaterThanOrEqual(-1e-9);
        expect(upper).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });

  it("is never surer than if every row were a device of its own", () => {
    fc.assert(
      fc.property(devices, needed, (counts, rows) => {
        const { share, lower, upper, designEffect, compared } = of(counts, rows);
        const naive = wilsonInterval(share * compared, compared);
        expect(designEffect).toBeGreaterThanOrEqual(1);
        expect(upper - lower).toBeGreaterThanOrEqual(naive.upper - naive.lower - 1e-9);
      }),
    );
  });

  it("does not depend on the order of the devices", () => {
    fc.assert(
      fc.property(devices, needed, (counts, rows) => {
        const [there, back] = [of(counts, rows), of(counts.toReversed(), rows)];
        expect(back.share).toBeCloseTo(there.share, 9);
        expect(back.lower).toBeCloseTo(there.lower, 9);
      }),
    );
  });

  it("is not carried away by one device, however much it says", () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 12 }), fc.integer({ min: 400, max: 10_000_000 }), (count, loud) => {
        const quiet = Array.from({ length: count - 1 }, () => ({ compared: 200, disagreed: 0 }));
        expect(of([...quiet, { compared: loud, disagreed: loud }], 200).share).toBeLessThanOrEqual(
          2 / (count + 1) + 1e-9,
        );
      }),
    );
  });
});
