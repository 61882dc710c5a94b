import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createDesiredDelivery } from "../../../../control-plane/application/desired-delivery.ts";
import type { DeviceSettingsService, SettingsChange } from "../../../../control-plane/application/device-settings.ts";
import { createDeviceSettings } from "../../../../control-plane/application/device-settings.ts";
import { ConflictError, InvalidDataError, NotFoundError } from "../../../../control-plane/application/refusals.ts";
import { createRolloutController } from "../../../../control-plane/application/rollout-controller.ts";
import type { SqliteDatabase } from "../../../../control-plane/storage/database.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";
import type { Assignment } from "../../../../proto/assignment-messages.ts";
import { parseDeviceId, parseSettingsName } from "../../../../proto/ids.ts";
import { minutes } from "../../../../proto/units.ts";
import { deviceMessages } from "../../../support/messages.ts";
import { silentLog } from "../../../support/agent-world.ts";

const night = parseSettingsName("night");
const never = new AbortController().signal;

let database: SqliteDatabase;
let settings: DeviceSettingsService;
let now: number;
let woken: number;
let sent: Assignment[];

beforeEach(async () => {
  database = await openDatabase(":memory:");
  now = 1_000;
  woken = 0;
  sent = [];
  let ids = 0;
  settings = createDeviceSettings({
    database,
    clock: { now: () => now },
    ids: { next: (prefix) => `${prefix}-${++ids}` },
    wake: () => void (woken += 1),
  });
});
afterEach(() => database[Symbol.asyncDispose]());

const change = (values: SettingsChange["values"], more: Partial<SettingsChange> = {}) =>
  settings.change(night, { after: 0, values, ...more }, "anna");

describe("making settings", () => {
  test("makes a version and begins its rollout, with the operator's name", async () => {
    const begun = await change({ "log.level": "debug" }, { selector: "site=lyon", comment: "the cameras stutter" });
    expect(begun.settings).toEqual({
      name: "night",
      version: 1,
      values: [{ key: "log.level", value: "debug" }],
      selector: "site=lyon",
      priority: 0,
      comment: "the cameras stutter",
      createdAtMs: 1_000,
      createdBy: "anna",
    });
    expect(begun.rollout).toMatchObject({ startedBy: "anna", spec: { kind: "settings", version: 1, removes: false } });
    expect(woken).toBe(1);
    expect((await database.events.last(2)).map(({ kind, by }) => [kind, by])).toEqual([
      ["settings.changed", "anna"],
      ["rollout.started", "anna"],
    ]);
  });

  test("changes what is named, takes away what is null, and keeps all else with selector and priority", async () => {
    await change({ "log.level": "debug", "logs.send": "warn" }, { selector: "site=lyon", priority: 5 });
    await end("r-1");
    const { settings: second } = await change({ "logs.send": null, "telemetry.window": "5m" }, { after: 1 });
    expect(second).toMatchObject({ version: 2, selector: "site=lyon", priority: 5 });
    expect(second.values.map(({ key }) => key)).toEqual(["log.level", "telemetry.window"]);
    expect((await settings.get(night))?.versions.map(({ version }) => version)).toEqual([1, 2]);
  });

  test("names every mistake and stores nothing", async () => {
    const refused = change(
      { "log.level": "loud", "fan.speed": "9", "logs.send": null },
      { selector: "site=", priority: 0.5, rollout: { stages: [{ percent: 50 }] } },
    );
    const error: unknown = await refused.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidDataError);
    for (const mistake of [
      /log\.level: "loud"/,
      /fan\.speed: there is no/,
      /logs\.send: is not set/,
      /selector: /,
      /priority: 0\.5/,
      /last stage/,
    ])
      expect((error as Error).message).toMatch(mistake);
    expect(await settings.list()).toEqual([]);
    expect(await database.rollouts.list()).toEqual([]);
  });

  test("refuses a change that was made for another version than the newest, and one beside a rollout that is not over", async () => {
    await change({ "log.level": "debug" });
    await expect(change({ "log.level": "warn" })).rejects.toThrow(/newest version .* is 1, and this was made for 0/);
    await expect(change({ "log.level": "warn" }, { after: 1 })).rejects.toThrow(
      /rollout r-1 of settings night 1 is running/,
    );
    await expect(change({ "log.level": "warn" }, { after: 1 })).rejects.toThrow(ConflictError);
  });

  test("that say the same already make no version: what brings them, or brought them, is answered", async () => {
    const { rollout } = await change({ "log.level": "debug" });
    const again = await change({ "log.level": "debug" }, { after: 1 });
    expect(again).toMatchObject({ settings: { version: 1 }, rollout: { id: rollout.id }, unchanged: true });
    await end(rollout.id);
    expect(await change({ "log.level": "debug" }, { after: 1, comment: "again" })).toMatchObject({ unchanged: true });
    expect((await settings.get(night))?.versions).toHaveLength(1);
    expect((await database.rollouts.list()).length).toBe(1);
    expect((await change({ "log.level": "debug" }, { after: 1, priority: 1 })).settings.version).toBe(2);
  });

  test("that say the same as a version whose rollout was taken back make the next", async () => {
    const { rollout } = await change({ "log.level": "debug" });
    await database.rollouts.save({ ...rollout, phase: { kind: "rolled-back", atMs: now, reason: "" } });
    expect((await change({ "log.level": "debug" }, { after: 1 })).settings.version).toBe(2);
  });

  test("removes settings with a version of their own, once", async () => {
    await expect(settings.remove(night, { after: 0 }, "ben")).rejects.toThrow(NotFoundError);
    await change({ "log.level": "debug" });
    await end("r-1");
    const { settings: gone, rollout } = await settings.remove(night, { after: 1 }, "ben");
    expect(gone).toMatchObject({ version: 2, values: [], createdBy: "ben" });
    expect(rollout.spec).toMatchObject({ kind: "settings", removes: true });
    await end(rollout.id);
    await expect(settings.remove(night, { after: 2 }, "ben")).rejects.toThrow(NotFoundError);
  });
});

