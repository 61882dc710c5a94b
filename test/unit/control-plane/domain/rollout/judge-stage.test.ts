import { describe, expect, it } from "vitest";

import { mergeEvidence, noEvidence, referenceStreams } from "../../../../../control-plane/domain/rollout/evidence.ts";
import type { GateResult } from "../../../../../control-plane/domain/rollout/gate.ts";
import type { StageCase } from "../../../../../control-plane/domain/rollout/stage-case.ts";
import { judgeStage } from "../../../../../control-plane/domain/rollout/judge-stage.ts";
import type { DeviceUpdate, DeviceUpdateState } from "../../../../../control-plane/domain/rollout/rollout.ts";
import { nothingAround } from "../../../../../control-plane/domain/rollout/latency-around.ts";
import { noShadow } from "../../../../../control-plane/domain/rollout/shadow-evidence.ts";
import { parseDeviceId } from "../../../../../proto/ids.ts";
import { binOf } from "../../../../../proto/sketch/histogram.ts";
import { latencyEdges } from "../../../../../proto/sketch/latency.ts";
import { minutes } from "../../../../../proto/units.ts";
import {
  noGates,
  aRecordOf,
  aStage,
  anUpdate,
  evidenceOf,
  newVersion,
  startMs,
} from "../../../../support/rollout-builders.ts";

/** Ten seconds into a stage that needs 100 inferences. */
function aCase(overrides: Partial<StageCase> = {}): StageCase {
  return {
    gates: noGates,
    stage: aStage("canary", 10),
    enteredAtMs: startMs,
    now: startMs + 10_000,
    updates: [],
    candidate: noEvidence,
    shadow: noShadow,
    incumbent: evidenceOf({ inferences: 1_000 }),
    around: nothingAround,
    pairedLatency: undefined,
    replaces: true,
    reference: referenceStreams(aRecordOf(newVersion)),
    ...overrides,
  };
}

function judged(gate: string, overrides: Partial<StageCase>, soFar = overrides.candidate ?? noEvidence): GateResult {
  const found = judgeStage(aCase(overrides), soFar).find((result) => result.gate === gate);
  if (found === undefined) throw new Error(`gate ${gate} is off`);
  return found;
}

function updatesIn(counts: Partial<Record<DeviceUpdateState, number>>): DeviceUpdate[] {
  return Object.entries(counts).flatMap(([state, count]) =>
    Array.from({ length: count }, (_, i) =>
      anUpdate(`${state}-${i}`, {
        state: state as DeviceUpdateState,
        settledAtMs: state === "assigned" ? undefined : startMs,
      }),
    ),
  );
}

describe("the gate on failed updates", () => {
  it.each<[string, Partial<Record<DeviceUpdateState, number>>, GateResult["verdict"], RegExp]>([
    ["waits for devices that have not settled", { confirmed: 9, assigned: 1 }, "pending", /1 still to settle/],
    ["passes when all succeeded", { confirmed: 10 }, "pass", /0 of 10 settled devices failed/],
    ["passes within the limit", { confirmed: 19, failed: 1 }, "pass", /1 of 20 settled .* \(limit 5\.0 %\)/],
    ["fails at once when the limit cannot be kept any more", { failed: 1, assigned: 9 }, "fail", /forgives 0/],
    ["counts every kind of failure", { failed: 1, rejected: 1, "rolled-back": 1, confirmed: 27 }, "fail", /3 of 30/],
    [
      "does not wait for the rest of a large stage",
      { failed: 12, confirmed: 8, assigned: 980 },
      "fail",
      /at least 39 %/,
    ],
    ["does not judge a large stage by its first device", { failed: 1, assigned: 999 }, "pending", /999 still/],
    [
      "is undecided when silence alone breaks the limit",
      { "timed-out": 1, confirmed: 9 },
      "inconclusive",
      /silent devices/,
    ],
    ["forgives silence like failure", { "timed-out": 1, confirmed: 19 }, "pass", /and 1 timed out/],
  ])("%s", (_, counts, verdict, reason) => {
    const result = judged("failed-updates", { updates: updatesIn(counts) });
    expect(result.verdict).toBe(verdict);
    expect(result.reason).toMatch(reason);
  });

  it("leaves out what was rejected before it was assigned", () => {
    const unfit = anUpdate("unfit", { state: "rejected", assignedAtMs: undefined, settledAtMs: startMs });
    const result = judged("failed-updates", { updates: [unfit, ...updatesIn({ confirmed: 1 })] });
    expect(result).toMatchObject({ verdict: "pass", measured: { devices: 1, failed: 0 } });
  });
});

