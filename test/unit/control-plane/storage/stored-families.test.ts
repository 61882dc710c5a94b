import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StoredFamilyName } from "../../../../control-plane/application/stores.ts";
import type { SqliteDatabase } from "../../../../control-plane/storage/database.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";
import { beyond } from "../../../../control-plane/storage/stored-families.ts";
import { parseDeviceId } from "../../../../proto/ids.ts";
import type { Lane } from "../../../../proto/telemetry-messages.ts";
import { aDevice, aRecord, aSample, aWindow } from "../../../support/messages.ts";

let database: SqliteDatabase;
beforeEach(async () => {
  database = await openDatabase(":memory:");
});
afterEach(() => database[Symbol.asyncDispose]());

async function family(name: StoredFamilyName) {
  const found = (await database.usage.families()).find((one) => one.family === name);
  if (found === undefined) throw new Error(`nothing was counted of ${name}`);
  return found;
}

const lane: Lane = "windows";
const entries = (count: number, epoch = "e1") =>
  Array.from({ length: count }, (_, i) => ({
    device: aDevice,
    lane,
    epoch,
    record: aRecord(i + 1, aWindow()),
    receivedAtMs: i,
  }));
const event = (text: string, atMs = 1) =>
  database.events.add({ atMs, kind: "test", device: aDevice, rollout: undefined, text });
const line = (sentence: string) => ({ loggedAtMs: 1, level: "info" as const, sentence, fields: [], leftOut: 0 });

test.each<[StoredFamilyName, () => Promise<unknown>, () => Promise<number>]>([
  ["telemetry", () => database.telemetry.append(entries(20)), () => database.telemetry.deleteBeyond(0)],
  ["telemetry", () => database.telemetry.append(entries(20)), () => database.telemetry.deleteWindowsBefore(99)],
  ["samples", () => database.samples.add(aDevice, aSample(), 1), () => database.samples.deleteBeyond(0)],
  ["samples", () => database.samples.add(aDevice, aSample(), 1), () => database.samples.deleteBefore(99)],
  ["logs", () => database.logs.add(aDevice, [line("Wärme 🔥"), line("")], 1), () => database.logs.deleteBeyond(0)],
  ["logs", () => database.logs.add(aDevice, [line("Wärme 🔥")], 1), () => database.logs.deleteBefore(99)],
  ["events", () => event("Wärme 🔥"), () => database.events.deleteBeyond(0)],
  ["events", () => event("Wärme 🔥"), () => database.events.deleteBefore(99)],
])("the books of %s are empty when all of it is deleted, to the byte", async (name, add, remove) => {
  await add();
  const { rows, bytes } = await family(name);
  expect(bytes).toBeGreaterThan(0);
  while ((await remove()) > 0);
  expect(await family(name)).toEqual({ family: name, rows: 0, bytes: 0, deletedRows: rows, deletedBytes: bytes });
});

test("lines that give way to newer ones of their device are deleted too", async () => {
  const many = (count: number) =>
    database.logs.add(
      aDevice,
      Array.from({ length: count }, () => line("x")),
      1,
    );
  await many(5_000);
  const { rows, bytes } = await family("logs");
  await many(10);
  expect(await family("logs")).toMatchObject({ rows, bytes, deletedRows: 10 });
});

test("events of one device push out none of others, nor what a person did to it", async () => {
  await event("of another device");
  await database.transaction(async ({ events }) => {
    const told = { atMs: 1, device: parseDeviceId("loud-1"), rollout: undefined };
    await events.add({ ...told, kind: "device.enrolled", text: "loud-1 was enrolled" });
    await events.add({ ...told, kind: "device.labelled", by: "anna", text: "anna was here" });
    for (let n = 0; n < 4_000; n++) await events.add({ ...told, kind: "device.crashed", text: `crash ${n}` });
  });
  const { rows, deletedRows } = await family("events");
  expect(rows).toBeLessThanOrEqual(2_000 + 64 + 3);
  expect(rows + deletedRows).toBe(4_003);
  const [first, second, third] = await database.events.after(0, 3);
  expect(first).toMatchObject({ text: "of another device" });
  expect([second?.kind, third?.kind]).toEqual(["device.enrolled", "device.labelled"]);
  expect((await database.events.last(1))[0]?.text).toBe("crash 3999");
});

test("deleting is not un-receiving: the books of the lanes stay, and the oldest records go first", async () => {
  await database.telemetry.append(entries(5_000));
  const before = await database.telemetry.accounts(aDevice);
  const { bytes } = await family("telemetry");
  let deleted = 0;
  for (let slice = 1; slice > 0; deleted += slice) slice = await database.telemetry.deleteBeyond(bytes / 2);
  const after = await family("telemetry");
  expect(after).toMatchObject({ rows: 5_000 - deleted, deletedRows: deleted, deletedBytes: bytes - after.bytes });
  expect(after.bytes).toBeLessThanOrEqual(bytes / 2);
  expect(after.bytes).toBeGreaterThan(bytes / 2 - bytes / 2_500);
  expect(await database.telemetry.accounts(aDevice)).toEqual(before);
  expect(before).toMatchObject([{ received: 5_000, through: 5_000, dropped: 0, lost: 0 }]);
});

test("a transaction that fails counts nothing", async () => {
  const failing = database.transaction(async (stores) => {
    await stores.telemetry.append(entries(3));
    throw new Error("no");
  });
  await expect(failing).rejects.toThrow("no");
  expect(await family("telemetry")).toMatchObject({ rows: 0, bytes: 0 });
});

test("what is beyond: as few of the oldest as are needed", () => {
  const rows = [20, 20, 20].map((bytes) => ({ bytes }));
  expect(beyond(rows, 100, 100)).toHaveLength(0);
  expect(beyond(rows, 100, 99)).toHaveLength(1);
  expect(beyond(rows, 100, 80)).toHaveLength(1);
  expect(beyond(rows, 100, 70)).toHaveLength(2);
  expect(beyond(rows, 100, 0)).toHaveLength(3);
});

describe("a device that makes up epochs", () => {
  test("fills no table: the first are added up, and their equation holds", async () => {
    for (let n = 0; n < 100; n++) {
      const [first] = entries(1, `e${n}`);
      if (first === undefined) throw new Error("there is an entry");
      await database.telemetry.append([{ ...first, receivedAtMs: n }]);
      await database.telemetry.noteGap({ device: aDevice, lane, epoch: `e${n}`, from: 2, through: 4, notedAtMs: n });
    }
    const accounts = await database.telemetry.accounts(aDevice);
    expect(accounts).toHaveLength(33);
    const sum = accounts.find(({ epoch }) => epoch.startsWith("the sum"));
    expect(sum).toMatchObject({ received: 68, lost: 3 * 68, dropped: 0, through: 4 * 68, countedFrom: 0 });
    expect(accounts.map(({ epoch }) => epoch)).toEqual(expect.arrayContaining(["e68", "e99"]));
    expect(await database.telemetry.cursor(aDevice, lane, "e0")).toBe(0);
    expect(await database.telemetry.cursor(aDevice, lane, "e99")).toBe(4);
  });
});
