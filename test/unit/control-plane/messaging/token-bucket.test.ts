import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fullBucket, takeToken } from "../../../../control-plane/messaging/token-bucket.ts";

const rule = { perSecond: 10, burst: 2 };

/** Takes at each of the moments and tells what came of it: the milliseconds to wait, or "refused". */
function takeAt(moments: readonly number[], credit = 0): readonly (number | "refused")[] {
  let bucket = fullBucket(rule, 0);
  return moments.map((now) => {
    const taking = takeToken(bucket, rule, now, credit);
    bucket = taking.bucket;
    return taking.taken ? taking.waitMs : "refused";
  });
}

describe("takeToken", () => {
  it("gives the burst at once and then what has accrued", () => {
    expect(takeAt([0, 0, 0, 99, 100, 100])).toEqual([0, 0, "refused", "refused", 0, "refused"]);
  });

  it("gives on credit with the time until the token has accrued", () => {
    expect(takeAt([0, 0, 0, 0, 0], 2)).toEqual([0, 0, 100, 200, "refused"]);
  });

  it("never holds more than the burst", () => {
    expect(takeAt([1_000_000, 1_000_000, 1_000_000])).toEqual([0, 0, "refused"]);
  });

  it("goes on from the new time when the clock is set back", () => {
    expect(takeAt([5_000, 5_000, 0, 100])).toEqual([0, 0, "refused", 0]);
  });

  it("never gives more than burst + credit + rate × time, at whatever moments it is asked", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 200 }), { maxLength: 200 }),
        fc.integer({ min: 0, max: 5 }),
        (steps, credit) => {
          let now = 0;
          const moments = steps.map((step) => (now += step));
          const taken = takeAt(moments, credit).filter((outcome) => outcome !== "refused").length;
          expect(taken).toBeLessThanOrEqual(rule.burst + credit + (rule.perSecond * now) / 1_000 + 1e-6);
        },
      ),
    );
  });
});
