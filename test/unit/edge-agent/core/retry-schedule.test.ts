import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { retryDelays } from "../../../../edge-agent/core/retry-schedule.ts";

function first(count: number, random: () => number, baseMs = 1_000, capMs = 300_000): number[] {
  const delays = retryDelays(random, { baseMs, capMs, stableAfterMs: 0 });
  return Array.from({ length: count }, () => delays.next().value);
}

describe("the delays before another attempt", () => {
  it("have bounds that double up to the cap", () => {
    const almostOne = () => 0.999999;
    expect(first(11, almostOne).map((delay) => Math.ceil(delay / 1_000))).toEqual([
      1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300,
    ]);
  });

  it("lie anywhere between nothing and their bound, so that devices spread", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), { minLength: 1, maxLength: 40 }),
        (numbers) => {
          let i = 0;
          const delays = first(numbers.length, () => numbers[i++] as number, 200, 2_000);
          for (const [n, delay] of delays.entries()) {
            const bound = Math.min(2_000, 200 * 2 ** n);
            expect(delay).toBe((numbers[n] as number) * bound);
            expect(delay).toBeLessThan(bound);
          }
        },
      ),
    );
  });
});
