import { describe, expect, it } from "vitest";
import { judgeVariant } from "../../../../../control-plane/packaging/evaluation/judge-variant.ts";
import type { TaskMetric } from "../../../../../control-plane/packaging/evaluation/task-metric.ts";

function metric(name: string, better: "higher" | "lower", isShare: boolean): TaskMetric {
  return { name, better, isShare, start: () => ({ add: () => {}, value: () => Number.NaN }) };
}

const errorRate = metric("character error rate", "lower", true);
const accuracy = metric("accuracy", "higher", true);
const seconds = metric("mean absolute error", "lower", false);

describe("judging a variant", () => {
  it("says by how much it is worse, in the words of the metric", () => {
    const { isWithin, reason } = judgeVariant(errorRate, 0.0014, 0.982, 0.01, 1_000);
    expect(isWithin).toBe(false);
    expect(reason).toContain(
      "character error rate 98.20 % is 98.06 points worse than the 0.14 % of the float model; 1.00 are allowed",
    );
  });

  it("lets pass what is worse by exactly the tolerance", () => {
    expect(judgeVariant(accuracy, 0.97, 0.96, 0.01, 1_000)).toMatchObject({
      isWithin: true,
      reason: expect.stringContaining("accuracy 96.00 %, 1.00 points worse than the float model"),
    });
    expect(judgeVariant(accuracy, 0.97, 0.9599, 0.01, 1_000).isWithin).toBe(false);
  });

  it("lets pass whatever is better", () => {
    expect(judgeVariant(errorRate, 0.5, 0.1, 0, 1_000)).toMatchObject({
      isWithin: true,
      reason: expect.stringContaining("40.00 points better"),
    });
    expect(judgeVariant(accuracy, 0.9, 0.9, 0, 1_000).reason).toContain("as the float model");
  });

  it("shows numbers that are no shares in their own unit", () => {
    expect(judgeVariant(seconds, 1.5, 1.75, 0.2, 1_000).reason).toContain(
      "mean absolute error 1.75 is 0.25 worse than the 1.5 of the float model; 0.2 are allowed",
    );
  });

  it("shows as many digits as it takes to see why", () => {
    expect(judgeVariant(accuracy, 0.97, 0.95996, 0.01, 1_000).reason).toContain(
      "is 1.004 points worse than the 97.00 % of the float model; 1.000 are allowed",
    );
    expect(judgeVariant(seconds, 1, 1.20004, 0.2, 1_000).reason).toContain(
      "is 0.20004 worse than the 1 of the float model; 0.2 are allowed",
    );
  });

  it("notes the worst number there is for one that is none, so that nothing ranks it first", () => {
    expect(judgeVariant(accuracy, 0.97, Number.NaN, 1, 10).quality.value).toBe(-Number.MAX_VALUE);
    expect(judgeVariant(errorRate, 0.01, Number.NaN, 1, 10).quality.value).toBe(Number.MAX_VALUE);
  });

  it("refuses everything when the float model itself cannot be judged", () => {
    expect(judgeVariant(accuracy, Number.NaN, 0.9, 1, 10).isWithin).toBe(false);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])("refuses a metric of %d, and notes a finite one", (value) => {
    const { isWithin, quality, reason } = judgeVariant(errorRate, 0.1, value, 1, 1_000);
    expect(isWithin).toBe(false);
    expect(Number.isFinite(quality.value)).toBe(true);
    expect(reason).toContain("cannot be judged");
  });

  it("keeps what it judged by", () => {
    expect(judgeVariant(accuracy, 0.97, 0.96, 0.005, 1_500).quality).toEqual({
      metric: "accuracy",
      better: "higher",
      value: 0.96,
      reference: 0.97,
      tolerance: 0.005,
      samples: 1_500,
    });
  });
});
