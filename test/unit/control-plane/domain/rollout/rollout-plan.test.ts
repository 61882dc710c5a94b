import { describe, expect, it } from "vitest";

import type { RolloutRequest } from "../../../../../control-plane/domain/rollout/rollout-plan.ts";
import { planRollout } from "../../../../../control-plane/domain/rollout/rollout-plan.ts";
import { minutes } from "../../../../../proto/units.ts";
import { aRecordOf, newVersion } from "../../../../support/rollout-builders.ts";

const record = aRecordOf(newVersion);
const request: RolloutRequest = { model: record.model, version: record.version };

function mistakesIn(overrides: Partial<RolloutRequest>): readonly string[] {
  const result = planRollout({ ...request, ...overrides }, record);
  return result.ok ? [] : result.problems;
}

describe("a rollout's plan", () => {
  it("needs no more than the version: the rest are careful defaults", () => {
    const result = planRollout(request, record);
    expect(result).toMatchObject({
      ok: true,
      value: {
        ...newVersion,
        selector: "all",
        onFailure: "roll-back",
        gates: {
          maxFailedUpdates: 0.05,
          maxErrorRate: 0.02,
          maxLatencyRatio: 1.5,
          maxOutputDrift: 0.25,
          maxWrongAnswers: undefined,
        },
        stages: [
          { name: "canary", percent: 5, soakMs: minutes(10), minInferences: 200 },
          { name: "early", percent: 25 },
          { name: "everyone", percent: 100 },
        ],
      },
    });
  });

  it("takes what is said, and names stages that have no name", () => {
    const result = planRollout(
      {
        ...request,
        stages: [{ percent: 10, soakMs: 5 }, { percent: 50 }, { percent: 100, name: "rest", minInferences: 0 }],
        gates: { maxErrorRate: 0.1, maxLatencyRatio: null, maxOutputDrift: undefined, maxWrongAnswers: 0.05 },
      },
      record,
    );
    expect(result).toMatchObject({
      ok: true,
      value: {
        gates: { maxErrorRate: 0.1, maxLatencyRatio: undefined, maxOutputDrift: 0.25, maxWrongAnswers: 0.05 },
        stages: [{ name: "canary", soakMs: 5 }, { name: "50 %" }, { name: "rest", minInferences: 0 }],
      },
    });
  });

  it("may begin in shadow, with the devices of the stage that serves first", () => {
    const shadow = { share: 0.1 };
    const result = planRollout(
      { ...request, stages: [{ percent: 5, shadow }, { percent: 5 }, { percent: 100 }] },
      record,
    );
    expect(result).toMatchObject({
      ok: true,
      value: {
        stages: [{ name: "shadow", shadow }, { name: "canary", percent: 5 }, { name: "everyone" }],
        gates: { maxDisagreement: 0.1 },
      },
    });
  });

  it("has no gate on disagreement where nothing is in shadow", () => {
    const result = planRollout(request, record);
    expect(result.ok && result.value.gates.maxDisagreement).toBe(undefined);
    expect(mistakesIn({ gates: { maxDisagreement: 0.1 } })).toEqual([
      "gates.maxDisagreement: judges a stage in shadow, and this rollout has none",
    ]);
  });

  it("is in shadow at its beginning or not at all", () => {
    const stages = [
      { percent: 10, shadow: { share: 0 } },
      { percent: 5, shadow: { share: 0.5 } },
      { percent: 100, name: "rest", shadow: { share: 2 } },
    ];
    expect(mistakesIn({ stages })).toEqual([
      "stages[0].shadow.share: 0 is not above 0 and at most 1",
      'stages[1].name: "shadow" names another stage already',
      "stages[1].shadow: only the first stage can be in shadow: later devices serve at once",
      "stages[1].percent: 5 is less than the 10 of the stage before; percentages are cumulative",
      "stages[2].shadow: only the first stage can be in shadow: later devices serve at once",
      "stages[2].shadow: the last stage cannot be in shadow: nothing would answer",
      "stages[2].shadow.share: 2 is not above 0 and at most 1",
    ]);
  });

  it("names every mistake with its path", () => {
    expect(
      mistakesIn({
        selector: "site=",
        stages: [
          { percent: 50, soakMs: -1 },
          { percent: 50, minInferences: 1.5, name: "canary" },
        ],
        gates: { maxFailedUpdates: 2, maxErrorRate: Number.NaN },
        onFailure: "panic",
        deviceTimeoutMs: 5,
        soak: { maxErrorShare: 7 },
      }),
    ).toEqual([
      'selector: column 6: expected the value of "site"',
      'onFailure: "panic" is neither "roll-back" nor "pause"',
      "stages[0].soakMs: -1 is not a number from 0 to 31536000000",
      'stages[1].name: "canary" names another stage already',
      "stages[1].percent: 50 is not more than the 50 of the stage before; percentages are cumulative",
      "stages[1].minInferences: 1.5 is not a count",
      "stages[1].percent: the last stage must have 100, not 50",
      "gates.maxFailedUpdates: 2 is not a number from 0 to 1",
      "gates.maxErrorRate: NaN is not a number from 0 to 1",
      "soak.maxErrorShare: 7 is not a number from 0 to 1",
      "deviceTimeoutMs: must be longer than the soak on the device, 60000",
    ]);
  });

  it("needs a version that is there", () => {
    expect(planRollout({ ...request, model: "No!", version: "" }, undefined)).toEqual({
      ok: false,
      problems: ['model: "No!" is not a model name', 'version: "" is not a model version'],
    });
    expect(planRollout(request, undefined)).toMatchObject({ ok: false });
  });

  it("has at least one stage", () => {
    expect(mistakesIn({ stages: [] })).toEqual(["stages: a rollout has 1 to 20 stages, not 0"]);
  });
});
