import { describe, expect, it } from "vitest";

import type { GateResult } from "../../../../../control-plane/domain/rollout/gate.ts";
import { judgeStage } from "../../../../../control-plane/domain/rollout/judge-stage.ts";
import { pairedLatencyOf } from "../../../../../control-plane/domain/rollout/paired-latency-gate.ts";
import { noEvidence } from "../../../../../control-plane/domain/rollout/evidence.ts";
import { nothingAround } from "../../../../../control-plane/domain/rollout/latency-around.ts";
import { noShadow } from "../../../../../control-plane/domain/rollout/shadow-evidence.ts";
import type { StageCase } from "../../../../../control-plane/domain/rollout/stage-case.ts";
import { agreementBins } from "../../../../../proto/sketch/agreement.ts";
import { minutes } from "../../../../../proto/units.ts";
import {
  aStage,
  anUpdate,
  devicesNamed,
  evidenceOf,
  noGates,
  shadowOf,
  startMs,
} from "../../../../support/rollout-builders.ts";

const late = { now: startMs + minutes(30) };

/** Three devices shadow, ten seconds into a stage that needs 100 rows. */
function judged(overrides: Partial<StageCase>, devices = 3): readonly GateResult[] {
  const stage: StageCase = {
    gates: noGates,
    stage: aStage("shadow", 10, { shadow: { share: 0.5 } }),
    enteredAtMs: startMs,
    now: startMs + 10_000,
    updates: devicesNamed(devices).map(({ id }) => anUpdate(id, { state: "shadowing", settledAtMs: startMs })),
    candidate: noEvidence,
    shadow: noShadow,
    incumbent: evidenceOf({ inferences: 1_000 }),
    around: nothingAround,
    pairedLatency: undefined,
    replaces: true,
    reference: new Map(),
    ...overrides,
  };
  return judgeStage(stage, stage.candidate);
}

function resultOf(gate: string, results: readonly GateResult[]): GateResult {
  const found = results.find((result) => result.gate === gate);
  if (found === undefined) throw new Error(`gate ${gate} is off`);
  return found;
}

describe("the gate on disagreement", () => {
  const gates = { ...noGates, maxDisagreement: 0.1 };
  const disagreement = (
    counts: readonly (readonly [number, number])[],
    overrides: Partial<StageCase> = {},
    devices = 3,
  ) => {
    const shadow = shadowOf(counts.map(([compared, disagreed]) => ({ compared, disagreed })));
    return resultOf("disagreement", judged({ gates, shadow, ...overrides }, devices));
  };

  it.each<[string, (readonly [number, number])[], GateResult["verdict"], RegExp]>([
    [
      "waits for rows",
      [
        [40, 0],
        [40, 0],
        [10, 0],
      ],
      "pending",
      /^90 compared on 3 devices, 0 % .*: 100 needed$/,
    ],
    [
      "waits for a second device",
      [[5_000, 0]],
      "pending",
      /: 2 devices are needed; 2 devices in shadow compared nothing: device-2, device-3$/,
    ],
    [
      "passes with enough rows of several devices",
      [
        [60, 1],
        [60, 0],
      ],
      "pass",
      /^120 compared on 2 devices, 0\.8 % disagree \(0\.1 % to 4\.6 %\), limit 10 %: within the limit$/,
    ],
    [
      "fails when most devices see it",
      [
        [60, 30],
        [60, 25],
        [60, 33],
      ],
      "fail",
      /over the limit with 95 % confidence; 3 devices of 3 are over the limit by themselves$/,
    ],
    [
      "waits where it may be chance",
      [
        [60, 9],
        [60, 6],
        [60, 8],
      ],
      "pending",
      /not beyond doubt$/,
    ],
    [
      "does not fail for what one device alone sees",
      [
        [10_000, 9_000],
        [100, 0],
        [100, 0],
      ],
      "pending",
      /not beyond doubt; 1 device of 3 is over the limit by itself: device-1 \(90 % of 10000\)$/,
    ],
    [
      "does not pass for a device that talks the others down",
      [
        [1_000_000, 0],
        [50, 25],
        [50, 25],
      ],
      "pending",
      /not beyond doubt; 2 devices of 3/,
    ],
    [
      "does not take the rows of one device for those of several",
      [
        [4_000_000_000, 0],
        [1, 0],
      ],
      "pending",
      /: nearly all of one device; 25 of others are needed; 1 device in shadow/,
    ],
    [
      "does not pass for one device while the other is over the limit",
      [
        [1_000_000, 0],
        [100, 25],
      ],
      "pending",
      /within the limit for one device alone; 1 device of 2 is over the limit by itself: device-2 \(25 % of 100\);/,
    ],
    [
      "passes where the second device is over the limit by chance",
      [
        [1_000, 20],
        [60, 8],
      ],
      "pass",
      /within the limit$/,
    ],
  ])("%s", (_, counts, verdict, reason) => {
    expect(disagreement(counts)).toMatchObject({ verdict, reason: expect.stringMatching(reason) });
  });

  it("takes the word of the only device that there is", () => {
    expect(disagreement([[200, 90]], {}, 1).verdict).toBe("fail");
    expect(disagreement([[200, 2]], {}, 1).verdict).toBe("pass");
  });

  it("does not turn round for the first rows that come", () => {
    const first: (readonly [number, number])[] = [
      [20, 10],
      [20, 10],
    ];
    expect(disagreement([...first, [5, 2]]).verdict).toBe("pending");
    expect(disagreement([...first, [10, 4]]).verdict).toBe("fail");
  });

  it("is inconclusive when the time for evidence is over, and says what to do where nothing was compared", () => {
    expect(disagreement([[40, 0]], late)).toMatchObject({ verdict: "inconclusive" });
    expect(disagreement([], late, 4)).toMatchObject({
      verdict: "inconclusive",
      reason:
        "0 compared on 0 devices, limit 10 %: 2 devices are needed; 4 devices in shadow compared nothing: " +
        "device-1, device-2, device-3 and 1 more. Either nobody asks them for inferences, or they have no memory left " +
        'for two versions ("sedge device health" shows it): resume the rollout when that is mended, or abort it ' +
        "and start another without --shadow",
    });
  });

  it("is shown and not judged without a limit", () => {
    const result = disagreement(
      [
        [60, 50],
        [60, 60],
        [60, 55],
      ],
      { gates: noGates },
    );
    expect(result.verdict).toBe("pass");
    expect(result.reason).toMatch(/^180 compared on 3 devices, 92 % disagree \(.*\): shown, not judged$/);
  });

  it("has nothing to judge where no device has another version beside it", () => {
    const updates = [anUpdate("device-1", { state: "confirmed", settledAtMs: startMs })];
    const results = judged({ gates, updates });
    expect(resultOf("disagreement", results)).toMatchObject({ verdict: "pass", reason: /nothing to compare/ });
  });

  it("says how far the answers lay apart", () => {
    const distance = new Uint32Array(agreementBins);
    distance[6] = 95;
    distance[11] = 5;
    const shadow = shadowOf([{ compared: 100, distance }]);
    const { measured } = resultOf("disagreement", judged({ gates, shadow }, 1));
    expect(measured["medianDistance"]).toBeCloseTo(0.0076, 4);
    expect(measured["p95Distance"]).toBe(0.01);
  });
});

