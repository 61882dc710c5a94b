import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { SqliteDatabase } from "../../../../control-plane/storage/database.ts";
import type { ReceivedWindow } from "../../../../control-plane/application/telemetry-stores.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";
import type { RolloutPhase } from "../../../../control-plane/domain/rollout/rollout.ts";
import type { ModelName, ModelVersion } from "../../../../proto/ids.ts";
import { parseDeviceId, parseModelName, parseRolloutId, parseSettingsName } from "../../../../proto/ids.ts";
import type { Agreement } from "../../../../proto/telemetry-messages.ts";
import type { ModelAssignment } from "../../../../proto/assignment-messages.ts";
import {
  aDevice,
  aModel,
  anAssignment,
  aRecord,
  anAgreement,
  aWindow,
  deviceMessages,
  digestOf,
} from "../../../support/messages.ts";
import { aRecordOf, aRollout, newVersion, oldVersion } from "../../../support/rollout-builders.ts";

let database: SqliteDatabase;
beforeEach(async () => {
  database = await openDatabase(":memory:");
});
afterEach(() => database[Symbol.asyncDispose]());

const otherDevice = parseDeviceId("nice-cam-1");
function enrolled(id = aDevice) {
  return { id, labels: { site: "lyon" }, hardware: "cm4", secretHash: new Uint8Array(32).fill(7), enrolledAtMs: 5 };
}
const assignment = anAssignment().models[0] as ModelAssignment;

describe("devices", () => {
  test("an id is given once", async () => {
    expect(await database.devices.add(enrolled())).toBe(true);
    expect(await database.devices.add({ ...enrolled(), hardware: "other" })).toBe(false);
    expect((await database.devices.get(aDevice))?.hardware).toBe("cm4");
  });

  test("a birth tells what the device is and runs", async () => {
    await database.devices.add(enrolled());
    const birth = deviceMessages.birth;
    if (birth.kind !== "birth") throw new Error("not a birth");
    await database.devices.recordBirth(aDevice, birth);
    const device = await database.devices.get(aDevice);
    expect(device).toMatchObject({ agentVersion: birth.agentVersion, profile: birth.profile });
    expect(device?.reported).toEqual(birth.reported);
  });

  test.each([
    { kind: "online", bootId: "b", connection: 3, sinceMs: 10, lastSeenMs: 20 },
    { kind: "offline", sinceMs: 10, lastSeenMs: 20 },
    { kind: "unknown" },
  ] as const)("presence $kind comes back as it was", async (presence) => {
    await database.devices.add(enrolled());
    await database.devices.setPresence(aDevice, presence);
    expect((await database.devices.get(aDevice))?.presence).toEqual(presence);
    await database.devices.forgetPresence();
    expect((await database.devices.get(aDevice))?.presence).toEqual({ kind: "unknown" });
  });

  test("a revoked device has no secret any more, and stays in the list", async () => {
    await database.devices.add(enrolled());
    expect(await database.devices.secretHash(aDevice)).toEqual(Buffer.alloc(32, 7));
    await database.devices.revoke(aDevice, 99);
    await database.devices.revoke(aDevice, 100);
    expect(await database.devices.secretHash(aDevice)).toBeUndefined();
    expect((await database.devices.list()).map(({ revokedAtMs }) => revokedAtMs)).toEqual([99]);
  });

  test("text that looks like JSON stays text", async () => {
    await database.devices.add({ ...enrolled(), hardware: '{"a":1}', labels: { site: "[1]" } });
    expect(await database.devices.get(aDevice)).toMatchObject({ hardware: '{"a":1}', labels: { site: "[1]" } });
  });
});

