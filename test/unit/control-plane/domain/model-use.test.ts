import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ModelUse } from "../../../../control-plane/domain/model-use.ts";
import { allowedGap, defaultUsePolicy, observeUse, unusedYet } from "../../../../control-plane/domain/model-use.ts";
import { hours, minutes } from "../../../../proto/units.ts";

const elapsedMs = minutes(5);
const used = { isUsed: true, isThere: true, elapsedMs };
const unused = { isUsed: false, isThere: true, elapsedMs };
const away = { isUsed: false, isThere: false, elapsedMs };

const look = (use: ModelUse, seen: typeof used, ms: number = elapsedMs) => {
  let after = use;
  for (let passed = 0; passed < ms; passed += elapsedMs) after = observeUse(after, seen);
  return after;
};
/** Used in every look of two days. */
const busy = look(unusedYet, used, hours(48));

describe("the use of a model on a device", () => {
  it("is known after a day and twelve uses, not before", () => {
    expect(look(unusedYet, used, hours(24) - elapsedMs).state).toBe("learning");
    expect(look(unusedYet, used, hours(24)).state).toBe("known");
    const seldom = look(look(unusedYet, used, minutes(50)), unused, hours(30));
    expect(seldom.state).toBe("learning");
    expect(look(seldom, used, minutes(10)).state).toBe("known");
  });

  it("is silent when nobody asks for longer than half an hour where that never happened, and known again with the next use", () => {
    expect(look(busy, unused, minutes(30)).state).toBe("known");
    const silent = look(busy, unused, minutes(35));
    expect(silent.state).toBe("silent");
    expect(look(silent, used)).toMatchObject({ state: "known", gapMs: 0 });
  });

  it("learns a night before it judges, and allows twice the longest gap of its past", () => {
    const shop = look(look(look(unusedYet, used, hours(12)), unused, hours(12)), used, hours(12));
    expect(shop.state).toBe("known");
    expect(allowedGap(shop)).toBe(2 * (hours(12) + elapsedMs));
    expect(look(shop, unused, hours(24)).state).toBe("known");
    expect(look(shop, unused, hours(25)).state).toBe("silent");
  });

  it("does not count time in which the device is away, and what came from then is a use", () => {
    expect(look(busy, away, hours(500))).toEqual(busy);
    const silent = look(busy, unused, hours(1));
    expect(look(silent, away, hours(500))).toEqual(silent);
    expect(observeUse(silent, { ...away, isUsed: true }).state).toBe("known");
  });

  it("learns from a long silence no more than twice what was allowed", () => {
    const back = look(look(busy, unused, hours(24 * 7)), used);
    expect(allowedGap(back)).toBe(2 * 2 * defaultUsePolicy.leastGapMs);
  });

  it("forgets gaps after two to four weeks", () => {
    const onceQuiet = look(look(busy, unused, minutes(25)), used);
    expect(allowedGap(onceQuiet)).toBe(hours(1));
    expect(allowedGap(look(onceQuiet, used, hours(24 * 13)))).toBe(hours(1));
    expect(allowedGap(look(onceQuiet, used, hours(24 * 29)))).toBe(defaultUsePolicy.leastGapMs);
  });

  it("is never silent right after a use, and never within the least gap", () => {
    const looks = fc.array(fc.constantFrom(used, unused, away), { maxLength: 2_000 });
    fc.assert(
      fc.property(looks, (seen) => {
        let use = busy;
        for (const one of seen) {
          use = observeUse(use, one);
          if (use.state === "silent") expect(use.gapMs).toBeGreaterThan(defaultUsePolicy.leastGapMs);
          if (one.isUsed) expect(use.state).toBe("known");
        }
      }),
    );
  });
});