describe("failures in shadow", () => {
  const gates = { ...noGates, maxErrorRate: 0.02 };
  const failures = (failed: number, inferences: number) => {
    const each = { compared: (inferences - failed) / 2, failed: failed / 2 };
    const shadow = shadowOf([each, each], evidenceOf({ inferences, devices: 2 }));
    return resultOf("shadow-errors", judged({ gates, shadow }));
  };

  it.each<[string, number, number, GateResult["verdict"]]>([
    ["are waited for", 0, 49, "pending"],
    ["pass within the limit", 1, 200, "pass"],
    ["fail beyond doubt, before anything could be compared", 20, 20, "fail"],
  ])("%s", (_, failed, inferences, verdict) => {
    expect(failures(failed, inferences).verdict).toBe(verdict);
  });

  it("do not fail a version that runs in shadow elsewhere too, as long as one device alone shows them", () => {
    const shadow = shadowOf([{ compared: 0, failed: 100 }], evidenceOf({ inferences: 100 }));
    expect(resultOf("shadow-errors", judged({ gates, shadow })).verdict).toBe("pending");
    expect(resultOf("shadow-errors", judged({ gates, shadow }, 1)).verdict).toBe("fail");
  });
});

describe("latency in shadow", () => {
  const gates = { ...noGates, maxLatencyRatio: 1.5 };
  const latency = (ratios: readonly number[], compared = 100, devices = 3, msEach = 1_000) => {
    const shadow = shadowOf(
      ratios.map((ratio) => ({
        compared,
        activeWorkMs: msEach * compared,
        candidateWorkMs: ratio * msEach * compared,
      })),
    );
    return resultOf("shadow-latency", judged({ gates, shadow }, devices));
  };

  it.each<[string, readonly number[], GateResult["verdict"], RegExp]>([
    [
      "fails beyond doubt, as in the worked example",
      [1.6, 2, 2.5],
      "fail",
      /^2\.00 times the work over 300 compared on 3 devices \(1\.55 to 2\.57\)/,
    ],
    ["passes within the limit", [1.2, 1.3, 1.1], "pass", /within the limit$/],
    ["waits where devices differ too much", [1, 1.2, 6], "pending", /not beyond doubt$/],
    ["gives every device one vote", [1, 1, 9], "pending", /not beyond doubt$/],
    ["waits for a second device", [3], "pending", /: 2 are needed$/],
    ["does not pass for one device that claims to be fast", [1e-9, 4], "pending", /within the limit for one device/],
  ])("%s", (_, ratios, verdict, reason) => {
    expect(latency(ratios)).toMatchObject({ verdict, reason: expect.stringMatching(reason) });
  });

  it("does not believe a device that has compared little", () => {
    expect(latency([9, 9, 9], 4).reason).toMatch(/^0 devices with 5 compared/);
  });

  it("takes versions for alike that are faster than a clock can tell", () => {
    const shadow = shadowOf([
      { compared: 200, activeWorkMs: 0, candidateWorkMs: 1 },
      { compared: 200, activeWorkMs: 0.5, candidateWorkMs: 0 },
    ]);
    const result = resultOf("shadow-latency", judged({ gates, shadow }));
    expect(result).toMatchObject({ verdict: "pass", measured: { ratio: 1 } });
  });

  it("leaves to the stages that answer what may be waiting for the processor", () => {
    expect(latency([4, 5, 6], 100, 3, 1)).toMatchObject({
      verdict: "pass",
      reason: expect.stringMatching(
        /^4\.9\d times .*by no more than waiting for the processor explains; it is judged where/,
      ),
    });
    expect(latency([40, 50, 60], 100, 3, 1).verdict).toBe("fail");
    const devices = shadowOf([{ compared: 100, activeWorkMs: 100, candidateWorkMs: 500 }]);
    expect(pairedLatencyOf(devices, 1.5)).toBeUndefined();
    expect(pairedLatencyOf(devices, 6)).toMatchObject({ devices: 1, compared: 100 });
  });

  it("leaves to the stages that answer what was never timed, and vouches for nothing then", () => {
    const untimed = { compared: 200, activeWorkMs: 0, candidateWorkMs: 0 };
    const shadow = shadowOf([untimed, untimed]);
    expect(resultOf("shadow-latency", judged({ gates, shadow }))).toMatchObject({
      verdict: "pass",
      reason: expect.stringMatching(/^400 compared, but timed on 0 devices only, .*: it is judged where it answers$/),
    });
    expect(pairedLatencyOf(shadow, 1.5)).toBeUndefined();
    const timed = { compared: 200, activeWorkMs: 200, candidateWorkMs: 200 };
    expect(pairedLatencyOf(shadowOf([untimed, untimed, timed]), 1.5)).toBeUndefined();
    expect(pairedLatencyOf(shadowOf([untimed, timed, timed]), 1.5)).toMatchObject({ devices: 2 });
  });

  it("has no voice of a device that timed nothing", () => {
    const slow = { compared: 200, activeWorkMs: 200_000, candidateWorkMs: 600_000 };
    const untimed = { compared: 20_000, activeWorkMs: 0, candidateWorkMs: 0 };
    const shadow = shadowOf([slow, slow, untimed]);
    expect(resultOf("shadow-latency", judged({ gates, shadow }))).toMatchObject({
      verdict: "fail",
      measured: { devices: 2, compared: 400 },
    });
  });

  it("fails for one device only where it is far over the limit", () => {
    expect(latency([2.5], 200, 1).verdict).toBe("pending");
    expect(latency([3.5], 200, 1).verdict).toBe("fail");
  });
});