describe("the gate on the error rate", () => {
  const gates = { ...noGates, maxErrorRate: 0.02 };
  const late = { now: startMs + minutes(30) };

  it.each<[string, { inferences: number; errors: number }, GateResult["verdict"]]>([
    ["waits for inferences", { inferences: 99, errors: 0 }, "pending"],
    ["passes with enough of them and a share within the limit", { inferences: 100, errors: 2 }, "pass"],
    ["fails beyond doubt, also before there are enough", { inferences: 40, errors: 8 }, "fail"],
    ["does not fail for one or two errors", { inferences: 2, errors: 2 }, "pending"],
    ["waits when the share is over the limit but may be chance", { inferences: 150, errors: 5 }, "pending"],
  ])("%s", (_, counts, verdict) => {
    const incumbent = evidenceOf({ inferences: 1_000, errors: 20 });
    expect(judged("error-rate", { gates, incumbent, candidate: evidenceOf(counts) }).verdict).toBe(verdict);
  });

  it("is inconclusive when the time for evidence is over", () => {
    const result = judged("error-rate", { gates, ...late });
    expect(result).toMatchObject({
      verdict: "inconclusive",
      reason: expect.stringContaining("0 errors in 0 inferences"),
    });
    const candidate = evidenceOf({ inferences: 150, errors: 5 });
    const incumbent = evidenceOf({ inferences: 1_000, errors: 20 });
    expect(judged("error-rate", { gates, ...late, candidate, incumbent }).verdict).toBe("inconclusive");
  });

  it("speaks of no share where nothing was asked and nothing had to be", () => {
    const stage = { ...aStage("canary", 10), minInferences: 0 };
    expect(judged("error-rate", { gates, stage })).toMatchObject({
      verdict: "pass",
      reason: "no inferences yet, and none are needed",
    });
  });

  it("fails when the incumbent is certainly better, also within the limit", () => {
    const candidate = evidenceOf({ inferences: 10_000, errors: 180 });
    const incumbent = evidenceOf({ inferences: 10_000, errors: 10 });
    expect(judged("error-rate", { gates, candidate, incumbent })).toMatchObject({
      verdict: "fail",
      reason:
        "180 errors in 10000 inferences on 1 device, 1.8 % (limit 2.0 %; the incumbent has 0.1 % of 10000): " +
        "certainly worse than the incumbent",
    });
  });

  it("fails on what all stages so far show, but passes on the stage's own evidence only", () => {
    const candidate = evidenceOf({ inferences: 100 });
    const soFar = evidenceOf({ inferences: 400, errors: 60 });
    expect(judged("error-rate", { gates, candidate }, soFar)).toMatchObject({
      verdict: "fail",
      reason: expect.stringMatching(/^over all stages so far, 60 errors in 400/),
    });
    expect(judged("error-rate", { gates }, evidenceOf({ inferences: 5_000 })).verdict).toBe("pending");
  });
});

describe("the gate on wrong answers", () => {
  const gates = { ...noGates, maxWrongAnswers: 0.1 };
  const told = (right: number, wrong: number) => evidenceOf({ inferences: 10_000, told: { right, wrong } });

  it.each<[string, [number, number], GateResult["verdict"], RegExp]>([
    ["waits for the truth, however many inferences there are", [49, 0], "pending", /: 50 told are needed$/],
    ["passes with enough of it", [47, 3], "pass", /^3 wrong in 50 told on 1 device, 6\.0 % \(limit 10 %.*: within/],
    ["fails over the limit beyond doubt", [25, 15], "fail", /: at least 24 % with 95 % confidence$/],
    ["waits when it may be chance", [44, 6], "pending", /not beyond doubt$/],
  ])("%s", (_, [right, wrong], verdict, reason) => {
    const result = judged("wrong-answers", { gates, candidate: told(right, wrong), incumbent: told(940, 60) });
    expect(result).toMatchObject({ verdict, reason: expect.stringMatching(reason) });
  });

  it("fails when the incumbent was certainly better, also within the limit", () => {
    const result = judged("wrong-answers", { gates, candidate: told(460, 40), incumbent: told(990, 10) });
    expect(result).toMatchObject({
      verdict: "fail",
      reason: expect.stringMatching(/1\.0 % of 1000\): certainly worse/),
    });
  });

  it("is undecided, never passed, when nobody told anything in the time there was", () => {
    const candidate = evidenceOf({ inferences: 10_000 });
    const late = { now: startMs + minutes(30) };
    expect(judged("wrong-answers", { gates, candidate, ...late }).verdict).toBe("inconclusive");
  });

  it("is off unless it is asked for", () => {
    expect(judgeStage(aCase(), noEvidence).map(({ gate }) => gate)).toEqual(["failed-updates"]);
  });
});

