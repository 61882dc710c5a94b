import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nothingServed } from "../../../../edge-agent/core/recent-service.ts";
import type { TrialErrors, TrialHealth } from "../../../../edge-agent/core/soak-gate.ts";
import { judgeTrial, trialProgress } from "../../../../edge-agent/core/soak-gate.ts";
import { aTrial, noErrors } from "../../../support/trials.ts";

const policy = { durationMs: 30_000, minInferences: 20, deadlineMs: 600_000, maxErrorShare: 0.05 };
const judge = (overrides: Partial<TrialHealth>, elapsed: number) =>
  judgeTrial(policy, aTrial(overrides), 1_000 + elapsed);
const errors = (some: Partial<TrialErrors>): TrialErrors => ({ ...noErrors, ...some });

describe("the soak of a trial", () => {
  it("is pending until its time is over, and says when to ask again", () => {
    expect(judge({ inferences: 500 }, 12_000)).toEqual({
      kind: "pending",
      reason: "in trial for 12 s: 500 inferences, 0 of them failed",
      until: 31_000,
    });
  });

  it("tells how far it is, without what failed with both versions", () => {
    expect(trialProgress(policy, aTrial({ inferences: 9, errors: errors({ shared: 2 }) }), 13_000)).toEqual({
      elapsedMs: 12_000,
      durationMs: 30_000,
      deadlineMs: 600_000,
      inferences: 7,
      minInferences: 20,
    });
  });

  it("passes after its time, with enough inferences", () => {
    expect(judge({ inferences: 20, errors: errors({ own: 1 }) }, 30_000)).toMatchObject({ kind: "pass" });
    expect(judge({ inferences: 19 }, 30_000)).toMatchObject({ kind: "pending", until: 32_000 });
  });

  it("fails as soon as the allowed share cannot be kept any more", () => {
    expect(judge({ inferences: 2, errors: errors({ alone: 1 }) }, 10)).toMatchObject({ kind: "pending" });
    expect(judge({ inferences: 3, errors: errors({ alone: 2 }), lastError: "shape" }, 10)).toEqual({
      kind: "fail",
      reason: "2 of 3 inferences failed, more than 5 % allowed; last: shape",
    });
  });

  it("is inconclusive at the deadline without enough inferences, when nothing went wrong", () => {
    expect(judge({ inferences: 7 }, 600_000)).toEqual({
      kind: "inconclusive",
      reason: "600 s brought only 7 of 20 inferences, and nothing went wrong",
    });
    expect(judge({ inferences: 7, errors: errors({ alone: 1 }) }, 600_000)).toMatchObject({ kind: "fail" });
  });

  it("comes to an end: never pending at the deadline, and `until` always lies ahead and not beyond it", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), fc.nat(700_000), (inferences, wrong, elapsed) => {
        const verdict = judge({ inferences, errors: errors({ own: Math.min(wrong, inferences) }) }, elapsed);
        if (elapsed >= policy.deadlineMs) expect(verdict.kind).not.toBe("pending");
        if (verdict.kind === "pending") {
          expect(verdict.until).toBeGreaterThan(1_000 + elapsed);
          expect(verdict.until).toBeLessThanOrEqual(1_000 + policy.deadlineMs);
        }
      }),
    );
  });

  it("never turns from fail to pass by an error more", () => {
    const by = fc.constantFrom("own", "alone");
    fc.assert(
      fc.property(by, fc.integer({ min: 1, max: 60 }), fc.nat(60), fc.nat(700_000), (whose, inferences, n, elapsed) => {
        if (n >= inferences) return;
        if (judge({ inferences, errors: errors({ [whose]: n }) }, elapsed).kind === "fail")
          expect(judge({ inferences, errors: errors({ [whose]: n + 1 }) }, elapsed).kind).toBe("fail");
      }),
    );
  });
});

describe("a trial next to the active model", () => {
  it("is not blamed for what fails with both, and a request that fails with both says nothing for it either", () => {
    expect(judge({ inferences: 100, errors: errors({ shared: 80 }) }, 30_000)).toEqual({
      kind: "pass",
      reason: "healthy for 30 s: 20 inferences, 0 of them failed, and 80 failed with both versions",
    });
    expect(judge({ inferences: 100, errors: errors({ shared: 81 }) }, 30_000)).toMatchObject({ kind: "pending" });
    expect(judge({ inferences: 100, errors: errors({ shared: 100 }) }, 600_000)).toMatchObject({
      kind: "inconclusive",
    });
  });

  it("fails for errors that the active model does not make, however bad things were before", () => {
    const before = { ...nothingServed, inferences: 1_000, errors: 300 };
    expect(judge({ inferences: 100, errors: errors({ own: 6 }), lastError: "nan", before }, 30_000)).toEqual({
      kind: "fail",
      reason: "6 of 100 inferences failed that the active version answered, more than 5 % allowed; last: nan",
    });
  });

  it("has the errors of the time before where the active model cannot be asked", () => {
    const before = { ...nothingServed, inferences: 1_000, errors: 300 };
    expect(judge({ inferences: 100, errors: errors({ alone: 30 }), before }, 30_000)).toMatchObject({ kind: "pass" });
    expect(judge({ inferences: 100, errors: errors({ alone: 31 }), before }, 30_000)).toMatchObject({ kind: "fail" });
  });

  it("is not excused by an active model that was hardly asked", () => {
    const before = { ...nothingServed, inferences: 1, errors: 1 };
    expect(judge({ inferences: 50, errors: errors({ alone: 50 }), before }, 30_000)).toMatchObject({ kind: "fail" });
  });

  it("fails when it cannot keep up with what comes, and the active version could have done twice as much", () => {
    const before = { ...nothingServed, inferences: 100, workMs: 100 };
    const busy = { asked: 60, inferences: 24, workMs: 2_500, before };
    expect(judge(busy, 60_000)).toEqual({
      kind: "fail",
      reason:
        "it cannot keep up with 60 requests in 60 s: an inference takes 2.5 s, and took 0.1 s with the active version",
    });
    expect(judge(busy, 20_000)).toMatchObject({ kind: "pending" });
    expect(judge({ ...busy, workMs: 1_000 }, 60_000)).toMatchObject({ kind: "pass" });
    expect(judge({ ...busy, before: { ...before, workMs: 501 } }, 60_000)).toMatchObject({ kind: "pass" });
    expect(judge({ ...busy, before: nothingServed }, 60_000)).toMatchObject({ kind: "pass" });
  });
});
