import { describe, expect, test } from "vitest";
import { CommandError } from "../../../../control-plane/cli/exit-codes.ts";
import { rolloutRequest } from "../../../../control-plane/cli/rollout-options.ts";

test("what is not said is left to the control plane", () => {
  expect(rolloutRequest("digits@2", {})).toEqual({ model: "digits", version: "2" });
});

test("every option has its place in the request", () => {
  const request = rolloutRequest("digits@2", {
    id: "monday",
    to: "site=lyon",
    stages: "5,25%,100",
    soak: "30s",
    minInferences: "500",
    evidenceTimeout: "10m",
    deviceSoak: "1m",
    deviceTimeout: "2h",
    gate: ["max-output-drift=0.2", "max-error-rate=off"],
    onFailure: "pause",
  });
  const perStage = { soakMs: 30_000, minInferences: 500, evidenceTimeoutMs: 600_000 };
  expect(request).toEqual({
    id: "monday",
    model: "digits",
    version: "2",
    selector: "site=lyon",
    stages: [
      { percent: 5, ...perStage },
      { percent: 25, ...perStage },
      { percent: 100, ...perStage },
    ],
    gates: { maxOutputDrift: 0.2, maxErrorRate: null },
    onFailure: "pause",
    deviceTimeoutMs: 7_200_000,
    soak: { durationMs: 60_000 },
  });
});

test("a soak without stages is the soak of the usual stages", () => {
  expect(rolloutRequest("digits@2", { soak: "1m" }).stages).toEqual([
    { percent: 5, soakMs: 60_000 },
    { percent: 25, soakMs: 60_000 },
    { percent: 100, soakMs: 60_000 },
  ]);
});

test("a shadow comes before the stages that answer, with the devices of the first of them", () => {
  expect(rolloutRequest("digits@2", { shadow: "10%", gate: ["max-disagreement=0.05"] })).toMatchObject({
    stages: [{ percent: 5, shadow: { share: 0.1 } }, { percent: 5 }, { percent: 25 }, { percent: 100 }],
    gates: { maxDisagreement: 0.05 },
  });
  expect(rolloutRequest("digits@2", { shadow: "100", stages: "20,100", soak: "1m" }).stages).toEqual([
    { percent: 20, soakMs: 60_000, shadow: { share: 1 } },
    { percent: 20, soakMs: 60_000 },
    { percent: 100, soakMs: 60_000 },
  ]);
  for (const shadow of ["5,10", "some"])
    expect(() => rolloutRequest("digits@2", { shadow })).toThrow(
      expect.objectContaining({ problems: [`--shadow: "${shadow}" is not a percentage: write 10%`] }),
    );
});

describe("mistakes", () => {
  test("all of them are named", () => {
    const mistaken = () =>
      rolloutRequest("digits", { stages: "5;100", soak: "soon", gate: ["max-noise=1", "max-error-rate=low"] });
    expect(mistaken).toThrow(CommandError);
    try {
      mistaken();
    } catch (error) {
      expect((error as CommandError).exitCode).toBe(2);
      expect((error as CommandError).problems).toEqual([
        'model: "digits" is not MODEL@VERSION, such as digits@2',
        '--soak: "soon" is not a duration: write 30s, 10m, 2h, 1h30m or 7d',
        '--stages: "5;100" is not a list of percentages: write 5,25,100',
        '--gate: there is no gate "max-noise"; there are max-failed-updates, max-error-rate, max-latency-ratio, max-output-drift, max-wrong-answers, max-disagreement',
        '--gate: "low" is not a limit; write max-error-rate=0.2 or max-error-rate=off',
      ]);
    }
  });
});
