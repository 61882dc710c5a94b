import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TrialHealth } from "../../../../edge-agent/core/soak-gate.ts";
import { judgeTrial } from "../../../../edge-agent/core/soak-gate.ts";

const policy = { durationMs: 30_000, minInferences: 20, deadlineMs: 600_000, maxErrorShare: 0.05 };
const health = (overrides: Partial<TrialHealth>): TrialHealth => ({
  startedAt: 1_000,
  inferences: 0,
  errors: 0,
  lastError: "",
  active: { inferences: 0, errors: 0 },
  ...overrides,
});
const judge = (overrides: Partial<TrialHealth>, elapsed: number) =>
  judgeTrial(policy, health(overrides), 1_000 + elapsed);

describe("the soak of a trial", () => {
  it("is pending until its time is over, and says when to ask again", () => {
    expect(judge({ inferences: 500 }, 12_000)).toEqual({
      kind: "pending",
      reason: "in trial for 12 s: 500 inferences, 0 of them failed",
      until: 31_000,
    });
  });

  it("passes after its time, with enough inferences", () => {
    expect(judge({ inferences: 20, errors: 1 }, 30_000)).toMatchObject({ kind: "pass" });
    expect(judge({ inferences: 19 }, 30_000)).toMatchObject({ kind: "pending", until: 32_000 });
  });

  it("fails as soon as the allowed share cannot be kept any more", () => {
    expect(judge({ inferences: 2, errors: 1 }, 10)).toMatchObject({ kind: "pending" });
    expect(judge({ inferences: 3, errors: 2, lastError: "shape" }, 10)).toEqual({
      kind: "fail",
      reason: "2 of 3 inferences failed, more than 5 % allowed; last: shape",
    });
  });

  it("is inconclusive at the deadline without enough inferences, when nothing went wrong", () => {
    expect(judge({ inferences: 7 }, 600_000)).toEqual({
      kind: "inconclusive",
      reason: "600 s brought only 7 of 20 inferences, and nothing went wrong",
    });
    expect(judge({ inferences: 7, errors: 1, lastError: "nan" }, 600_000)).toMatchObject({ kind: "fail" });
  });

  it("does not blame a candidate for errors that the active model shows too", () => {
    const active = { inferences: 1_000, errors: 300 };
    expect(judge({ inferences: 100, errors: 30, active }, 30_000)).toMatchObject({ kind: "pass" });
    expect(judge({ inferences: 100, errors: 31, active }, 30_000)).toMatchObject({ kind: "fail" });
  });

  it("is not excused by an active model that was hardly asked", () => {
    const active = { inferences: 1, errors: 1 };
    expect(judge({ inferences: 50, errors: 50, active }, 30_000)).toMatchObject({ kind: "fail" });
  });

  it("comes to an end: never pending at the deadline, and `until` always lies ahead and not beyond it", () => {
    fc.assert(
      fc.property(fc.nat(100), fc.nat(100), fc.nat(700_000), (inferences, errors, elapsed) => {
        const verdict = judge({ inferences, errors: Math.min(errors, inferences) }, elapsed);
        if (elapsed >= policy.deadlineMs) expect(verdict.kind).not.toBe("pending");
        if (verdict.kind === "pending") {
          expect(verdict.until).toBeGreaterThan(1_000 + elapsed);
          expect(verdict.until).toBeLessThanOrEqual(1_000 + policy.deadlineMs);
        }
      }),
    );
  });

  it("never turns from fail to pass by an error more", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(60), fc.nat(700_000), (inferences, errors, elapsed) => {
        if (errors >= inferences) return;
        if (judge({ inferences, errors }, elapsed).kind === "fail")
          expect(judge({ inferences, errors: errors + 1 }, elapsed).kind).toBe("fail");
      }),
    );
  });
});