describe("enrolment tokens", () => {
  const hash = new Uint8Array(32).fill(1);
  const token = { hash, labels: { site: "lyon" }, createdAtMs: 0, expiresAtMs: 1_000 };

  test("twenty that come at once get it once", async () => {
    await database.tokens.add(token);
    const takes = Array.from({ length: 20 }, () => database.tokens.take(hash, aDevice, 10));
    const taken = (await Promise.all(takes)).filter((result) => result !== undefined);
    expect(taken).toEqual([{ labels: { site: "lyon" } }]);
  });

  test("an expired or unknown one is not taken", async () => {
    await database.tokens.add(token);
    expect(await database.tokens.take(hash, aDevice, 1_000)).toBeUndefined();
    expect(await database.tokens.take(new Uint8Array(32), aDevice, 10)).toBeUndefined();
  });

  test("one that was taken in a transaction that failed can be taken again", async () => {
    await database.tokens.add(token);
    const failing = database.transaction(async (stores) => {
      await stores.tokens.take(hash, aDevice, 10);
      throw new Error("the id was taken");
    });
    await expect(failing).rejects.toThrow("the id was taken");
    expect(await database.tokens.take(hash, aDevice, 20)).toBeDefined();
  });
});

describe("model versions", () => {
  test("are immutable, and found by name and by package", async () => {
    const record = aRecordOf(oldVersion);
    expect(await database.models.add(record)).toBe(true);
    expect(await database.models.add({ ...record, package: digestOf(0x77) })).toBe(false);
    expect(await database.models.get(aModel, record.version)).toEqual(record);
    expect(await database.models.byPackage(record.package)).toEqual(record);
    expect(await database.models.byPackage(digestOf(0x77))).toBeUndefined();
  });
});

describe("the archive", () => {
  test("keeps every step in its order, of one model or of all", async () => {
    const step = { model: aModel, version: oldVersion.version, atMs: 5, by: "operator", comment: undefined };
    await database.archive.add({ ...step, kind: "archived", comment: "old" });
    await database.archive.add({ ...step, kind: "restored", atMs: 3 });
    await database.archive.add({ ...step, kind: "archived", model: parseModelName("audio") });
    expect(await database.archive.steps(aModel)).toEqual([
      { ...step, seq: 1, kind: "archived", comment: "old" },
      { ...step, seq: 2, kind: "restored", atMs: 3 },
    ]);
    expect(await database.archive.steps()).toHaveLength(3);
  });
});

describe("desired states", () => {
  beforeEach(async () => void (await database.devices.add(enrolled())));

  test("each change raises the generation, the same wish again does not", async () => {
    expect(await database.desired.get(aDevice)).toBeUndefined();
    const first = await database.desired.set(aDevice, aModel, assignment);
    expect(first).toEqual({ epoch: 1, generation: 1, models: [assignment], settings: [], keepsModels: false });
    expect((await database.desired.set(aDevice, aModel, assignment)).generation).toBe(1);
    const other = { ...assignment, model: parseModelName("audio") };
    const second = await database.desired.set(aDevice, other.model, other);
    expect(second.generation).toBe(2);
    expect(second.models.map(({ model }) => model)).toEqual(["audio", "digits"]);
    const third = await database.desired.set(aDevice, aModel, undefined);
    expect(third).toMatchObject({ epoch: 1, generation: 3, models: [other] });
    expect(await database.desired.get(aDevice)).toEqual(third);
  });

  test("who is wanted to have a version is found by model and version", async () => {
    await database.desired.set(aDevice, aModel, assignment);
    expect(await database.desired.wanting(aModel, assignment.version)).toEqual([aDevice]);
    expect(await database.desired.wanting(aModel, oldVersion.version)).toEqual([]);
    expect(await database.desired.wanting(parseModelName("audio"), assignment.version)).toEqual([]);
  });

  test("the epoch goes past what the device knows, and never down", async () => {
    await database.desired.set(aDevice, aModel, assignment);
    expect(await database.desired.raiseEpoch(aDevice, 7)).toMatchObject({ epoch: 8, generation: 1 });
    expect(await database.desired.raiseEpoch(aDevice, 2)).toMatchObject({ epoch: 9, generation: 1 });
  });

  test("a device of which nothing was ever wanted has generation 0", async () => {
    expect(await database.desired.raiseEpoch(aDevice, 3)).toMatchObject({ epoch: 4, generation: 0, models: [] });
    expect(await database.desired.set(aDevice, aModel, assignment)).toMatchObject({ epoch: 4, generation: 1 });
  });

  test("settings have their place beside the models, and say so while nothing is wanted of those", async () => {
    const name = parseSettingsName("night");
    const first = await database.desired.setSettings(aDevice, name, 3);
    expect(first).toEqual({
      epoch: 1,
      generation: 1,
      models: [],
      settings: [{ name, version: 3 }],
      keepsModels: true,
    });
    expect((await database.desired.setSettings(aDevice, name, 3)).generation).toBe(1);
    const second = await database.desired.set(aDevice, aModel, assignment);
    expect(second).toMatchObject({ generation: 2, settings: first.settings, keepsModels: false });
    expect(await database.desired.setSettings(aDevice, name, undefined)).toMatchObject({ generation: 3, settings: [] });
    // That no model is wanted any more is a wish for models too.
    await database.desired.set(aDevice, aModel, undefined);
    expect(await database.desired.get(aDevice)).toMatchObject({ models: [], keepsModels: false });
  });
});