describe("the gates on shares, with devices as witnesses", () => {
  const gates = { ...noGates, maxErrorRate: 0.02 };
  const late = { now: startMs + minutes(30) };
  /** On devices that the new version answers on; in a stage that needs 100 inferences. */
  const errorRate = (
    counts: readonly (readonly [inferences: number, errors: number])[],
    more: Partial<StageCase> = {},
  ) => {
    const candidate = mergeEvidence(
      counts.map(([inferences, errors], i) => evidenceOf({ inferences, errors, first: i + 1 })),
    );
    const updates = counts.map((_, i) => anUpdate(`device-${i + 1}`, { state: "confirmed", settledAtMs: startMs }));
    return judged("error-rate", { gates, candidate, updates, incumbent: noEvidence, ...more });
  };
  const devices = (count: number, inferences: number, errors: number) =>
    Array.from({ length: count }, () => [inferences, errors] as const);

  it("a fleet that errs everywhere is stopped", () => {
    expect(errorRate(devices(40, 50, 3))).toMatchObject({
      verdict: "fail",
      reason: expect.stringMatching(
        /^120 errors in 2000 inferences on 40 devices, 6\.0 % \(limit 2\.0 %\): at least 5\.0 %/,
      ),
    });
  });

  it("one device of forty that errs does not turn it round, and is named", () => {
    const result = errorRate([[250, 250], ...devices(39, 250, 0)]);
    expect(result).toMatchObject({
      verdict: "pending",
      reason:
        "250 errors in 10000 inferences on 40 devices, 2.5 % (limit 2.0 %): over the limit, but not beyond doubt; " +
        "1 device of 40 is over the limit by itself: device-1 (100 % of 250)",
    });
    expect(errorRate([[250, 250], ...devices(39, 250, 0)], late).verdict).toBe("inconclusive");
    expect(errorRate([[250, 250], ...devices(99, 250, 0)])).toMatchObject({
      verdict: "pass",
      reason: expect.stringMatching(/within the limit; 1 device of 100 is over the limit by itself: device-1/),
    });
  });

  it("a device that is busier than all others together neither fails nor hides anything", () => {
    const loud = errorRate([[1_000_000, 900_000], ...devices(9, 200, 0)]);
    expect(loud.verdict).toBe("pending");
    expect(loud.reason).toMatch(/on 10 devices, 16 % where no device counts with more than 400 \(/);
    expect(errorRate([[1_000_000, 0], ...devices(9, 200, 20)]).verdict).toBe("fail");
    expect(errorRate([[1_000_000, 0], ...devices(9, 20, 0)]).verdict).toBe("pass");
  });

  it("one device that speaks before the others does not speak for them", () => {
    const early = errorRate([[60, 30], ...devices(3, 0, 0)]);
    expect(early).toMatchObject({ verdict: "pending" });
    expect(errorRate([[60, 30]]).verdict).toBe("fail");
  });

  it("the device that errs least does not pass a stage of two alone", () => {
    expect(
      errorRate([
        [10_000, 0],
        [20, 2],
      ]),
    ).toMatchObject({
      verdict: "pending",
      reason: expect.stringMatching(/within the limit for one device alone; without it 10 %/),
    });
  });
});

describe("the gate on latency", () => {
  const gates = { ...noGates, maxLatencyRatio: 1.5 };
  const incumbent = evidenceOf({ inferences: 1_000, milliseconds: 10 });
  const pairs = { ratio: 1.1, lower: 1, upper: 1.2, devices: 2, compared: 300 };
  const names = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => parseDeviceId(`device-${from + i}`));

  /** Devices of the stage, then others that kept their version, each with its latency before and since, a hundred times each. */
  function around(members: readonly (readonly [number, number])[], others: readonly (readonly [number, number])[]) {
    const all = [...members, ...others];
    const counts = (milliseconds: number) => {
      const bins = [0, ...latencyEdges.map(() => 0)];
      bins[binOf(latencyEdges, milliseconds)] = 100;
      return bins;
    };
    const of = (at: 0 | 1) => new Map(names(1, all.length).map((id, i) => [id, counts((all[i] ?? [1, 1])[at])]));
    const updates = names(1, members.length).map((id) => anUpdate(id, { state: "confirmed", settledAtMs: startMs }));
    return { around: { before: of(0), since: of(1) }, updates };
  }
  const answered = (milliseconds: number) => ({ candidate: evidenceOf({ inferences: 200, milliseconds }), incumbent });

  it.each<[string, Partial<StageCase>, GateResult["verdict"]]>([
    ["passes when it is as fast", { candidate: evidenceOf({ inferences: 200, milliseconds: 10 }) }, "pass"],
    [
      "does not know an hour from a version where it is slower than earlier",
      { candidate: evidenceOf({ inferences: 200, milliseconds: 25 }) },
      "pending",
    ],
    [
      "fails when it is slower than any hour explains",
      { candidate: evidenceOf({ inferences: 200, milliseconds: 50 }) },
      "fail",
    ],
    ["needs 50 of the new version", { candidate: evidenceOf({ inferences: 49, milliseconds: 90 }) }, "pending"],
    [
      "needs 50 of the incumbent",
      { candidate: evidenceOf({ inferences: 200 }), incumbent: evidenceOf({ inferences: 49 }) },
      "pending",
    ],
    [
      "needs the stage's inferences to pass",
      { candidate: evidenceOf({ inferences: 99, milliseconds: 10 }) },
      "pending",
    ],
    [
      "has nothing to compare with where no device ran an earlier version",
      { candidate: evidenceOf({ inferences: 100 }), incumbent: noEvidence, replaces: false },
      "pass",
    ],
    [
      "needs the inferences there too",
      { candidate: evidenceOf({ inferences: 99 }), incumbent: noEvidence, replaces: false },
      "pending",
    ],
  ])("%s", (_, overrides, verdict) => {
    expect(judged("latency", { gates, incumbent, ...overrides }).verdict).toBe(verdict);
  });

  it("says how coarse its numbers are", () => {
    const { reason } = judged("latency", { gates, ...answered(25) });
    expect(reason).toMatch(
      /^p95 .* ms over 200 inferences against .* ms over 1000 earlier, ratio 2\.83 \(limit 1\.50, bins are 19 %/,
    );
  });

  it("compares a device with itself where it can", () => {
    const fast = evidenceOf({ inferences: 10_000, milliseconds: 1, first: 2, devices: 5 });
    const candidate = evidenceOf({ inferences: 200, milliseconds: 10 });
    expect(judged("latency", { gates, candidate, incumbent: mergeEvidence([incumbent, fast]) }).verdict).toBe("pass");
  });

  it("does not hold the hour against the version: those that kept theirs are as slow", () => {
    const busy = around(
      [
        [10, 40],
        [10, 42],
      ],
      [
        [10, 40],
        [10, 40],
        [20, 80],
      ],
    );
    expect(judged("latency", { gates, ...answered(40), ...busy })).toMatchObject({
      verdict: "pass",
      reason: expect.stringMatching(/^1\.0\d times as slow on 2 devices as 3 devices that kept their version became/),
    });
  });

  it("sees a slow version in a quiet hour, and in a busy one", () => {
    const slow = around(
      [
        [10, 40],
        [10, 40],
        [10, 40],
      ],
      [
        [10, 10],
        [10, 10],
        [20, 20],
      ],
    );
    expect(judged("latency", { gates, ...answered(40), ...slow }).verdict).toBe("fail");
    const hidden = around(
      [
        [40, 40],
        [40, 40],
        [40, 40],
      ],
      [
        [40, 10],
        [40, 10],
        [80, 20],
      ],
    );
    expect(judged("latency", { gates, ...answered(40), ...hidden }).verdict).toBe("fail");
  });

  it("does not fail for one device that became slow, nor pass for one that became fast", () => {
    const kept = [
      [10, 10],
      [10, 10],
      [10, 10],
      [10, 10],
    ] as const;
    const one = around(
      [
        [10, 1_000],
        [10, 10],
        [10, 10],
      ],
      kept,
    );
    expect(judged("latency", { gates, ...answered(40), ...one }).verdict).toBe("pending");
    const fast = around(
      [
        [10, 0.02],
        [10, 60],
        [10, 60],
        [10, 60],
        [10, 60],
      ],
      kept,
    );
    expect(judged("latency", { gates, ...answered(40), ...fast })).toMatchObject({
      verdict: "pending",
      reason: expect.stringMatching(/for one device alone$/),
    });
  });

  const many = <T>(count: number, one: T): readonly T[] => Array.from({ length: count }, () => one);

  it("does not pass for one device that kept its version and became slow, however slow it says it is", () => {
    const stage = many(3, [10, 20] as const);
    const honest = around(stage, many(20, [10, 10] as const));
    expect(judged("latency", { gates, ...answered(20), ...honest }).verdict).toBe("fail");
    const oneLies = around(stage, [...many(19, [10, 10] as const), [10, 10_000]]);
    expect(judged("latency", { gates, ...answered(20), ...oneLies })).toMatchObject({
      verdict: "pending",
      reason: expect.stringMatching(/for one device alone$/),
    });
  });

  it("believes one device alone that an hour is twice as slow, and no more", () => {
    const withOne = (since: number) => around(many(3, [10, since] as const), [[10, since]]);
    expect(judged("latency", { gates, ...answered(28), ...withOne(28) }).verdict).toBe("pass");
    expect(judged("latency", { gates, ...answered(80), ...withOne(80) }).verdict).toBe("pending");
  });

  it("does not fail for one device that kept its version and became fast", () => {
    const alone = around(many(3, [10, 10] as const), [[100, 10]]);
    expect(judged("latency", { gates, ...answered(10), ...alone }).verdict).toBe("pending");
    const slow = around(many(3, [10, 80] as const), [[10, 10]]);
    expect(judged("latency", { gates, ...answered(80), ...slow }).verdict).toBe("fail");
  });

  it("believes the pairs of a shadow more than any hour", () => {
    const slow = { gates, ...answered(400), pairedLatency: pairs };
    expect(judged("latency", slow)).toMatchObject({
      verdict: "pass",
      reason: "1.10 times the work in 300 pairs of the shadow (1.00 to 1.20), limit 1.50: within the limit",
    });
    expect(judged("latency", { ...slow, candidate: evidenceOf({ inferences: 99 }) }).verdict).toBe("pending");
  });

  it("asks a person where other devices show at the same time what the pairs did not", () => {
    const slow = around(
      [
        [10, 40],
        [10, 40],
      ],
      [
        [10, 10],
        [10, 10],
        [20, 20],
      ],
    );
    const question = { gates, ...answered(40), ...slow, pairedLatency: pairs };
    expect(judged("latency", question).verdict).toBe("pending");
    expect(judged("latency", { ...question, now: startMs + minutes(30) })).toMatchObject({
      verdict: "inconclusive",
      reason: expect.stringMatching(/; but since then it is 4\.00 times as slow on 2 devices as 3 devices/),
    });
  });
});

describe("the gate on output drift", () => {
  const gates = { ...noGates, maxOutputDrift: 0.25 };
  const sure = evidenceOf({ inferences: 2_000, confidence: 0.95 });

  it.each<[string, Partial<StageCase>, GateResult["verdict"]]>([
    ["passes when the outputs are alike", { candidate: evidenceOf({ inferences: 400 }) }, "pass"],
    ["fails when confidence was lost", { candidate: evidenceOf({ inferences: 400, confidence: 0.5 }) }, "fail"],
    ["passes a version that is surer", { candidate: evidenceOf({ inferences: 400, confidence: 0.9999 }) }, "pass"],
    ["fails when answers are missing", { candidate: evidenceOf({ inferences: 400, missing: 200 }) }, "fail"],
    ["needs the stage's inferences", { candidate: evidenceOf({ inferences: 99 }) }, "pending"],
    [
      "needs more than an effect: a few samples show one by chance",
      { candidate: evidenceOf({ inferences: 49, confidence: 0.5 }) },
      "pending",
    ],
    [
      "needs samples enough to see a drift",
      { candidate: evidenceOf({ inferences: 100 }), incumbent: evidenceOf({ inferences: 8 }) },
      "pending",
    ],
    ["needs something to compare", { candidate: evidenceOf({ inferences: 400 }), incumbent: noEvidence }, "pending"],
    [
      "compares with the packaged reference where no device ran an earlier version",
      { candidate: evidenceOf({ inferences: 400, confidence: 0.5 }), reference: sure.streams, replaces: false },
      "fail",
    ],
    [
      "passes where that agrees",
      { candidate: evidenceOf({ inferences: 400 }), reference: sure.streams, replaces: false },
      "pass",
    ],
    [
      "has nothing to compare with where the reference is too small as well",
      { candidate: evidenceOf({ inferences: 100, confidence: 0.5 }), replaces: false },
      "pass",
    ],
    ["needs the inferences there too", { candidate: evidenceOf({ inferences: 99 }), replaces: false }, "pending"],
  ])("%s", (_, overrides, verdict) => {
    expect(judged("output-drift", { gates, incumbent: sure, ...overrides }).verdict).toBe(verdict);
  });

  it("is inconclusive when the time for evidence is over", () => {
    expect(judged("output-drift", { gates, now: startMs + minutes(30) }).verdict).toBe("inconclusive");
  });
});

describe("gates that are off", () => {
  it("are not judged", () => {
    expect(judgeStage(aCase(), noEvidence).map((result) => result.gate)).toEqual(["failed-updates"]);
  });
});