describe("a stage in shadow", () => {
  const gates = { ...noGates, maxDisagreement: 0.1, maxErrorRate: 0.02, maxOutputDrift: 0.25 };
  const names = (results: readonly GateResult[]) => results.map(({ gate }) => gate);

  it("asks for no inference that somebody was answered with", () => {
    expect(names(judged({ gates }))).toEqual(["failed-updates", "disagreement", "shadow-errors"]);
  });

  it("fails nevertheless where the new version answers and is wrong: on devices that had nothing beside it", () => {
    const results = judged({ gates, candidate: evidenceOf({ inferences: 100, errors: 50 }) });
    expect(resultOf("error-rate", results).verdict).toBe("fail");
  });

  it("fails when its outputs drift beyond doubt, and does not wait for that", () => {
    const shadow = (answers: typeof noEvidence) => shadowOf([{ compared: 400 }, { compared: 400 }], answers);
    const incumbent = evidenceOf({ inferences: 2_000 });
    const drifted = judged({ gates, incumbent, shadow: shadow(evidenceOf({ inferences: 400, missing: 200 })) });
    expect(resultOf("shadow-output-drift", drifted).verdict).toBe("fail");
    const alike = judged({ gates, incumbent, shadow: shadow(evidenceOf({ inferences: 40 })) });
    expect(names(alike)).not.toContain("shadow-output-drift");
  });

  it("counts devices that shadow as well, and those that went silent in it as lost", () => {
    const results = judged({ gates, lost: [anUpdate("device-1", { state: "shadowing" })], ...late });
    expect(resultOf("failed-updates", results).verdict).toBe("pass");
    expect(resultOf("lost-devices", results).verdict).toBe("inconclusive");
  });
});