describe("rollouts", () => {
  const running: RolloutPhase = { kind: "running", stage: 0, enteredAtMs: 0 };
  const complete: RolloutPhase = { kind: "complete", atMs: 1 };

  test("live are those that are not over, and the newest complete one of each model", async () => {
    const add = (id: string, createdAtMs: number, phase: RolloutPhase, model = "digits") =>
      database.rollouts.add(aRollout({ model: parseModelName(model) }, { id: parseRolloutId(id), createdAtMs, phase }));
    await add("old", 1, complete);
    await add("new", 2, complete);
    await add("aborted", 3, { kind: "aborted", atMs: 3, reason: "" });
    await add("running", 4, running);
    await add("paused", 5, { kind: "paused", atMs: 5, reason: "", resume: running as never });
    await add("audio", 6, complete, "audio");
    await add("back", 7, { kind: "rolled-back", atMs: 7, reason: "" });
    expect((await database.rollouts.live()).map(({ id }) => id)).toEqual(["new", "running", "paused", "audio"]);
  });

  test("are read in pages, the newest first, also where several began in the same millisecond", async () => {
    for (const [id, createdAtMs] of [
      ["a", 1],
      ["b", 2],
      ["c", 2],
      ["d", 3],
    ] as const)
      await database.rollouts.add(aRollout({}, { id: parseRolloutId(id), createdAtMs }));
    const page = async (after: string | undefined, limit: number) =>
      (await database.rollouts.page(after === undefined ? undefined : parseRolloutId(after), limit))?.map(
        ({ id }) => id,
      );
    expect(await page(undefined, 2)).toEqual(["d", "c"]);
    expect(await page("c", 2)).toEqual(["b", "a"]);
    expect(await page("a", 2)).toEqual([]);
    expect(await page("nobody", 2)).toBeUndefined();
  });

  test("updates of thousands of devices are stored, and stored again", async () => {
    const rollout = aRollout();
    await database.rollouts.add(rollout);
    const updates = Array.from({ length: 2_500 }, (_, i) => ({
      device: parseDeviceId(`cam-${String(i).padStart(4, "0")}`),
      stage: 0,
      state: "assigned" as const,
      incumbent: i % 2 === 0 ? oldVersion : undefined,
      assignedAtMs: 10,
      settledAtMs: undefined,
      reason: "",
    }));
    await database.rollouts.saveUpdates(rollout.id, updates);
    expect(await database.rollouts.updates(rollout.id)).toEqual(updates);
    const settled = updates.slice(0, 3).map((update) => ({ ...update, state: "confirmed" as const, settledAtMs: 20 }));
    await database.rollouts.saveUpdates(rollout.id, settled);
    expect(await database.rollouts.updates(rollout.id)).toEqual([...settled, ...updates.slice(3)]);
  });

  test("a rollout comes back as it was saved", async () => {
    const rollout = aRollout();
    await database.rollouts.add(rollout);
    const saved = { ...rollout, phase: complete, decision: { atMs: 1, gates: [], explanation: "all is well" } };
    await database.rollouts.save(saved);
    expect(await database.rollouts.get(rollout.id)).toEqual(saved);
  });
});

