import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { memoryOf } from "../../../../control-plane/application/batch-memory.ts";
import type { IngestLimits } from "../../../../control-plane/application/ingest-limits.ts";
import { StorageFullError } from "../../../../control-plane/application/storage-errors.ts";
import type { HeardUse } from "../../../../control-plane/application/use-watch.ts";
import { createTelemetryIngest } from "../../../../control-plane/application/telemetry-ingest.ts";
import type { Clock, Logger } from "../../../../control-plane/application/ports.ts";
import type { Database } from "../../../../control-plane/application/stores.ts";
import { systemClock } from "../../../../control-plane/server/system-clock.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";
import type { DeviceId } from "../../../../proto/ids.ts";
import { parseDeviceId } from "../../../../proto/ids.ts";
import type { Ack, ControlMessage } from "../../../../proto/messages.ts";
import type { Lane, Sample, TelemetryRecord } from "../../../../proto/telemetry-messages.ts";
import { minutes } from "../../../../proto/units.ts";
import { until } from "../../../support/end-to-end-waiting.ts";
import { aDevice, aModel, aRecord, aSample, aWindow } from "../../../support/messages.ts";
import { aRecordOf, newVersion } from "../../../support/rollout-builders.ts";

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** The sequence number is also the number of inferences, so that a stored window tells which record it was. */
function recordOf(seq: number): TelemetryRecord {
  return aRecord(seq, aWindow({ package: newVersion.package, inferences: seq }));
}

function recordsFrom(from: number, to: number): TelemetryRecord[] {
  return Array.from({ length: to - from + 1 }, (_, i) => recordOf(from + i));
}

interface SentAck extends Ack {
  readonly device: DeviceId;
}

