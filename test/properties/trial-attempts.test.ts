import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CountedAttempts } from "../../edge-agent/core/trial-attempts.ts";
import { afterProof, proofAfterMs, proofDueAtMs } from "../../edge-agent/core/trial-attempts.ts";
import { maxAttempts } from "../../edge-agent/core/update-state.ts";
import { hours, minutes } from "../../proto/units.ts";

/** How many trials begin on a device that goes down after each of these times; undefined when it has more of them than are given. */
function attemptsUntilOver(lives: readonly number[]): number | undefined {
  let counted: CountedAttempts = { attempt: 0 };
  for (const [begun, life] of lives.entries()) {
    if (counted.attempt >= maxAttempts) return begun;
    counted = { ...counted, attempt: counted.attempt + 1 };
    const due = proofDueAtMs(counted);
    if (due !== undefined && due <= life) counted = afterProof(counted);
  }
  return counted.attempt >= maxAttempts ? lives.length : undefined;
}

const life = (max: number) => fc.integer({ min: 0, max });

describe("the attempts of a trial", () => {
  it("are three for a model that takes the device down within two minutes, whenever within them", () => {
    fc.assert(
      fc.property(fc.array(life(minutes(2) - 1), { minLength: 3, maxLength: 10 }), (lives) => {
        expect(attemptsUntilOver(lives)).toBe(3);
      }),
    );
  });

  it("come to an end, however long the device lives each time", () => {
    const given = fc.integer({ min: minutes(2), max: hours(1_000) }).chain((most) => {
      const bound = 3 * (2 + Math.ceil(Math.log2(most / minutes(2))));
      return fc.tuple(fc.constant(bound), fc.array(life(most), { minLength: bound, maxLength: bound }));
    });
    fc.assert(
      fc.property(given, ([bound, lives]) => {
        const attempts = attemptsUntilOver(lives);
        expect(attempts).toBeDefined();
        expect(attempts).toBeLessThanOrEqual(bound);
      }),
    );
  });

  it("cost no device its trial that lives for twice as long each time", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: hours(1) }), { maxLength: 12 }), (longer) => {
        expect(attemptsUntilOver(longer.map((ms, evening) => proofAfterMs(evening) + ms))).toBeUndefined();
      }),
    );
  });
});
