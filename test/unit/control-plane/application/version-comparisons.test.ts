import { afterEach, beforeEach, expect, test } from "vitest";
import { createVersionComparisons } from "../../../../control-plane/application/version-comparisons.ts";
import { createVersionMeasurements } from "../../../../control-plane/application/version-measurements.ts";
import type { SqliteDatabase } from "../../../../control-plane/storage/database.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";
import { parseDeviceId, parseModelVersion } from "../../../../proto/ids.ts";
import type { Birth } from "../../../../proto/messages.ts";
import { aDevice, aRecord, aWindow, deviceMessages } from "../../../support/messages.ts";
import { aRecordOf, newVersion, oldVersion } from "../../../support/rollout-builders.ts";

const { model } = aRecordOf(newVersion);
let database: SqliteDatabase;
beforeEach(async () => {
  database = await openDatabase(":memory:");
  for (const one of [oldVersion, newVersion]) await database.models.add(aRecordOf(one));
});
afterEach(() => database[Symbol.asyncDispose]());

/** A device whose class is "x64 vnni", or one that never said what it is. */
async function enrol(id: string, isBorn: boolean): Promise<void> {
  const device = parseDeviceId(id);
  await database.devices.add({ id: device, labels: {}, hardware: "", secretHash: new Uint8Array(32), enrolledAtMs: 0 });
  if (isBorn) await database.devices.recordBirth(device, deviceMessages.birth as Birth);
}

const entry = (device: string, seq: number, of = newVersion) => ({
  device: parseDeviceId(device),
  lane: "windows" as const,
  epoch: "e1",
  record: aRecord(seq, aWindow({ package: of.package, variant: "fp32" })),
  receivedAtMs: 100 * seq,
});

test("what devices measured comes by variant and class, with how much of it was read", async () => {
  await enrol("cam-1", true);
  await enrol("cam-2", false);
  await database.telemetry.append([
    entry("cam-1", 1),
    entry("cam-2", 1),
    entry("cam-1", 2),
    entry("cam-1", 3, oldVersion),
  ]);
  expect(await createVersionMeasurements(database)(aRecordOf(newVersion))).toMatchObject({
    windows: 3,
    sinceMs: 100,
    measurements: [{ variant: "fp32", deviceClass: "x64 vnni", inferences: 22, errorShare: 2 / 22 }],
  });
});

test("of a version that no device ran nothing is measured", async () => {
  const measured = await createVersionMeasurements(database)(aRecordOf(oldVersion));
  expect(measured).toEqual({ windows: 0, sinceMs: undefined, measurements: [], quarantined: [] });
});

const graph = { nodes: 3, parameters: 9, opset: 17, operators: [{ operator: "Gemm", count: 1 }] };
const comparisonsOf = () =>
  createVersionComparisons({
    database,
    measureVersion: createVersionMeasurements(database),
    readGraph: async () => graph,
  });

test("a version may be named by an alias, and what was measured of each is beside the other", async () => {
  await enrol(aDevice, true);
  await database.telemetry.append([entry(aDevice, 1)]);
  const moved = { model, alias: "champion", movedAtMs: 0, movedBy: "operator", comment: undefined };
  await database.aliases.add({ ...moved, version: newVersion.version });
  const compared = await comparisonsOf()(model, oldVersion.version, parseModelVersion("champion"));
  expect(compared).toMatchObject({ a: { version: "1.0.0" }, b: { version: "2.0.0" } });
  expect(compared.variants[0]).toMatchObject({
    operators: [{ operator: "Gemm", a: 1, b: 1 }],
    latency: [{ measured: "on-devices", a: undefined, b: { runs: 11 } }],
  });
});

test("a version that is not there is named", async () => {
  await expect(comparisonsOf()(model, oldVersion.version, parseModelVersion("9"))).rejects.toMatchObject({
    name: "NotFoundError",
    message: "there is no digits@9, neither a version nor an alias",
  });
});
