import { afterEach, beforeEach, expect, test } from "vitest";
import type { UseWatch } from "../../../../control-plane/application/use-watch.ts";
import { createUseWatch } from "../../../../control-plane/application/use-watch.ts";
import { randomIds } from "../../../../control-plane/server/random-ids.ts";
import type { SqliteDatabase } from "../../../../control-plane/storage/database.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";
import type { ModelName } from "../../../../proto/ids.ts";
import { parseDeviceId } from "../../../../proto/ids.ts";
import type { Birth } from "../../../../proto/messages.ts";
import { hours, minutes } from "../../../../proto/units.ts";
import { logLines } from "../../../support/log-lines.ts";
import { aModel, deviceMessages } from "../../../support/messages.ts";
import { newVersion } from "../../../support/rollout-builders.ts";

const windowMs = minutes(5);
const devices = ["cam-0 lyon", "cam-1 lyon", "cam-2 nice", "cam-3 nice"].map((text) => {
  const [id = "", site = ""] = text.split(" ");
  return { id: parseDeviceId(id), site };
});
const everyone = devices.map(({ id }) => id as string);

let database: SqliteDatabase;
let watch: UseWatch;
let now: number;

const newWatch = () => {
  const clock = { now: () => now, sleep: async () => {} };
  return createUseWatch({ database, clock, ids: randomIds, log: logLines(), windowMs });
};

beforeEach(async () => {
  database = await openDatabase(":memory:");
  now = 1_000_000;
  const birth = deviceMessages.birth as Birth;
  const { version, package: digest } = newVersion;
  const active = { version, package: digest, variant: "fp32" };
  const model = { model: aModel, active, candidate: undefined, previous: undefined, phase: "idle" as const };
  for (const { id, site } of devices) {
    const labels = { site };
    await database.devices.add({ id, labels, hardware: "cm4", secretHash: new Uint8Array(32), enrolledAtMs: 1 });
    await database.devices.recordBirth(id, {
      ...birth,
      reported: { ...birth.reported, models: [{ ...model, failure: undefined }] },
    });
    await setPresence(id, "online");
  }
  watch = newWatch();
});
afterEach(() => database[Symbol.asyncDispose]());

function setPresence(id: (typeof devices)[number]["id"], kind: "online" | "offline"): Promise<void> {
  const since = { sinceMs: 1, lastSeenMs: 1 };
  return database.devices.setPresence(
    id,
    kind === "online" ? { kind, bootId: "b", connection: 1, ...since } : { kind, ...since },
  );
}

/** Lets time pass in which these devices are asked. */
async function pass(ms: number, asked: readonly string[]): Promise<void> {
  for (let passed = 0; passed < ms; passed += windowMs) {
    now += windowMs;
    watch.heard(asked.map((id) => ({ device: parseDeviceId(id), model: aModel })));
    await watch.look(now);
  }
}

const open = async () =>
  (await database.drift.alerts()).filter(({ closedAtMs }) => closedAtMs === undefined).map(({ scope }) => scope);

test("a device that is not asked any more is named, with how long and what was usual, until it is asked again", async () => {
  await pass(hours(25), everyone);
  expect(await open()).toEqual([]);
  const others = everyone.filter((id) => id !== "cam-2");
  await pass(minutes(30), others);
  expect(await open()).toEqual([]);
  await pass(minutes(10), others);
  expect(await database.drift.alerts()).toMatchObject([
    {
      model: aModel,
      version: newVersion.version,
      scope: "cam-2",
      scopeKind: "device",
      stream: "inferences",
      reason:
        "no inference for 35 min though the device is connected; after what the past weeks have shown, 30 min are nothing unusual",
    },
  ]);
  await pass(windowMs, everyone);
  expect(await database.drift.alerts()).toMatchObject([{ closedAtMs: now, reason: "it is asked again" }]);
  expect((await database.events.last(2)).map(({ kind, device }) => [kind, device])).toEqual([
    ["model.silent", "cam-2"],
    ["model.heard", "cam-2"],
  ]);
});

test("a site that goes silent as a whole is one alert, and so is the fleet", async () => {
  await pass(hours(25), everyone);
  await pass(minutes(35), ["cam-2", "cam-3"]);
  expect(await open()).toEqual(["site=lyon"]);
  await pass(minutes(35), []);
  expect(await open()).toEqual(["fleet"]);
  const alerts = await database.drift.alerts();
  expect(alerts.find(({ scope }) => scope === "site=lyon")?.reason).toBe("it is told of fleet now");
  expect(alerts.find(({ scope }) => scope === "fleet")?.reason).toMatch(/^no inference for 35 min on any of 4 devices/);
});

test("a device that is away is not called silent, and does not keep its site from being named", async () => {
  await pass(hours(25), everyone);
  await setPresence(parseDeviceId("cam-1"), "offline");
  await pass(hours(3), ["cam-0", "cam-2", "cam-3"]);
  expect(await open()).toEqual([]);
  await pass(minutes(40), ["cam-0"]);
  expect(await open()).toEqual(["site=nice"]);
});

test("what it has learnt, and who is silent, outlasts a restart", async () => {
  await pass(hours(25), everyone);
  const others = everyone.filter((id) => id !== "cam-2");
  await pass(minutes(40), others);
  watch = newWatch();
  await pass(windowMs, others);
  expect(await open()).toEqual(["cam-2"]);
  await pass(minutes(5), everyone);
  expect(await open()).toEqual([]);
});

test("forgets the models that a device does not report any more, however many it makes up", async () => {
  const [{ id } = { id: parseDeviceId("cam-0") }] = devices;
  const reports = async (model: ModelName) => {
    const { reported } = deviceMessages.birth as Birth;
    const { version, package: digest } = newVersion;
    const active = { version, package: digest, variant: "fp32" };
    const report = { model, active, candidate: undefined, previous: undefined, phase: "idle" as const };
    await database.devices.recordReported(id, { ...reported, models: [{ ...report, failure: undefined }] });
  };
  for (let i = 0; i < 30; i++) {
    await reports(`made-up-${i}` as ModelName);
    await pass(windowMs, []);
  }
  await pass(hours(1), []);
  const kept = await database.uses.load();
  expect(kept.filter(({ device }) => device === id).map(({ model }) => model)).toEqual(["made-up-29"]);
  expect(kept.filter(({ device }) => device !== id)).toHaveLength(3);
});