async function openIngest(
  limits: Partial<IngestLimits> = {},
  wrap: (database: Database) => Database = (same) => same,
  clock: Clock = systemClock,
) {
  const database = await openDatabase(":memory:");
  await database.models.add(aRecordOf(newVersion));
  const acks: SentAck[] = [];
  const watchers = new Set<() => void>();
  const send = async (device: DeviceId, message: ControlMessage) => {
    if (message.kind === "ack") acks.push({ ...message, device });
    for (const watcher of watchers) watcher();
    return true;
  };
  const ingest = createTelemetryIngest({
    database: wrap(database),
    gateway: { send },
    clock,
    log: silent,
    limits: { flushMs: 1, retryMs: 1, ...limits },
  });
  return {
    database,
    ingest,
    acks,
    /** The first acknowledgement, sent already or later, that passes. */
    async ack(passes: (ack: SentAck) => boolean): Promise<SentAck> {
      for (;;) {
        const found = acks.find(passes);
        if (found !== undefined) return found;
        await new Promise<void>((resolve) => watchers.add(resolve));
        watchers.clear();
      }
    },
    accept: (records: readonly TelemetryRecord[], device = aDevice, lane: Lane = "windows") =>
      ingest.accept(device, { kind: "telemetry", lane, epoch: "e1", records }),
    async stored(device = aDevice): Promise<number[]> {
      const windows = await database.telemetry.windows({
        package: newVersion.package,
        sinceMs: 0,
        devices: new Set([device]),
      });
      return windows.map(({ window }) => window.inferences);
    },
    async [Symbol.asyncDispose]() {
      await ingest[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

describe("an acknowledgement", () => {
  test("comes after the rows are committed, one for all batches of a lane", async () => {
    await using it = await openIngest();
    it.accept(recordsFrom(1, 3));
    it.accept(recordsFrom(4, 5));
    expect(await it.ack(() => true)).toMatchObject({ lane: "windows", epoch: "e1", through: 5, rewind: false });
    expect(await it.stored()).toEqual([1, 2, 3, 4, 5]);
    expect(it.acks).toHaveLength(1);
  });

  test("leaves what the device's detectors found with the window", async () => {
    await using it = await openIngest();
    const histogram = { counts: Uint32Array.of(0, 4, 6), missing: 3 };
    const streams = [{ stream: 2, histogram, farOutside: 2, stuck: 10, notFinite: 3 }];
    it.accept([aRecord(1, aWindow({ package: newVersion.package, streams }))]);
    await it.ack(({ through }) => through === 1);
    const [stored] = await it.database.telemetry.newestWindows(newVersion.package, 1);
    expect(stored?.window.streams).toEqual(streams);
  });

  test("is repeated for a duplicate, which is not stored again", async () => {
    await using it = await openIngest();
    it.accept(recordsFrom(1, 2));
    await it.ack(({ through }) => through === 2);
    it.acks.length = 0;
    it.accept(recordsFrom(1, 2));
    expect(await it.ack(() => true)).toMatchObject({ through: 2, rewind: false });
    expect(await it.stored()).toEqual([1, 2]);
  });

  test("asks for what is missing, and nothing behind the hole is stored", async () => {
    await using it = await openIngest();
    it.accept(recordsFrom(1, 2));
    it.accept(recordsFrom(4, 5));
    expect(await it.ack(() => true)).toMatchObject({ through: 2, rewind: true });
    expect(await it.stored()).toEqual([1, 2]);
  });

  test("asks once for a flight of batches behind one hole", async () => {
    await using it = await openIngest();
    for (const from of [4, 6, 8]) {
      it.accept(recordsFrom(from, from + 1));
      await it.ack(({ rewind }) => rewind);
    }
    it.accept(recordsFrom(1, 9));
    await it.ack(({ through }) => through === 9);
    expect(it.acks.map(({ rewind }) => rewind)).toEqual([true, false]);
  });

  test("of one device does not wait for another's hole", async () => {
    await using it = await openIngest();
    const other = parseDeviceId("nice-cam-1");
    it.accept(recordsFrom(5, 6));
    it.accept(recordsFrom(1, 2), other);
    expect(await it.ack(({ device }) => device === other)).toMatchObject({ through: 2, rewind: false });
  });
});

test("lifecycle events are told in the event log, in the same commit", async () => {
  await using it = await openIngest();
  const event = {
    kind: "event",
    name: "update-failed",
    model: undefined,
    version: undefined,
    package: undefined,
  } as const;
  it.accept([aRecord(1, { ...event, reason: "no space" })], aDevice, "lifecycle");
  await it.ack(({ lane }) => lane === "lifecycle");
  expect(await it.database.events.last(1)).toMatchObject([
    { kind: "device.update-failed", device: aDevice, text: `${aDevice}: update failed: no space` },
  ]);
});

test("whoever listens hears of what was committed", async () => {
  await using it = await openIngest();
  const heard: number[] = [];
  const used: HeardUse[] = [];
  it.ingest.onCommitted(({ windows }) => heard.push(windows));
  it.ingest.onCommitted(({ uses }) => used.push(...uses));
  it.accept(recordsFrom(1, 3));
  await it.ack(() => true);
  it.accept(recordsFrom(1, 3));
  await it.ack(() => it.acks.length === 2);
  expect(heard).toEqual([3]);
  expect(used).toEqual(Array(3).fill({ device: aDevice, model: aModel }));
});

test("a window that has only feedback in it is no use of its model", async () => {
  await using it = await openIngest();
  const used: HeardUse[] = [];
  it.ingest.onCommitted(({ uses }) => used.push(...uses));
  it.accept([aRecord(1, aWindow({ inferences: 0 }))]);
  await it.ack(() => true);
  expect(used).toEqual([]);
});

describe("a device that has nothing older than what it sends", () => {
  const startsAtOldest = true as const;
  const batch = (from: number, to: number) => ({
    kind: "telemetry" as const,
    lane: "windows" as const,
    epoch: "e1",
    records: recordsFrom(from, to),
  });

  test("is not asked for what this database has forgotten: that is accounted for as lost, and told", async () => {
    await using it = await openIngest();
    it.accept(recordsFrom(1, 2));
    it.ingest.accept(aDevice, { ...batch(6, 7), startsAtOldest });
    await it.ack(({ through }) => through === 7);
    expect(it.acks.every(({ rewind }) => !rewind)).toBe(true);
    expect(await it.stored()).toEqual([1, 2, 6, 7]);
    const [account] = await it.database.telemetry.accounts(aDevice);
    expect(account).toMatchObject({ through: 7, received: 4, dropped: 0, lost: 3, conflictAtMs: undefined });
    expect(await it.database.events.last(1)).toMatchObject([{ kind: "telemetry.gap", device: aDevice }]);
  });
});

describe("two disks under one epoch", () => {
  const ofOtherDisk = (seq: number) => aRecord(seq, aWindow({ package: newVersion.package, inferences: 100 + seq }));

  test("are noticed at the first number that both have given, told once, and not merged", async () => {
    await using it = await openIngest();
    it.accept(recordsFrom(1, 4));
    await it.ack(({ through }) => through === 4);
    it.accept([ofOtherDisk(3), ofOtherDisk(4), ofOtherDisk(5)]);
    expect(await it.ack(({ conflict }) => conflict === true)).toMatchObject({ through: 4, rewind: false });
    it.acks.length = 0;
    it.accept([ofOtherDisk(4), ofOtherDisk(5)]);
    await it.ack(({ conflict }) => conflict === true);
    expect(await it.stored()).toEqual([1, 2, 3, 4]);
    const events = await it.database.events.last(10);
    expect(events.map(({ kind }) => kind)).toEqual(["telemetry.conflict"]);
    expect(it.ingest.counters().conflicts).toBe(2);
  });

  test("are noticed in one transaction, too", async () => {
    await using it = await openIngest({ flushMs: 20 });
    it.accept(recordsFrom(1, 4));
    it.accept([ofOtherDisk(4), ofOtherDisk(5)]);
    await it.ack(({ conflict }) => conflict === true);
    expect(await it.stored()).toEqual([1, 2, 3, 4]);
  });

  test("are not suspected for a tombstone, which may stand for what has arrived already", async () => {
    await using it = await openIngest();
    it.accept(recordsFrom(1, 4));
    await it.ack(({ through }) => through === 4);
    it.accept([aRecord(4, { kind: "tombstone", from: 2, count: 3, bytes: 9, reason: "full" }), recordOf(5)]);
    expect(await it.ack(({ through }) => through === 5)).toMatchObject({ rewind: false });
    expect(it.ingest.counters().conflicts).toBe(0);
  });
});

describe("when the database fails", () => {
  test("nothing is acknowledged, and all is stored when it works again", async () => {
    let failures = 3;
    await using it = await openIngest({}, (database) => ({
      ...database,
      transaction: async (work) => {
        if (failures-- > 0) throw new StorageFullError("sedge.db", undefined);
        return database.transaction(work);
      },
    }));
    it.accept(recordsFrom(1, 3));
    expect(await it.ack(() => true)).toMatchObject({ through: 3, rewind: false });
    expect(await it.stored()).toEqual([1, 2, 3]);
  });

  test("a window counts as received when it is stored: what looks at the newest ones would never see it otherwise", async () => {
    let failedAtMs: number | undefined;
    await using it = await openIngest({}, (database) => ({
      ...database,
      transaction: async (work) => {
        if (failedAtMs !== undefined && Date.now() > failedAtMs + 5) return database.transaction(work);
        failedAtMs ??= Date.now();
        throw new StorageFullError("sedge.db", undefined);
      },
    }));
    it.accept(recordsFrom(1, 1));
    await it.ack(() => true);
    const after = await it.database.telemetry.windowsBetween((failedAtMs ?? 0) + 1, Number.MAX_SAFE_INTEGER);
    expect(after).toHaveLength(1);
  });

  test("a queue that is full drops batches and asks for them again", async () => {
    await using it = await openIngest({
      queuedBytes: memoryOf({ kind: "telemetry", lane: "windows", epoch: "e1", records: recordsFrom(1, 4) }),
    });
    it.accept(recordsFrom(1, 4));
    it.accept(recordsFrom(5, 6));
    expect(await it.ack(({ rewind }) => rewind)).toMatchObject({ through: 4 });
    it.accept(recordsFrom(5, 6));
    await it.ack(({ through }) => through === 6);
    expect(await it.stored()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(it.ingest.counters().shed).toBe(1);
  });
});

test("ending stores what was taken in", async () => {
  const it = await openIngest({ flushMs: 60_000 });
  it.accept(recordsFrom(1, 3));
  await it.ingest[Symbol.asyncDispose]();
  expect(it.acks).toMatchObject([{ through: 3 }]);
  expect(await it.stored()).toEqual([1, 2, 3]);
  await it.database[Symbol.asyncDispose]();
});

test("whatever the network does: 1 … highest acknowledged are stored, each once, in order", async () => {
  const total = 12;
  const flight = fc.record({
    device: fc.constantFrom(aDevice, parseDeviceId("nice-cam-1")),
    from: fc.integer({ min: 1, max: total }),
    length: fc.integer({ min: 1, max: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(flight, { maxLength: 30 }),
      fc.integer({ min: 1, max: 8 }),
      async (flights, flushRecords) => {
        await using it = await openIngest({ flushRecords, flushMs: 0 });
        const devices = new Set(flights.map(({ device }) => device));
        for (const { device, from, length } of flights) {
          it.accept(recordsFrom(from, Math.min(total, from + length - 1)), device);
          await new Promise((resolve) => setImmediate(resolve));
          for (const { device: acked, through } of it.acks) {
            const stored = await it.stored(acked);
            expect(stored.slice(0, through)).toEqual(Array.from({ length: through }, (_, i) => i + 1));
          }
        }
        for (const device of devices) {
          it.accept(recordsFrom(1, total), device);
          await it.ack((ack) => ack.device === device && ack.through === total);
          expect(await it.stored(device)).toEqual(Array.from({ length: total }, (_, i) => i + 1));
        }
      },
    ),
    { numRuns: 40 },
  );
});

describe("a device's health", () => {
  const healthOf = (celsius: number) => ({
    kind: "health" as const,
    startedAtMs: 1_000,
    endedAtMs: 2_000,
    measures: { temperature: { min: celsius, mean: celsius, max: celsius } },
  });

  test("is stored once, the last of each device at hand, and no more of it than there is room for", async () => {
    await using opened = await openIngest();
    const records = Array.from({ length: 1_001 }, (_, i) => aRecord(i + 1, healthOf(i)));
    opened.accept(records.slice(0, 600), aDevice, "health");
    opened.accept(records.slice(0, 600), aDevice, "health");
    opened.accept(records.slice(600), aDevice, "health");
    await opened.ack(({ through }) => through === 1_001);
    const { health } = opened.database;
    expect(await health.latestOf([aDevice])).toMatchObject([
      { device: aDevice, measures: { temperature: { max: 1_000 } } },
    ]);
    const kept = await health.of(aDevice, 2_000);
    expect(kept.map(({ measures }) => measures.temperature?.max)).toEqual(
      Array.from({ length: 1_000 }, (_, i) => 1_000 - i),
    );
  });
});

describe("lines of a device's log", () => {
  const line = (sentence: string, level: "info" | "warn" = "info") => ({
    kind: "log" as const,
    level,
    sentence,
    fields: [{ name: "delayMs", value: "400" }],
    leftOut: 0,
  });

  test("are stored once, in order, with a line for what the device dropped", async () => {
    await using opened = await openIngest();
    const tombstone = { kind: "tombstone" as const, from: 1, count: 7, bytes: 700, reason: "the spool is full" };
    const records = [aRecord(7, tombstone), aRecord(8, line("not connected")), aRecord(9, line("connected", "warn"))];
    opened.accept(records, aDevice, "logs");
    opened.accept(records, aDevice, "logs");
    await opened.ack(({ through }) => through === 9);
    const { logs } = opened.database;
    const stored = await logs.newest(aDevice, { level: "debug", limit: 10 });
    expect(stored.map(({ level, sentence }) => `${level} ${sentence}`)).toEqual([
      "warn 7 lines were dropped on the device: the spool is full",
      "info not connected",
      "warn connected",
    ]);
    expect(stored[1]).toMatchObject({ device: aDevice, fields: [{ name: "delayMs", value: "400" }] });
    expect(await logs.newest(aDevice, { level: "warn", limit: 1 })).toMatchObject([{ sentence: "connected" }]);
    expect(await logs.after(aDevice, stored[0]?.id ?? 0, { level: "debug", limit: 1 })).toMatchObject([
      { sentence: "not connected" },
    ]);
  });

  test("give way to newer ones beyond five thousand of a device, and to time", async () => {
    await using opened = await openIngest();
    const records = Array.from({ length: 5_010 }, (_, i) => aRecord(i + 1, line(`${i}`)));
    for (let at = 0; at < records.length; at += 1_000) opened.accept(records.slice(at, at + 1_000), aDevice, "logs");
    await opened.ack(({ through }) => through === 5_010);
    const { logs } = opened.database;
    const kept = await logs.newest(aDevice, { level: "debug", limit: 10_000 });
    expect([kept.length, kept[0]?.sentence]).toEqual([5_000, "10"]);
    let deleted = 0;
    for (let slice = 1; slice > 0; deleted += slice) slice = await logs.deleteBefore(Number.MAX_SAFE_INTEGER);
    expect(deleted).toBe(5_000);
  });
});

describe("samples", () => {
  const settings = {
    model: aModel,
    samplesPerDay: 10,
    bytesPerDay: 1e6,
    reasons: ["uniform" as const],
    rules: [],
    salt: "s",
    changedAtMs: 1,
    changedBy: "anna",
  };

  test("are stored once and acknowledged in their own lane", async () => {
    await using opened = await openIngest();
    await opened.database.samples.setSettings(aModel, settings);
    const records = [aRecord(1, aSample()), aRecord(2, aSample({ reason: "novelty" }))];
    opened.accept(records, aDevice, "samples");
    opened.accept(records, aDevice, "samples");
    expect(await opened.ack(({ through }) => through === 2)).toMatchObject({ lane: "samples", rewind: false });
    const stored = await opened.database.samples.list({ limit: 10 });
    expect(stored.map(({ id, device, head }) => [id, device, head.reason])).toEqual([
      [2, aDevice, "novelty"],
      [1, aDevice, "low-confidence"],
    ]);
  });

  /** Six bytes of ciphertext in three parts, under a key of their own. */
  const inParts = (key: number) => {
    const ephemeralKey = new Uint8Array(65).fill(key);
    return [1, 2, 3].map((index) =>
      aSample({
        sealed: { ephemeralKey, ciphertext: Uint8Array.of(key, index) },
        part: { index, of: 3 },
      }),
    );
  };
  const stored = async ({ database }: Awaited<ReturnType<typeof openIngest>>) =>
    await Promise.all((await database.samples.list({ limit: 10 })).map(({ id }) => database.samples.sealed(id)));

  test("in parts are stored as one when the last part is there, whatever came twice", async () => {
    await using opened = await openIngest();
    await opened.database.samples.setSettings(aModel, settings);
    const records = inParts(7).map((part, i) => aRecord(i + 1, part));
    opened.accept(records.slice(0, 2), aDevice, "samples");
    await opened.ack(({ through }) => through === 2);
    expect(await stored(opened)).toEqual([]);
    opened.accept(records.slice(0, 2), aDevice, "samples");
    opened.accept(records.slice(1), aDevice, "samples");
    await opened.ack(({ through }) => through === 3);
    expect((await stored(opened)).map((sealed) => [...(sealed?.ciphertext ?? [])])).toEqual([[7, 1, 7, 2, 7, 3]]);
  });

  test("of which a part was dropped are never stored, and do not spoil the next one", async () => {
    await using opened = await openIngest();
    await opened.database.samples.setSettings(aModel, settings);
    const [first, , third] = inParts(7) as [Sample, Sample, Sample];
    const tombstone = { kind: "tombstone" as const, from: 2, count: 1, bytes: 2, reason: "the spool is full" };
    const [a, b, c] = inParts(8) as [Sample, Sample, Sample];
    const bodies = [first, tombstone, third, a, first, a, b, c];
    opened.accept(
      bodies.map((body, i) => aRecord(i + 1, body)),
      aDevice,
      "samples",
    );
    await opened.ack(({ through }) => through === bodies.length);
    expect((await stored(opened)).map((sealed) => [...(sealed?.ciphertext ?? [])])).toEqual([[8, 1, 8, 2, 8, 3]]);
  });

  test("are acknowledged, and not kept, where nobody asked for them", async () => {
    await using opened = await openIngest();
    opened.accept([aRecord(1, aSample())], aDevice, "samples");
    await opened.ack(({ through }) => through === 1);
    expect(await opened.database.samples.list({ limit: 10 })).toEqual([]);
  });
});

describe("a device that sends more in a day than one may", () => {
  const loud = parseDeviceId("loud-1");
  const batchOf = (seq: number) =>
    ({ kind: "telemetry", lane: "windows", epoch: "e1", records: [recordOf(seq)] }) as const;

  test("keeps the rest, is told of once, and takes nothing from others", async () => {
    await using it = await openIngest({ deviceBytesPerDay: 1_000 });
    it.ingest.accept(loud, batchOf(1), 1_000);
    await it.ack(({ device }) => device === loud);
    for (let n = 0; n < 5; n++) it.ingest.accept(loud, batchOf(2), 1);
    it.ingest.accept(aDevice, batchOf(1), 900);
    await it.ack(({ device }) => device === aDevice);
    expect(await it.stored(loud)).toEqual([1]);
    expect(it.ingest.counters()).toMatchObject({ stored: 2, overBudget: 5, shed: 0 });
    await until("it is told", async () => (await it.database.events.last(9)).length > 0);
    expect((await it.database.events.last(9)).map(({ kind }) => kind)).toEqual(["telemetry.over-budget"]);
    expect(it.acks.filter(({ device }) => device === loud).map(({ through }) => through)).toEqual([1]);
  });

  test("is not one that sends the same again and again: that is stored once", async () => {
    await using it = await openIngest({ deviceBytesPerDay: 1_000 });
    for (let n = 0; n < 5; n++) {
      it.acks.length = 0;
      it.ingest.accept(loud, batchOf(1), 900);
      await it.ack(() => true);
    }
    expect(it.ingest.counters()).toMatchObject({ stored: 1, duplicates: 4, overBudget: 0 });
  });

  test("loses nothing of it: small batches do not slip in where large ones have to wait", async () => {
    let now = 1;
    const clock: Clock = { now: () => now, sleep: (ms, signal) => systemClock.sleep(ms, signal) };
    await using it = await openIngest({ deviceBytesPerDay: 1_000 }, undefined, clock);
    const all = 9;
    for (let cursor = 0; cursor < all; now += minutes(1)) {
      const { commits, overBudget } = it.ingest.counters();
      const flight = [1, 2, 3, 4].map((n) => cursor + n).filter((seq) => seq <= all);
      for (const seq of flight) it.ingest.accept(loud, batchOf(seq), seq % 2 === 0 ? 800 : 10);
      if (it.ingest.counters().overBudget - overBudget < flight.length)
        await until("the flight is looked at", () => it.ingest.counters().commits > commits);
      cursor = await it.database.telemetry.cursor(loud, "windows", "e1");
    }
    expect(it.ingest.counters()).toMatchObject({ stored: all, gaps: 0 });
    expect(it.ingest.counters().overBudget).toBeGreaterThan(100);
  });
});
