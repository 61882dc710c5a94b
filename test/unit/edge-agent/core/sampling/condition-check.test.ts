import { describe, expect, it } from "vitest";
import type { KnownRow } from "../../../../../edge-agent/core/sampling/condition-check.ts";
import { conditionCheck } from "../../../../../edge-agent/core/sampling/condition-check.ts";
import { StreamDetector } from "../../../../../edge-agent/core/stream-detector.ts";
import type { SampleCondition } from "../../../../../proto/sample-condition.ts";
import { aManifest } from "../../../../support/manifests.ts";

const manifest = aManifest();
const holds = (condition: string, row: Partial<KnownRow> = {}) =>
  conditionCheck(condition as SampleCondition, manifest)({ values: [0.5, 1, 0.7], detectors: [], ...row });
const withBrightness = (value: number | undefined): Partial<KnownRow> => ({ values: [value, 1, 0.7] });

/** A detector that has just got these. */
function having(...values: readonly number[]) {
  const detector = new StreamDetector(() => ({ low: 0, high: 1, longestRun: 2 }));
  for (const value of values) detector.add(value);
  return { ...withBrightness(values.at(-1)), detectors: [detector] };
}

describe("a condition over what the agent knows", () => {
  it("asks for classes by their labels", () => {
    expect(holds("class = one")).toBe(true);
    expect(holds("class in (zero, two)")).toBe(false);
    expect(holds("class = one", { values: [0.5, undefined, 0.7] })).toBe(false);
    expect(holds("class = two", { values: [0.5, undefined, 0.7] })).toBe(false);
  });

  it("compares numbers, and the ends of a range belong to it", () => {
    expect([holds("confidence < 0.7"), holds("confidence < 0.71"), holds("confidence > 0.69")]).toEqual([
      false,
      true,
      true,
    ]);
    expect([holds("brightness within 0.5..0.6"), holds("brightness outside 0.5..0.6")]).toEqual([true, false]);
    expect(holds("brightness outside 0.6..0.7")).toBe(true);
  });

  it("finds nothing in a feature that this agent does not know", () => {
    const feature = { kind: "unknown", name: "brightness", input: "image", stated: "kind embedding-distance" } as const;
    const newer = aManifest({ features: [feature] });
    const row = { values: [undefined, 1, 0.7], detectors: [] };
    for (const condition of ["brightness is missing", "any is missing", "brightness < 1"]) {
      expect(conditionCheck(condition as SampleCondition, newer)(row)).toBe(false);
      expect(conditionCheck(condition as SampleCondition, manifest)(row)).toBe(condition.endsWith("missing"));
    }
  });

  it("passes no number where there is none", () => {
    for (const value of [undefined, Number.NaN, Number.POSITIVE_INFINITY])
      for (const test of ["brightness > 0", "brightness < 1", "brightness outside 0..1", "brightness within 0..1"])
        expect(holds(test, withBrightness(value))).toBe(false);
  });

  it("knows what is missing, and what is there but no finite number", () => {
    expect([undefined, Number.NaN, 0.5].map((value) => holds("brightness is missing", withBrightness(value)))).toEqual([
      true,
      true,
      false,
    ]);
    expect([undefined, Number.NaN, 0.5].map((value) => holds("any is not-finite", withBrightness(value)))).toEqual([
      false,
      true,
      false,
    ]);
  });

  it("asks the detectors about the number that came last", () => {
    expect(holds("brightness is far-outside", having(0.5, 1.5))).toBe(true);
    expect(holds("any is far-outside", having(1.5, 0.5))).toBe(false);
    expect(holds("any is stuck", having(0.5, 0.5))).toBe(false);
    expect(holds("any is stuck", having(0.5, 0.5, 0.5))).toBe(true);
    expect(holds("any is stuck", { ...having(0.5, 0.5, 0.5), ...withBrightness(Number.NaN) })).toBe(false);
  });

  it("holds only where all of its tests do", () => {
    expect(holds("class = one and confidence < 0.8 and brightness > 0.4")).toBe(true);
    expect(holds("class = one and confidence < 0.6 and brightness > 0.4")).toBe(false);
  });

  it("asks for nothing of a version that has not its streams", () => {
    expect(holds("darkness > 0")).toBe(false);
    expect(holds("darkness is missing")).toBe(false);
    expect(holds("value < 5 and class = one")).toBe(false);
  });
});
