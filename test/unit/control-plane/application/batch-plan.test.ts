import { describe, expect, test } from "vitest";
import { planBatch } from "../../../../control-plane/application/batch-plan.ts";
import type { TelemetryBatch, TelemetryRecord } from "../../../../proto/telemetry-messages.ts";
import { aRecord } from "../../../support/messages.ts";

function batch(...records: readonly TelemetryRecord[]): TelemetryBatch {
  return { kind: "telemetry", lane: "windows", epoch: "e1", records };
}
const tombstone = (from: number, seq: number) =>
  aRecord(seq, { kind: "tombstone", from, count: seq - from + 1, bytes: 10, reason: "quota" });

describe("with records 1 to 5 stored", () => {
  test("3 to 5 are a duplicate", () => {
    expect(planBatch(5, batch(aRecord(3), aRecord(4), aRecord(5)))).toEqual({ kind: "duplicate" });
  });

  test("4 to 7 store 6 and 7", () => {
    const plan = planBatch(5, batch(aRecord(4), aRecord(5), aRecord(6), aRecord(7)));
    expect(plan).toEqual({ kind: "store", records: [aRecord(6), aRecord(7)], cursor: 7 });
  });

  test("6 follows", () => {
    expect(planBatch(5, batch(aRecord(6)))).toEqual({ kind: "store", records: [aRecord(6)], cursor: 6 });
  });

  test("8 leaves a hole", () => {
    expect(planBatch(5, batch(aRecord(8)))).toEqual({ kind: "hole", missingFrom: 6, missingTo: 7 });
  });

  test("a tombstone for 6 to 9 leaves none", () => {
    const records = [tombstone(6, 9), aRecord(10)];
    expect(planBatch(5, batch(...records))).toEqual({ kind: "store", records, cursor: 10 });
  });

  test("a tombstone that begins before the cursor accounts for what is after it", () => {
    const clipped = { kind: "store", records: [tombstone(6, 9)], cursor: 9 };
    expect(planBatch(5, batch(tombstone(2, 9)))).toEqual(clipped);
    expect(planBatch(5, batch(tombstone(1, 3), tombstone(4, 9)))).toEqual(clipped);
  });
});
