import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DriftWatch } from "../../../../control-plane/application/drift-watch.ts";
import { createDriftWatch } from "../../../../control-plane/application/drift-watch.ts";
import type { Logger } from "../../../../control-plane/application/ports.ts";
import type { Database } from "../../../../control-plane/application/stores.ts";
import { randomIds } from "../../../../control-plane/server/random-ids.ts";
import type { SqliteDatabase } from "../../../../control-plane/storage/database.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";
import type { DeviceId } from "../../../../proto/ids.ts";
import { parseDeviceId } from "../../../../proto/ids.ts";
import type { Birth } from "../../../../proto/messages.ts";
import { aManifest } from "../../../support/manifests.ts";
import { aModel, aRecord, aWindow, deviceMessages } from "../../../support/messages.ts";
import { aRecordOf, newVersion } from "../../../support/rollout-builders.ts";

const windowMs = 1_000;
const sites = ["lyon", "nice", "paris"];
const devices = Array.from({ length: 12 }, (_, i) => ({
  id: parseDeviceId(`cam-${String(i).padStart(2, "0")}`),
  site: sites[i % 3] as string,
}));
const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const never = new AbortController().signal;

let database: SqliteDatabase;
let watch: DriftWatch;
let now: number;
let seq: number;

function newWatch(over: Database = database): DriftWatch {
  const clock = { now: () => now, sleep: async () => {} };
  return createDriftWatch({ database: over, clock, ids: randomIds, log: silent, windowMs });
}

beforeEach(async () => {
  database = await openDatabase(":memory:");
  now = 1_000_000;
  seq = 0;
  const { golden, ...rest } = aManifest({ version: newVersion.version });
  const reference = {
    rows: 10_000,
    streams: [
      {
        kind: "numeric" as const,
        name: "input.brightness",
        edges: [0, 0.5, 1],
        counts: [0, 5_000, 5_000, 0],
        missing: 0,
      },
    ],
  };
  await database.models.add({ ...aRecordOf(newVersion), manifest: { ...rest, golden, reference } });
  for (const { id, site } of devices) {
    const labels = { site };
    await database.devices.add({ id, labels, hardware: "cm4", secretHash: new Uint8Array(32), enrolledAtMs: 1 });
    await runs(id, newVersion);
  }
  watch = newWatch();
});
afterEach(() => database[Symbol.asyncDispose]());

async function runs(id: DeviceId, version: typeof newVersion | undefined): Promise<void> {
  const birth = deviceMessages.birth as Birth;
  const active = version && { version: version.version, package: version.package, variant: "fp32" };
  const model = { model: aModel, active, candidate: undefined, previous: undefined, phase: "idle" as const };
  const reported = { ...birth.reported, models: [{ ...model, failure: undefined }] };
  await database.devices.recordBirth(id, { ...birth, reported });
}

/** Every device counts `values` values in one window, all of them bright where `isBright`; then the watch looks. */
async function look(
  values: number,
  isBright: (device: (typeof devices)[number]) => boolean = () => false,
  isStuck: (device: (typeof devices)[number]) => boolean = () => false,
) {
  now += windowMs;
  seq += 1;
  const entries = devices.map((device) => {
    const counts = isBright(device) ? [0, 0, values, 0] : [0, values / 2, values / 2, 0];
    const histogram = { counts: Uint32Array.from(counts), missing: 0 };
    const streams = [{ stream: 0, histogram, ...(isStuck(device) && { stuck: values }) }];
    const window = aWindow({ package: newVersion.package, version: newVersion.version, streams });
    const record = aRecord(seq, window);
    return { device: device.id, lane: "windows" as const, epoch: "e1", record, receivedAtMs: now - 1 };
  });
  await database.telemetry.append(entries);
  await watch.look(now, never);
}

const inLyon = ({ site }: { readonly site: string }) => site === "lyon";
const openScopes = async () =>
  (await watch.alerts()).filter(({ closedAtMs }) => closedAtMs === undefined).map(({ scope }) => scope);