describe("two settings of the same priority that say something else of a key", () => {
  const base = parseSettingsName("base");
  const enrol = (id: string, labels: Readonly<Record<string, string>>) =>
    database.devices.add({
      id: parseDeviceId(id),
      labels,
      hardware: "cm4",
      secretHash: new Uint8Array(32),
      enrolledAtMs: 1,
    });
  const setBase = (more: Partial<SettingsChange> = {}) =>
    settings.change(base, { after: 0, values: { "log.level": "warn" }, ...more }, "anna");

  beforeEach(async () => {
    for (const number of [1, 2, 3, 4]) await enrol(`cam-${number}`, { site: "lyon" });
    await enrol("cam-9", { site: "nice" });
    await change({ "log.level": "debug" }, { selector: "site=lyon" });
  });

  test("are refused on the devices that both are for, by their names, with what to do", async () => {
    const error: unknown = await setBase().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConflictError);
    expect((error as Error).message).toMatch(
      /settings base .* priority 0: log\.level of night on cam-1, cam-2, cam-3 and 1 more\. .*--priority.*--to/,
    );
    expect((await settings.list()).map(({ name }) => name)).toEqual(["night"]);
  });

  test.each<[string, Partial<SettingsChange>]>([
    ["another priority", { priority: -1 }],
    ["other devices", { selector: "site=nice" }],
    ["the same value", { values: { "log.level": "debug" } }],
    ["another key", { values: { "logs.send": "warn" } }],
  ])("are none with %s", async (_name, more) => {
    expect((await setBase(more)).settings.version).toBe(1);
  });

  test("are none on a revoked device, nor below a higher priority", async () => {
    const top = parseSettingsName("top");
    await settings.change(
      top,
      { after: 0, values: { "log.level": "error" }, priority: 9, selector: "device in (cam-1, cam-2)" },
      "anna",
    );
    for (const gone of ["cam-3", "cam-4"]) await database.devices.revoke(parseDeviceId(gone), now);
    expect((await setBase()).settings.version).toBe(1);
  });

  test("are told of where the settings go that decided, once for all devices", async () => {
    const top = parseSettingsName("top");
    const { rollout } = await settings.change(
      top,
      { after: 0, values: { "log.level": "error" }, priority: 9, selector: "site=lyon" },
      "anna",
    );
    await setBase();
    await end(rollout.id);
    const told = async () =>
      (await database.events.last(99)).filter(({ kind }) => kind === "settings.undecided").map(({ text }) => text);
    expect(await told()).toEqual([]);
    await settings.remove(top, { after: 1 }, "anna");
    expect(await told()).toEqual([
      "cam-1, cam-2, cam-3 and 1 more: log.level is said differently by base and night, all of priority 0: night counts, only because its name comes last",
    ]);
  });

  test("are told of where labels bring them together later", async () => {
    await setBase({ selector: "line=4" });
    const device = await database.devices.get(parseDeviceId("cam-1"));
    if (device === undefined) throw new Error("cam-1 is there");
    expect(await settings.conflicts(device)).toEqual([]);
    expect(await settings.conflicts({ ...device, labels: { site: "lyon", line: "4" } })).toEqual([
      { key: "log.level", priority: 0, names: ["base", "night"] },
    ]);
  });
});

