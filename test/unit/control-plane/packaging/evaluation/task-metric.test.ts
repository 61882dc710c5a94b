import { describe, expect, it } from "vitest";
import { formatMetric } from "../../../../../control-plane/packaging/evaluation/task-metric.ts";

describe("showing a metric", () => {
  it.each([
    [0.9715, "97.15 %"],
    [0, "0.00 %"],
    [1.2, "120.00 %"],
  ])("a share of %d is %s", (value, shown) => {
    expect(formatMetric(value, { isShare: true })).toBe(shown);
  });

  it.each([
    [0.034, "0.034"],
    [12.34567, "12.35"],
    [0, "0"],
  ])("any other number, such as %d, is %s", (value, shown) => {
    expect(formatMetric(value, { isShare: false })).toBe(shown);
  });
});
