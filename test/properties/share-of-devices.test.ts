import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { GateResult } from "../../control-plane/domain/rollout/gate.ts";
import { judgeShare } from "../../control-plane/domain/rollout/judge-share.ts";
import { nothingAround } from "../../control-plane/domain/rollout/latency-around.ts";
import { noEvidence } from "../../control-plane/domain/rollout/evidence.ts";
import { noShadow } from "../../control-plane/domain/rollout/shadow-evidence.ts";
import type { DeviceShare } from "../../control-plane/domain/rollout/share-of-devices.ts";
import { shareOfDevices } from "../../control-plane/domain/rollout/share-of-devices.ts";
import { wilsonInterval } from "../../control-plane/domain/rollout/wilson-interval.ts";
import { parseDeviceId } from "../../proto/ids.ts";
import { aStage, noGates, startMs } from "../support/rollout-builders.ts";

const aDevice = fc
  .record({ all: fc.integer({ min: 1, max: 100_000 }), part: fc.double({ min: 0, max: 1, noNaN: true }) })
  .map(({ all, part }) => ({ all, bad: Math.round(part * all) }));
const devices = fc.array(aDevice, { minLength: 1, maxLength: 12 });
const needed = fc.integer({ min: 0, max: 1_000 });

function named(counts: readonly Omit<DeviceShare, "device">[]): readonly DeviceShare[] {
  return counts.map((one, i) => ({ device: parseDeviceId(`device-${i + 1}`), ...one }));
}

function of(counts: readonly Omit<DeviceShare, "device">[], rows: number) {
  return shareOfDevices(named(counts), rows);
}

const limit = 0.02;
const rowsNeeded = 200;

/** The verdict on a stage in which every device answers with the new version. */
function verdictOn(counts: readonly DeviceShare[]): GateResult["verdict"] {
  const question = {
    gates: noGates,
    stage: aStage("canary", 10, { minInferences: rowsNeeded }),
    enteredAtMs: startMs,
    now: startMs,
    updates: [],
    candidate: noEvidence,
    shadow: noShadow,
    incumbent: noEvidence,
    around: nothingAround,
    pairedLatency: undefined,
    replaces: true,
    reference: new Map(),
  };
  const words = { bad: "errors", all: "inferences" };
  const speakers = counts.length;
  const asked = { gate: "error-rate", words, candidate: counts, incumbent: [], speakers, limit, needed: rowsNeeded };
  return judgeShare(question, asked).verdict;
}

describe("the share of rows that are bad, whatever devices counted", () => {
  it("lies between those of the devices, and inside its bounds", () => {
    fc.assert(
      fc.property(devices, needed, (counts, rows) => {
        const { share, lower, upper } = of(counts, rows);
        const shares = counts.map(({ all, bad }) => bad / all);
        expect(share).toBeGreaterThanOrEqual(Math.min(...shares) - 1e-9);
        expect(share).toBeLessThanOrEqual(Math.max(...shares) + 1e-9);
        expect(lower).toBeLessThanOrEqual(share + 1e-9);
        expect(upper).toBeGreaterThanOrEqual(share - 1e-9);
        expect(lower).toBeGreaterThanOrEqual(-1e-9);
        expect(upper).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });

  it("is never surer than if every row were a device of its own", () => {
    fc.assert(
      fc.property(devices, needed, (counts, rows) => {
        const { share, lower, upper, designEffect, all } = of(counts, rows);
        const naive = wilsonInterval(share * all, all);
        expect(designEffect).toBeGreaterThanOrEqual(1);
        expect(upper - lower).toBeGreaterThanOrEqual(naive.upper - naive.lower - 1e-9);
      }),
    );
  });

  it("counts as many rows as are needed, or all that there are", () => {
    fc.assert(
      fc.property(devices, needed, (counts, rows) => {
        const { cap, all } = of(counts, rows);
        const counting = counts.reduce((sum, one) => sum + Math.min(one.all, cap), 0);
        expect(counting).toBeGreaterThanOrEqual(Math.min(rows, all) - 1e-6);
      }),
    );
  });

  it("is not carried away by one device, however much it says", () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 12 }), fc.integer({ min: 400, max: 10_000_000 }), (count, loud) => {
        const quiet = Array.from({ length: count - 1 }, () => ({ all: 200, bad: 0 }));
        expect(of([...quiet, { all: loud, bad: loud }], 200).share).toBeLessThanOrEqual(2 / (count + 1) + 1e-9);
      }),
    );
  });
});

describe("the verdict on a share", () => {
  it("does not depend on the order of the devices", () => {
    const shuffled = devices.chain((counts) =>
      fc.tuple(fc.constant(named(counts)), fc.shuffledSubarray([...named(counts)], { minLength: counts.length })),
    );
    fc.assert(
      fc.property(shuffled, ([there, back]) => {
        expect(verdictOn(back)).toBe(verdictOn(there));
        expect(shareOfDevices(back, rowsNeeded).share).toBeCloseTo(shareOfDevices(there, rowsNeeded).share, 9);
      }),
    );
  });

  const well = fc.array(
    fc.integer({ min: 100, max: 100_000 }).map((all) => ({ all, bad: Math.floor(all * 0.01) })),
    { minLength: 1, maxLength: 12 },
  );
  const ill = fc.array(
    fc.integer({ min: 100, max: 100_000 }).map((all) => ({ all, bad: Math.ceil(all * 0.2) })),
    { minLength: 1, maxLength: 12 },
  );

  it("is never a failure for what one device alone shows, whatever it says and however often", () => {
    fc.assert(
      fc.property(well, aDevice, fc.integer({ min: 1, max: 10_000 }), (others, { all, bad }, times) => {
        expect(verdictOn(named([...others, { all, bad }]))).not.toBe("fail");
        expect(verdictOn(named([...others, { all: all * times, bad: bad * times }]))).not.toBe("fail");
      }),
    );
  });

  it("is never a pass for one device that does well where the others do not, however often it says so", () => {
    fc.assert(
      fc.property(ill, fc.integer({ min: 1, max: 2_000_000_000 }), (others, all) => {
        expect(verdictOn(named([...others, { all, bad: 0 }]))).not.toBe("pass");
      }),
    );
  });

  it("stays what it is when a device that counts with all it may says the same more often", () => {
    fc.assert(
      fc.property(devices, fc.integer({ min: 2, max: 1_000 }), (counts, times) => {
        const all = named(counts);
        const busiest = all.toSorted((a, b) => b.all - a.all)[0] as DeviceShare;
        const { cap } = shareOfDevices(all, rowsNeeded);
        fc.pre(busiest.all > cap);
        const more = all.map((one) => (one === busiest ? { ...one, all: one.all * times, bad: one.bad * times } : one));
        expect(verdictOn(more)).toBe(verdictOn(all));
      }),
    );
  });

  it("is a failure of a fleet that errs everywhere, however uneven its traffic is", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 100, max: 1_000_000 }), { minLength: 2, maxLength: 40 }),
        fc.double({ min: 0.1, max: 1, noNaN: true }),
        (traffic, rate) => {
          expect(verdictOn(named(traffic.map((all) => ({ all, bad: Math.ceil(all * rate) }))))).toBe("fail");
        },
      ),
    );
  });
});