describe("bringing settings to a device", () => {
  const camera = parseDeviceId("cam-1");

  beforeEach(async () => {
    const device = { labels: {}, hardware: "cm4", secretHash: new Uint8Array(32), enrolledAtMs: 1 };
    await database.devices.add({ id: camera, ...device });
    const birth = deviceMessages.birth;
    if (birth.kind !== "birth") throw new Error("a birth is a birth");
    await database.devices.recordBirth(camera, { ...birth, reported: { ...birth.reported, models: [] } });
  });

  function controller() {
    const delivery = createDesiredDelivery({
      database,
      gateway: { send: async () => true },
      signer: {
        keyId: "k",
        publicKey: "",
        sign(assignment) {
          sent.push(assignment);
          return { payloadType: "", payload: new Uint8Array(), signatures: [] };
        },
      },
      clock: { now: () => now },
      log: silentLog,
      telemetry: { windowMs: 60_000 },
      sampleKey: "",
    });
    return createRolloutController({
      database,
      deliver: (device) => delivery.deliver(device),
      clock: { now: () => now, sleep: () => new Promise(() => undefined) },
      log: silentLog,
    });
  }

  test("sends them signed with their values, the strongest last, and leaves the models of the device alone", async () => {
    const { rollout } = await change({ "log.level": "debug" }, { priority: 5 });
    const base = parseSettingsName("zz-base");
    const other = await settings.change(base, { after: 0, values: { "log.level": "warn" } }, "anna");
    for (const { id } of [rollout, other.rollout]) await controller().tick(id, never);
    await expect.poll(() => sent.length).toBe(2);
    expect(sent.at(-1)).toMatchObject({
      models: [],
      keepsModels: true,
      generation: 2,
      settings: [
        { name: "zz-base", version: 1, values: [{ key: "log.level", value: "warn" }] },
        { name: "night", version: 1, values: [{ key: "log.level", value: "debug" }] },
      ],
    });
  });

  test("is over when the device reports that it holds them; a rollback takes them away again", async () => {
    const { rollout } = await change({ "log.level": "debug" }, { rollout: { stages: [{ percent: 100 }] } });
    await controller().tick(rollout.id, never);
    const reported = { epoch: 1, generation: 1, models: [], refusal: "" };
    const report = { name: night, version: 1, refused: undefined, pinned: ["log.level"] };
    await database.devices.recordReported(camera, { ...reported, settings: [report] });
    await controller().tick(rollout.id, never);
    now += minutes(2);
    const done = await controller().tick(rollout.id, never);
    expect(done?.rollout.phase.kind).toBe("complete");
    expect((await settings.get(night))?.devices).toEqual([
      { device: camera, version: 1, refused: undefined, pinned: ["log.level"] },
    ]);
    await database.rollouts.save({
      ...(done?.rollout ?? rollout),
      phase: { kind: "rolling-back", stage: 0, enteredAtMs: now, reason: "" },
    });
    await controller().tick(rollout.id, never);
    expect(await database.desired.get(camera)).toMatchObject({ settings: [], keepsModels: true, generation: 2 });
  });
});

async function end(id: string): Promise<void> {
  const rollout = (await database.rollouts.list()).find((one) => one.id === id);
  if (rollout === undefined) throw new Error(`there is no ${id}`);
  await database.rollouts.save({ ...rollout, phase: { kind: "complete", atMs: now } });
}
