import { describe, expect, test } from "vitest";
import { defaultDriftPolicy } from "../../../../../control-plane/domain/drift/drift-policy.ts";
import type { DriftScore } from "../../../../../control-plane/domain/drift/drift-score.ts";
import { judgeScore } from "../../../../../control-plane/domain/drift/judge-score.ts";
import { calmScore } from "./stream-builders.ts";

const judge = (changes: Partial<DriftScore>) => judgeScore(calmScore(changes), defaultDriftPolicy);

describe("drift needs an effect and evidence", () => {
  test("both: drifted, with the numbers in words", () => {
    expect(judge({ psi: 0.6, psiExcess: 0.5 })).toEqual({
      kind: "drifted",
      reason:
        "input.brightness: PSI 0.60 over 200 samples is 0.50 above the 0.10 that chance explains " +
        "(limit 0.20; once in a thousand windows chance reaches 0.25)",
    });
  });

  test("an effect without evidence is calm: chance reaches it", () => {
    expect(judge({ psi: 0.6, psiExcess: 0.5, psiNullQuantile: 0.7 }).kind).toBe("calm");
  });

  test("evidence without an effect is calm: certain, and a trifle", () => {
    expect(judge({ samples: 1e6, psi: 0.1, psiExcess: 0.0999, psiNullQuantile: 0.001 })).toMatchObject({
      kind: "calm",
    });
  });

  test("the limit itself counts as reached", () => {
    expect(judge({ psi: 0.3, psiExcess: 0.2 }).kind).toBe("drifted");
    expect(judge({ psi: 0.3, psiExcess: 0.1999 }).kind).toBe("calm");
  });
});

describe("what the devices' detectors found", () => {
  test("samples far outside", () => {
    expect(judge({ farOutsideShare: 0.03, farOutsideIncrease: 0.03 })).toEqual({
      kind: "drifted",
      reason: "input.brightness: 3.0 % of 200 samples lie far outside (limit 2.0 %)",
    });
    expect(judge({ farOutsideShare: 0.03, farOutsideIncrease: 0.03, farOutsideChance: 0.04 }).kind).toBe("calm");
    expect(judge({ farOutsideShare: 0.02, farOutsideIncrease: 0.02 }).kind).toBe("calm");
  });

  test("samples that stay the same", () => {
    expect(judge({ stuckShare: 0.5, stuckIncrease: 0.5 })).toEqual({
      kind: "drifted",
      reason:
        "input.brightness: 50.0 % of 200 samples are stuck: the same value for longer than is plausible " +
        "(limit 20.0 %)",
    });
    expect(judge({ stuckShare: 0.2, stuckIncrease: 0.2 }).kind).toBe("calm");
  });

  test("how many of the missing are no finite number", () => {
    expect(judge({ missing: 20, missingShare: 0.1, missingIncrease: 0.1, notFiniteShare: 0.08 }).reason).toMatch(
      "8.0 % are NaN or infinite",
    );
  });
});

describe("values out of range and missing values", () => {
  test("more out of range than in the reference", () => {
    expect(judge({ outOfRangeShare: 0.08, outOfRangeIncrease: 0.07 })).toEqual({
      kind: "drifted",
      reason:
        "input.brightness: 8.0 % of 200 samples lie beyond the reference's edges, 7.0 % more than in the reference (limit 5.0 %)",
    });
    expect(judge({ outOfRangeShare: 0.08, outOfRangeIncrease: 0.04 }).kind).toBe("calm");
    expect(judge({ outOfRangeShare: 0.08, outOfRangeIncrease: 0.07, outOfRangeChance: 0.09 }).kind).toBe("calm");
  });

  test("more missing than in the reference", () => {
    expect(judge({ missing: 30, missingShare: 0.13, missingIncrease: 0.12 })).toMatchObject({
      kind: "drifted",
      reason: "input.brightness: 13.0 % of 230 rows have no value, 12.0 % more than in the reference (limit 5.0 %)",
    });
    expect(judge({ missing: 30, missingShare: 0.13, missingIncrease: 0.12, missingChance: 0.2 }).kind).toBe("calm");
  });

  test("every finding is named", () => {
    const { reason } = judge({ psi: 0.6, psiExcess: 0.5, outOfRangeIncrease: 0.07, missingIncrease: 0.12 });
    expect(reason).toMatch(/rows have no value.*; .*beyond the reference's edges.*; PSI 0\.60/);
  });
});

describe("too little to judge", () => {
  test("fewer samples than the policy wants, whatever they show", () => {
    expect(judge({ samples: 99, psi: 3, psiExcess: 2.9 })).toEqual({
      kind: "inconclusive",
      reason: "input.brightness: too little to judge: 99 samples, 100 are needed",
    });
    expect(judge({ samples: 100, psi: 3, psiExcess: 2.9 }).kind).toBe("drifted");
  });

  test("a sensor that went silent is drift, though it leaves no sample", () => {
    expect(judge({ samples: 0, missing: 150, missingShare: 1, missingIncrease: 1 }).kind).toBe("drifted");
  });

  test("enough rows, but as many without a value as ever: nothing can be said of the rest", () => {
    expect(judge({ samples: 60, missing: 60, missingShare: 0.5 })).toEqual({
      kind: "inconclusive",
      reason: "input.brightness: too little to judge: 60 samples with a value, 100 are needed",
    });
  });

  test("a reference without samples judges nothing", () => {
    expect(judge({ referenceSamples: 0, missingIncrease: 1, missing: 500 })).toMatchObject({
      kind: "inconclusive",
      reason: "input.brightness: too little to judge: the reference has no samples",
    });
  });
});
