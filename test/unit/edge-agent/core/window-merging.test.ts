import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mergedWindow, thinned } from "../../../../edge-agent/core/window-merging.ts";
import { parseDigest } from "../../../../proto/ids.ts";
import { sumOfAgreements } from "../../../../proto/sketch/agreement.ts";
import type { TelemetryRecord, Window } from "../../../../proto/telemetry-messages.ts";
import { days, hours, minutes } from "../../../../proto/units.ts";
import { anAgreement, aWindow } from "../../../support/messages.ts";

const now = days(20_000) + hours(12);

function windowAt(startedAtMs: number, overrides: Partial<Window> = {}): TelemetryRecord {
  const endedAtMs = startedAtMs + minutes(1);
  return { seq: 1, timeMs: endedAtMs, body: aWindow({ startedAtMs, endedAtMs, inferences: 1, ...overrides }) };
}

function spans(records: readonly TelemetryRecord[]): string[] {
  return records.map(({ body }) =>
    body.kind === "window"
      ? `${(now - body.startedAtMs) / minutes(1)}-${(now - body.endedAtMs) / minutes(1)}: ${body.inferences}`
      : body.kind,
  );
}

describe("windows that wait", () => {
  it("stay as they are while they are young", () => {
    const young = [windowAt(now - minutes(90)), windowAt(now - minutes(89))];
    expect(thinned(young, now, 0)).toEqual(young);
  });

  it("become one for each hour, and later one for each day", () => {
    const minutesOf = (ago: number) => Array.from({ length: 60 }, (_, i) => windowAt(now - ago + minutes(i)));
    expect(spans(thinned([...minutesOf(hours(5)), ...minutesOf(hours(4))], now, 0))).toEqual([
      "300-240: 60",
      "240-180: 60",
    ]);
    const hoursOld = thinned([...minutesOf(hours(5)), ...minutesOf(hours(4))], now, 0);
    expect(spans(thinned(hoursOld, now + days(3), 0))).toEqual(["300-180: 120"]);
  });

  it("are not mixed between versions, variants, trials and shadows; each keeps its own sum", () => {
    const other = parseDigest(`sha256:${"0123456789abcdef".repeat(4)}`);
    const kinds: Partial<Window>[] = [
      {},
      { package: other },
      { variant: "fp32" },
      { trial: false },
      { trial: false, shadow: anAgreement() },
    ];
    const records = [...kinds, ...kinds].map((kind, i) => windowAt(now - hours(5) + minutes(i), kind));
    expect(thinned(records, now, 0)).toHaveLength(kinds.length);
  });

  it("of a shadow add up what was compared", () => {
    const one = aWindow({ trial: false, shadow: anAgreement() });
    expect(mergedWindow(one, one)?.shadow).toEqual(sumOfAgreements(anAgreement(), anAgreement()));
    const full = aWindow({ trial: false, shadow: anAgreement({ skipped: 0xffff_ffff }) });
    expect(mergedWindow(one, full)).toBeUndefined();
  });

  it("cover as much as whoever takes them wants at least", () => {
    const young = Array.from({ length: 20 }, (_, i) => windowAt(now - minutes(20) + minutes(i)));
    expect(spans(thinned(young, now, minutes(10)))).toEqual(["20-10: 10", "10-0: 10"]);
  });

  it("leave other records where they are", () => {
    const tombstone: TelemetryRecord = {
      seq: 1,
      timeMs: 0,
      body: { kind: "tombstone", from: 1, count: 1, bytes: 0, reason: "" },
    };
    const records = [windowAt(now - hours(5)), tombstone, windowAt(now - hours(5) + minutes(1))];
    expect(spans(thinned(records, now, 0))).toEqual(["300-298: 2", "tombstone"]);
  });

  it("never lose a count, whenever they were and however often they are merged", () => {
    const window = fc.record({ ago: fc.nat(days(40)), inferences: fc.nat(1_000), errors: fc.nat(5), bin: fc.nat(2) });
    fc.assert(
      fc.property(fc.array(window, { maxLength: 60 }), fc.array(fc.nat(days(10)), { maxLength: 4 }), (drawn, waits) => {
        const records = drawn.map(({ ago, inferences, errors, bin }) => {
          const counts = Uint32Array.from([0, 0, 0], (_, i) => (i === bin ? inferences : 0));
          return windowAt(now - ago, {
            inferences,
            errors: [{ class: "timeout", count: errors }],
            streams: [
              { stream: bin, histogram: { counts, missing: errors }, stuck: 1 + inferences, notFinite: errors },
            ],
            feedback: { right: errors, wrong: 0, values: 0, absoluteError: 0.5 },
          });
        });
        let merged: readonly TelemetryRecord[] = records;
        let at = now;
        for (const wait of waits) merged = thinned(merged, (at += wait), 0);
        expect(sums(merged)).toEqual(sums(records));
      }),
    );
  });

  it("stay apart where their sum has no room in the contract, or their bins differ", () => {
    const full = aWindow({ inferences: 0xffff_fff0 });
    expect(mergedWindow(full, aWindow({ inferences: 100 }))).toBeUndefined();
    const stream = (bins: number) => [{ stream: 0, histogram: { counts: new Uint32Array(bins), missing: 0 } }];
    expect(mergedWindow(aWindow({ streams: stream(3) }), aWindow({ streams: stream(4) }))).toBeUndefined();
  });
});

function sums(records: readonly TelemetryRecord[]): number[] {
  const all = [0, 0, 0, 0, 0, 0, 0];
  for (const { body } of records) {
    if (body.kind !== "window") continue;
    const parts = [
      body.inferences,
      body.errors.reduce((sum, { count }) => sum + count, 0),
      body.streams.reduce((sum, { histogram }) => sum + histogram.counts.reduce((a, b) => a + b, 0), 0),
      body.latency.reduce((a, b) => a + b, 0),
      body.feedback?.right ?? 0,
      body.streams.reduce((sum, { stuck = 0 }) => sum + stuck, 0),
      body.streams.reduce((sum, { notFinite = 0 }) => sum + notFinite, 0),
    ];
    for (const [i, part] of parts.entries()) all[i] = (all[i] ?? 0) + part;
  }
  return all;
}