describe("telemetry", () => {
  const entry = (seq: number, receivedAtMs: number, overrides = {}) => ({
    device: aDevice,
    lane: "windows" as const,
    epoch: "e1",
    record: aRecord(seq, aWindow({ package: newVersion.package })),
    receivedAtMs,
    ...overrides,
  });
  beforeEach(async () => void (await database.models.add(aRecordOf(newVersion))));

  test("appending moves the cursor of each lane by itself", async () => {
    await database.telemetry.append([
      entry(1, 10),
      entry(2, 10),
      entry(1, 10, { device: otherDevice }),
      entry(1, 10, { epoch: "e2" }),
    ]);
    const cursor = database.telemetry.cursor.bind(database.telemetry);
    expect(await cursor(aDevice, "windows", "e1")).toBe(2);
    expect(await cursor(aDevice, "windows", "e2")).toBe(1);
    expect(await cursor(otherDevice, "windows", "e1")).toBe(1);
    expect(await cursor(otherDevice, "lifecycle", "e1")).toBe(0);
  });

  test("windows come back as they were, by package, device and time", async () => {
    const window = aWindow({ package: newVersion.package });
    await database.telemetry.append([entry(1, 10), entry(2, 20), entry(1, 30, { device: otherDevice })]);
    const found = await database.telemetry.windows({ package: newVersion.package, sinceMs: 20 });
    expect(found).toEqual([
      { device: aDevice, receivedAtMs: 20, window },
      { device: otherDevice, receivedAtMs: 30, window },
    ]);
    const devices = new Set([otherDevice]);
    expect(await database.telemetry.windows({ package: newVersion.package, sinceMs: 0, devices })).toHaveLength(1);
    expect(await database.telemetry.windows({ package: digestOf(0x55), sinceMs: 0 })).toEqual([]);
    expect(await database.telemetry.windowsBetween(10, 30)).toHaveLength(2);
  });

  test("windows in shadow are answered to nobody who asks for windows", async () => {
    const window = (seq: number, shadow?: Agreement) => {
      const body = aWindow({ package: newVersion.package, inferences: seq, trial: false, ...(shadow && { shadow }) });
      return entry(seq, seq, { record: aRecord(seq, body) });
    };
    await database.telemetry.append([window(1), window(2, anAgreement()), window(3)]);
    const inferences = (found: readonly ReceivedWindow[]) => found.map((one) => one.window.inferences);
    const query = { package: newVersion.package, sinceMs: 0 };
    expect(inferences(await database.telemetry.shadowWindows(query))).toEqual([2]);
    expect(inferences(await database.telemetry.windows(query))).toEqual([1, 3]);
    expect(inferences(await database.telemetry.newestWindows(newVersion.package, 10))).toEqual([3, 1]);
    expect(inferences(await database.telemetry.windowsBetween(0, 1_000))).toEqual([1, 3]);
    expect((await database.telemetry.accounts(aDevice))[0]).toMatchObject({ received: 3, through: 3 });
    while ((await database.telemetry.deleteWindowsBefore(1_000)) > 0);
    expect(await database.telemetry.shadowWindows(query)).toEqual([]);
  });

  test("the newest windows of a package come newest first, over any number of pages", async () => {
    const entries = Array.from({ length: 2_500 }, (_, i) => entry(i + 1, Math.floor(i / 2)));
    await database.telemetry.append(entries);
    const times = async (limit: number) =>
      (await database.telemetry.newestWindows(newVersion.package, limit)).map(({ receivedAtMs }) => receivedAtMs);
    expect(await times(3)).toEqual([1_249, 1_249, 1_248]);
    expect(await times(2_001)).toHaveLength(2_001);
    expect(await times(9_999)).toEqual(entries.map(({ receivedAtMs }) => receivedAtMs).reverse());
    expect(await database.telemetry.newestWindows(digestOf(0x55), 10)).toEqual([]);
  });

  test("windows of packages that nobody pushed are kept out of sight", async () => {
    const strange = { record: aRecord(1, aWindow({ package: digestOf(0x66) })) };
    await database.telemetry.append([entry(1, 10, strange)]);
    expect(await database.telemetry.cursor(aDevice, "windows", "e1")).toBe(1);
    expect(await database.telemetry.windowsBetween(0, 100)).toEqual([]);
  });

  test("old records are deleted in slices until none is left", async () => {
    await database.telemetry.append(Array.from({ length: 5_000 }, (_, i) => entry(i + 1, i < 4_500 ? 10 : 50)));
    const deleted: number[] = [];
    for (;;) {
      const slice = await database.telemetry.deleteWindowsBefore(50);
      if (slice === 0) break;
      deleted.push(slice);
    }
    expect(deleted).toEqual([2_000, 2_000, 500]);
    expect(await database.telemetry.windowsBetween(0, 100)).toHaveLength(500);
    expect(await database.telemetry.cursor(aDevice, "windows", "e1")).toBe(5_000);
  });
});

