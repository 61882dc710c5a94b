import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createRetention } from "../../../../control-plane/application/retention.ts";
import { readConfig } from "../../../../control-plane/server/config.ts";
import { retentionRules } from "../../../../control-plane/server/retention-rules.ts";
import type { SqliteDatabase } from "../../../../control-plane/storage/database.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";
import { parseRolloutId, parseSampleRequestId } from "../../../../proto/ids.ts";
import { days, hours, seconds } from "../../../../proto/units.ts";
import { silentLog } from "../../../support/agent-world.ts";
import { aDevice, aModel, aRecord, aWindow } from "../../../support/messages.ts";
import { anUpdate, aRollout, newVersion } from "../../../support/rollout-builders.ts";

let database: SqliteDatabase;
let now: number;
let aged: number;
beforeEach(async () => {
  database = await openDatabase(":memory:");
  now = days(1_000);
  aged = 0;
});
afterEach(() => database[Symbol.asyncDispose]());

const signal = new AbortController().signal;

async function retention() {
  const config = await readConfig({ environment: {}, flags: { "telemetry.mebibytes": "1" } });
  return createRetention({
    rules: retentionRules(database, config),
    database,
    clock: { now: () => now, sleep: async () => {} },
    log: silentLog,
    deleted: () => void (aged += 1),
  });
}

let seq = 0;
const windows = (count: number, receivedAtMs: number) =>
  database.telemetry.append(
    Array.from({ length: count }, () => ({
      device: aDevice,
      lane: "windows" as const,
      epoch: "e1",
      record: aRecord((seq += 1), aWindow()),
      receivedAtMs,
    })),
  );
const stored = async () => (await database.usage.families()).find(({ family }) => family === "telemetry");
const told = async () =>
  (await database.events.last(100)).filter(({ kind }) => kind === "storage.deleted-early").map(({ text }) => text);

describe("more than there is room for", () => {
  beforeEach(() => {
    seq = 0;
  });

  test("makes room, the oldest first, and says so once an hour, with all that went meanwhile", async () => {
    const keep = await retention();
    await windows(10_000, now);
    const before = await stored();
    await keep.tick(signal);
    const after = await stored();
    expect(after?.bytes).toBeLessThanOrEqual(1024 ** 2);
    // No more than had to go: one record more would be too much.
    const each = (before?.bytes ?? 0) / 10_000;
    expect(after?.bytes).toBeGreaterThan(1024 ** 2 - 2 * each);
    const gone = 10_000 - (after?.rows ?? 0);
    expect(await told()).toEqual([
      `${gone} telemetry records were deleted before their time, the oldest first: there is room for 1 MiB of them (--telemetry-mebibytes)`,
    ]);

    await windows(1_000, now);
    await keep.tick(signal);
    now += seconds(10);
    await windows(1_000, now);
    await keep.tick(signal);
    expect(await told()).toHaveLength(1);
    now += hours(1);
    await keep.tick(signal);
    expect((await told())[1]).toMatch(/^2000 telemetry records/);
    expect((await stored())?.deletedRows).toBe(gone + 2_000);
  });
});

describe("what is old", () => {
  test("goes by its age, and nobody is told: that was promised", async () => {
    const keep = await retention();
    seq = 0;
    await windows(3, now - days(15));
    await windows(2, now - days(13));
    await keep.tick(signal);
    expect(await stored()).toMatchObject({ rows: 2, deletedRows: 3 });
    expect(await told()).toEqual([]);
    expect(aged).toBe(1);
    now += seconds(10);
    await keep.tick(signal);
    expect(aged).toBe(1);
  });

  test("closed alerts, ended requests with their devices, and updates of rollouts that are over go after 400 days", async () => {
    const alert = {
      model: aModel,
      version: newVersion.version,
      scope: "fleet",
      scopeKind: "fleet",
      stream: "s",
    } as const;
    const at = { reason: "", score: 1, openedAtMs: now - days(500) };
    await database.drift.addAlert({ ...alert, ...at, id: "old", closedAtMs: now - days(401) });
    await database.drift.addAlert({ ...alert, ...at, id: "young", closedAtMs: now - days(399) });
    await database.drift.addAlert({ ...alert, ...at, id: "open", closedAtMs: undefined });
    const request = {
      model: aModel,
      selector: "all",
      count: 1,
      total: undefined,
      where: undefined,
      askedAtMs: 1,
      askedBy: "anna",
      ended: undefined,
    };
    for (const [id, untilMs] of [
      ["q-old", now - days(401)],
      ["q-young", now - days(1)],
    ] as const) {
      await database.samples.addRequest({ ...request, id: parseSampleRequestId(id), untilMs });
      await database.samples.countForRequest(parseSampleRequestId(id), aDevice);
    }
    const rollouts = [
      ["r-first", 500, { kind: "complete", atMs: 1 }],
      ["r-newest", 450, { kind: "complete", atMs: 2 }],
      ["r-ended", 449, { kind: "aborted", atMs: 3, reason: "" }],
      ["r-runs", 448, { kind: "running", stage: 0, enteredAtMs: 4 }],
      ["r-young", 100, { kind: "aborted", atMs: 5, reason: "" }],
    ] as const;
    for (const [text, age, phase] of rollouts) {
      const id = parseRolloutId(text);
      await database.rollouts.add(aRollout({}, { id, phase, createdAtMs: now - days(age) }));
      await database.rollouts.saveUpdates(id, [anUpdate("cam-1"), anUpdate("cam-2")]);
    }
    await (await retention()).tick(signal);
    const kept: string[] = [];
    for (const { id } of await database.rollouts.list())
      if ((await database.rollouts.updates(id)).length === 2) kept.push(id);
    // The newest that is complete takes in devices that join later, and can be taken back.
    expect(kept).toEqual(["r-newest", "r-runs", "r-young"]);
    expect(await database.rollouts.list()).toHaveLength(5);
    expect((await database.drift.alerts()).map(({ id }) => id).sort()).toEqual(["open", "young"]);
    expect((await database.samples.newestRequests({ limit: 10 })).map(({ id }) => id)).toEqual(["q-young"]);
    expect(await database.samples.cameForRequest(parseSampleRequestId("q-old"), aDevice)).toBe(0);
    expect(await database.samples.cameForRequest(parseSampleRequestId("q-young"), aDevice)).toBe(1);
    const deleted = (await database.usage.families()).filter(({ deletedRows }) => deletedRows > 0);
    expect(deleted.map(({ family }) => family)).toEqual(["alerts", "device-updates", "sample-requests"]);
  });
});