test("a calm fleet has a row for every scope and no alert", async () => {
  for (let i = 0; i < 4; i++) await look(400);
  const rows = await watch.current();
  expect(rows.map(({ scope }) => scope).toSorted()).toEqual(
    [...devices.map(({ id }) => id as string), "fleet", ...sites.map((site) => `site=${site}`)].toSorted(),
  );
  expect(new Set(rows.map(({ state }) => state))).toEqual(new Set(["quiet"]));
  expect(await watch.alerts()).toEqual([]);
});

describe("a sensor that is stuck within its range", () => {
  const nobody = () => false;

  test("opens one alert for its device in the second window, with its share; and closes it when it works again", async () => {
    const isStuck = ({ id }: { readonly id: DeviceId }) => id === "cam-03";
    await look(400, nobody, isStuck);
    expect(await openScopes()).toEqual([]);
    await look(400, nobody, isStuck);
    expect(await watch.alerts()).toMatchObject([
      { scope: "cam-03", scopeKind: "device", reason: expect.stringContaining("100.0 % of 400 samples are stuck") },
    ]);
    const rows = await watch.current();
    expect(rows.find(({ scope }) => scope === "cam-03")).toMatchObject({ stuckShare: 1, farOutsideShare: 0 });
    for (let i = 0; i < 2; i++) await look(400);
    expect(await openScopes()).toEqual([]);
  });

  test("is said of the fleet when it is everybody's, not of a site", async () => {
    for (let i = 0; i < 2; i++) await look(400, nobody, () => true);
    expect(await openScopes()).toEqual(["fleet"]);
  });

  test("is said of the site when it is the site's", async () => {
    for (let i = 0; i < 2; i++) await look(400, nobody, inLyon);
    expect(await openScopes()).toEqual(["site=lyon"]);
  });
});

describe("when one site changes", () => {
  test("the second drifted window opens one alert, and it names the site", async () => {
    await look(400);
    await look(400, inLyon);
    expect(await openScopes()).toEqual([]);
    await look(400, inLyon);
    await look(400, inLyon);
    expect(await watch.alerts()).toMatchObject([
      { scope: "site=lyon", scopeKind: "cohort", stream: "input.brightness", version: newVersion.version },
    ]);
    expect(await database.events.last(1)).toMatchObject([{ kind: "drift.opened" }]);
  });

  test("calm windows close it", async () => {
    for (let i = 0; i < 3; i++) await look(400, inLyon);
    for (let i = 0; i < 2; i++) await look(400);
    expect(await openScopes()).toEqual([]);
    expect((await database.events.last(1))[0]).toMatchObject({ kind: "drift.closed" });
  });

  test("a restart in between forgets neither the first window nor the open alert", async () => {
    await look(400, inLyon);
    watch = newWatch();
    await look(400, inLyon);
    expect(await openScopes()).toEqual(["site=lyon"]);
    watch = newWatch();
    await look(400, inLyon);
    expect(await watch.alerts()).toHaveLength(1);
    for (let i = 0; i < 2; i++) await look(400);
    expect(await openScopes()).toEqual([]);
  });

  test("slow devices are judged when enough has gathered", async () => {
    for (let i = 0; i < 30; i++) await look(10, inLyon);
    expect(await openScopes()).toEqual(["site=lyon"]);
  });

  test("the alert ends with the version that it speaks of", async () => {
    for (let i = 0; i < 3; i++) await look(400, inLyon);
    for (const { id } of devices) await runs(id, undefined);
    await look(400, inLyon);
    expect(await openScopes()).toEqual([]);
    expect((await watch.alerts())[0]?.reason).toMatch(/no device runs/);
  });
});

test("one broken camera is named itself", async () => {
  for (let i = 0; i < 3; i++) await look(400, ({ id }) => id === "cam-05");
  expect(await openScopes()).toEqual(["cam-05"]);
});

test("a look that fails is made up for, and counts nothing twice", async () => {
  let failures = 1;
  watch = newWatch({
    ...database,
    transaction: (work) =>
      failures-- > 0 ? Promise.reject(new Error("the disk is full")) : database.transaction(work),
  });
  await expect(look(400)).rejects.toThrow("the disk is full");
  expect(await watch.current()).toEqual([]);
  await watch.look(now, never);
  expect((await watch.current()).find(({ scope }) => scope === "fleet")?.samples).toBe(12 * 400);
});