describe("operators", () => {
  test("are found by the hash of their token, as long as they are there", async () => {
    const ada = { name: "ada", addedAtMs: 5, addedBy: "operator" };
    const [hash, other] = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)];
    expect(await database.operators.add(ada, hash)).toBe(true);
    expect(await database.operators.add(ada, other)).toBe(false);
    expect(await database.operators.named(hash)).toBe("ada");
    expect(await database.operators.named(other)).toBeUndefined();
    expect(await database.operators.list()).toEqual([ada]);
    expect(await database.operators.remove("ada")).toBe(true);
    expect(await database.operators.remove("ada")).toBe(false);
    expect(await database.operators.named(hash)).toBeUndefined();
  });
});

describe("events", () => {
  test("name the operator who did it, where one did", async () => {
    const event = { atMs: 5, kind: "model.alias", device: undefined, rollout: undefined, text: "moved" };
    await database.events.add({ ...event, by: "ada" });
    await database.events.add(event);
    expect(await database.events.last(2)).toEqual([
      { ...event, seq: 1, by: "ada" },
      { ...event, seq: 2 },
    ]);
  });

  test("are numbered in order, and found after a number, at the end and by device", async () => {
    const add = (text: string, device = aDevice) =>
      database.events.add({ atMs: 1, kind: "test", device, rollout: undefined, text });
    const first = await add("one");
    await add("two", otherDevice);
    await add("three");
    expect((await database.events.after(first.seq, 10)).map(({ text }) => text)).toEqual(["two", "three"]);
    expect((await database.events.last(2)).map(({ text }) => text)).toEqual(["two", "three"]);
    expect((await database.events.lastOf(aDevice, 1)).map(({ text }) => text)).toEqual(["three"]);
  });

  test("are deleted when they are old, in the order in which they came", async () => {
    const event = { kind: "device.online", device: undefined, rollout: undefined };
    // The clock was set back after the third.
    for (const atMs of [100, 200, 300, 150])
      await database.transaction(({ events }) => events.add({ ...event, atMs, text: String(atMs) }));
    expect(await database.events.deleteBefore(250)).toBe(2);
    expect(await database.events.deleteBefore(250)).toBe(0);
    expect((await database.events.last(10)).map(({ text }) => text)).toEqual(["300", "150"]);
  });
});

test("of what one device ran, the newest stretches are kept, and those that last", async () => {
  const began = (from: number, count: number) =>
    Array.from({ length: count }, (_, i) => ({
      model: `m-${from + i}` as ModelName,
      version: "1" as ModelVersion,
      variant: "",
    }));
  await database.production.change(aDevice, { ended: [], begun: began(0, 1_500) }, 1);
  await database.production.change(
    aDevice,
    { ended: began(1, 1_499).map(({ model }) => model), begun: began(1_500, 1_500) },
    2,
  );
  const kept = async (index: number) => (await database.production.of(`m-${index}` as ModelName)).length;
  expect(await Promise.all([0, 1, 999, 1_000, 2_999].map(kept))).toEqual([1, 0, 0, 1, 1]);
});
