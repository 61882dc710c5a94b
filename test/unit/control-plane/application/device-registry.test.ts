import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { DesiredDelivery } from "../../../../control-plane/application/desired-delivery.ts";
import { createDesiredDelivery } from "../../../../control-plane/application/desired-delivery.ts";
import { parseDeviceId } from "../../../../proto/ids.ts";
import type { DeviceRegistry, DeviceRegistryOptions } from "../../../../control-plane/application/device-registry.ts";
import { createDeviceRegistry } from "../../../../control-plane/application/device-registry.ts";
import type { Clock, Logger } from "../../../../control-plane/application/ports.ts";
import { openDirectorKey } from "../../../../control-plane/server/director-key.ts";
import { randomIds } from "../../../../control-plane/server/random-ids.ts";
import { openSampleKey } from "../../../../control-plane/server/sample-key.ts";
import { secretHasher } from "../../../../control-plane/server/secret-hasher.ts";
import type { SqliteDatabase } from "../../../../control-plane/storage/database.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { decodeAssignment } from "../../../../proto/codec/assignment.ts";
import { parseSettingsName } from "../../../../proto/ids.ts";
import { limits } from "../../../../proto/limits.ts";
import type { ModelAssignment } from "../../../../proto/assignment-messages.ts";
import type { ControlMessage, ModelReport } from "../../../../proto/messages.ts";
import { seconds } from "../../../../proto/units.ts";
import { aDevice, aModel, anAssignment, digestOf } from "../../../support/messages.ts";
import { aRecordOf, aReport, newPackage, newVersion, oldPackage } from "../../../support/rollout-builders.ts";
import { aBirth, nothingReported } from "../../../support/scripted-device.ts";

const silent: Logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const wanted = anAssignment().models[0] as ModelAssignment;

let folder: string;
let database: SqliteDatabase;
let registry: DeviceRegistry;
let delivery: DesiredDelivery;
let now: number;
let connected: boolean;
/** Nothing is sent before it. */
let wire: Promise<void>;
let sent: ControlMessage[];
let changes: number;

const clock: Clock = { now: () => now, sleep: async () => {} };
const gateway = {
  async send(_device: unknown, message: ControlMessage) {
    await wire;
    if (connected) sent.push(message);
    return connected;
  },
  disconnect: () => {
    connected = false;
  },
};

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sedge-test-"));
  database = await openDatabase(":memory:");
  now = 1_000_000;
  connected = true;
  wire = Promise.resolve();
  sent = [];
  changes = 0;
  const signer = await openDirectorKey(join(folder, "key"), false);
  const telemetry = { windowMs: 2_000 };
  const sampleKey = (await openSampleKey(join(folder, "sample-key"))).publicKey;
  delivery = createDesiredDelivery({ database, gateway, signer, clock, log: silent, telemetry, sampleKey });
  registry = createDeviceRegistry(registryOptions());
  await database.devices.add({
    id: aDevice,
    labels: { site: "lyon", shelf: "3" },
    hardware: "cm4",
    secretHash: new Uint8Array(32),
    enrolledAtMs: 1,
  });
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function registryOptions(): DeviceRegistryOptions {
  const changed = () => {
    changes += 1;
  };
  return { database, gateway, delivery, hasher: secretHasher, clock, ids: randomIds, changed };
}

function assignments() {
  return sent.flatMap((message) => {
    const read = message.kind === "desired" ? decodeAssignment(message.statement.payload) : undefined;
    return read?.ok ? [read.value] : [];
  });
}

describe("the desired state", () => {
  test("is sent after a birth and after a change, whole, with the telemetry settings", async () => {
    await registry.onBirth(aDevice, aBirth());
    expect(sent).toEqual([]);
    await database.desired.set(aDevice, aModel, wanted);
    expect(await delivery.deliver(aDevice)).toBe(true);
    await registry.onBirth(aDevice, aBirth({ connection: 2 }));
    expect(assignments()).toHaveLength(2);
    expect(assignments()[1]).toEqual({
      device: aDevice,
      epoch: 1,
      generation: 1,
      issuedAtMs: now,
      models: [wanted],
      telemetry: { windowMs: 2_000 },
    });
  });

  test("asked for again before it is sent, it is sent once, and as it is wanted then", async () => {
    const others = Array.from({ length: 8 }, (_, i) => parseDeviceId(`cam-${i}`));
    for (const id of others)
      await database.devices.add({ id, labels: {}, hardware: "", secretHash: new Uint8Array(32), enrolledAtMs: 1 });
    for (const id of [...others, aDevice]) await database.desired.set(id, aModel, wanted);
    let connect: () => void = () => undefined;
    wire = new Promise((resolve) => (connect = resolve));
    const before = others.map((id) => delivery.deliver(id));
    const asked = [delivery.deliver(aDevice), delivery.deliver(aDevice)];
    await database.desired.set(aDevice, aModel, { ...wanted, variantOrder: ["int8"] });
    connect();
    expect(await Promise.all([...before, ...asked])).not.toContain(false);
    expect(assignments().filter(({ device }) => device === aDevice)).toMatchObject([{ generation: 2 }]);
  });

  test("waits for a device that is not connected", async () => {
    connected = false;
    await database.desired.set(aDevice, aModel, wanted);
    expect(await delivery.deliver(aDevice)).toBe(false);
    connected = true;
    await registry.onBirth(aDevice, aBirth());
    expect(assignments()).toHaveLength(1);
  });

  test("is sent again to a device that still reports an older one, though not in a circle", async () => {
    await database.desired.set(aDevice, aModel, wanted);
    await registry.onBirth(aDevice, aBirth());
    for (let i = 0; i < 5; i++) await registry.onReported(aDevice, { ...nothingReported, refusal: "no space" });
    expect(assignments()).toHaveLength(1);
    now += seconds(30);
    await registry.onReported(aDevice, nothingReported);
    expect(assignments()).toHaveLength(2);
    now += seconds(30);
    await registry.onReported(aDevice, { ...nothingReported, epoch: 1, generation: 1 });
    expect(assignments()).toHaveLength(2);
  });

  describe("for agents that know the shadow, and older ones", () => {
    const { profile } = aBirth();
    const able = aBirth({ profile: { ...profile, abilities: ["shadow"] } });
    const { abilities: _, ...before } = profile;
    const old = aBirth({ profile: before });

    test("asks only the former to run a version in shadow: the latter would let it answer", async () => {
      await database.desired.set(aDevice, aModel, { ...wanted, shadow: { share: 0.5 } });
      await registry.onBirth(aDevice, old);
      expect(sent).toEqual([]);
      await registry.onBirth(aDevice, { ...able, connection: 2 });
      expect(assignments()).toMatchObject([{ models: [{ shadow: { share: 0.5 } }] }]);
    });

    test("names disagreement as a reason for samples only to the former: the latter would refuse all of it", async () => {
      const settings = {
        model: aModel,
        samplesPerDay: 1,
        bytesPerDay: 1_000,
        salt: "s",
        changedAtMs: 0,
        changedBy: "x",
      };
      const rules = [{ tensor: "*", kind: "keep" as const }];
      await database.samples.setSettings(aModel, { ...settings, rules, reasons: ["uniform", "disagreement"] });
      await database.desired.set(aDevice, aModel, wanted);
      await registry.onBirth(aDevice, old);
      await registry.onBirth(aDevice, { ...able, connection: 2 });
      await database.samples.setSettings(aModel, { ...settings, rules, reasons: ["disagreement"] });
      await registry.onBirth(aDevice, { ...old, connection: 3 });
      expect(assignments().map(({ sampling }) => sampling?.models.map(({ reasons }) => reasons))).toEqual([
        [["uniform"]],
        [["uniform", "disagreement"]],
        undefined,
      ]);
    });
  });

  test("goes past a device that knows more than this database", async () => {
    await database.desired.set(aDevice, aModel, wanted);
    await registry.onBirth(aDevice, aBirth({ reported: { ...nothingReported, epoch: 1, generation: 9 } }));
    expect(assignments()).toMatchObject([{ epoch: 2, generation: 1 }]);
  });
});

describe("presence", () => {
  test("a device that falls silent is offline, one that only sends telemetry is not", async () => {
    await registry.onBirth(aDevice, aBirth());
    now += limits.offlineAfterMs - 1;
    registry.onSeen(aDevice);
    now += limits.offlineAfterMs - 1;
    await registry.judgeSilence();
    expect((await registry.get(aDevice))?.presence.kind).toBe("online");
    now += 1;
    await registry.judgeSilence();
    expect((await registry.get(aDevice))?.presence).toMatchObject({ kind: "offline", sinceMs: now });
    const kinds = (await database.events.lastOf(aDevice, 10)).map(({ kind }) => kind);
    expect(kinds).toEqual(["device.online", "device.offline"]);
  });

  test("whom the database calls online is judged too when it says nothing to this process", async () => {
    await registry.onBirth(aDevice, aBirth());
    now += limits.offlineAfterMs;
    const next = createDeviceRegistry(registryOptions());
    await next.judgeSilence();
    expect((await next.get(aDevice))?.presence).toMatchObject({ kind: "offline", sinceMs: now });
  });

  test("the devices of the fleet are counted by it, revoked ones apart", async () => {
    expect(await registry.count()).toEqual({ online: 0, offline: 0, unknown: 1, revoked: 0 });
    await registry.onBirth(aDevice, aBirth());
    expect(await registry.count()).toEqual({ online: 1, offline: 0, unknown: 0, revoked: 0 });
    await registry.revoke(aDevice, "somebody");
    expect(await registry.count()).toEqual({ online: 0, offline: 0, unknown: 0, revoked: 1 });
  });

  test("a connection that is lost for a moment is no news", async () => {
    await registry.onBirth(aDevice, aBirth());
    await registry.onDisconnected(aDevice);
    await registry.judgeSilence();
    await registry.onConnected(aDevice);
    await registry.onBirth(aDevice, aBirth({ connection: 2 }));
    expect((await database.events.lastOf(aDevice, 10)).map(({ kind }) => kind)).toEqual(["device.online"]);
    expect((await registry.get(aDevice))?.presence).toMatchObject({ kind: "online", connection: 2 });
  });
});

test("labels are set and taken away by name, and rollouts hear of it", async () => {
  const device = await registry.changeLabels(aDevice, { shelf: null, ring: "early" });
  expect(device.labels).toEqual({ site: "lyon", ring: "early" });
  expect(changes).toBe(1);
  const tooMany = Object.fromEntries(Array.from({ length: limits.labels + 1 }, (_, i) => [`k${i}`, "v"]));
  await expect(registry.changeLabels(aDevice, tooMany)).rejects.toMatchObject({ name: "InvalidDataError" });
});

test("a device that is revoked while it connects does not stay connected", async () => {
  await registry.revoke(aDevice, "operator");
  // Its secret was looked up before it was revoked, and it arrives after that: nobody was there to be disconnected.
  connected = true;
  await registry.onConnected(aDevice);
  expect(connected).toBe(false);
});

test("what a revoked device still says changes nothing", async () => {
  await registry.revoke(aDevice, "operator");
  await registry.revoke(aDevice, "operator");
  expect(connected).toBe(false);
  await registry.onBirth(aDevice, aBirth());
  expect(await registry.get(aDevice)).toMatchObject({ reported: undefined, presence: { kind: "unknown" } });
  expect((await database.events.lastOf(aDevice, 10)).map(({ kind }) => kind)).toEqual(["device.revoked"]);
});

test("what a device runs is kept as history, from when to when, and never twice", async () => {
  const running = (model: ModelReport | undefined) => ({
    ...nothingReported,
    models: model === undefined ? [] : [model],
  });
  const [first, second] = [aReport(oldPackage), aReport(newPackage)];
  await registry.onReported(aDevice, running(first));
  await registry.onReported(aDevice, running(first));
  now += 5_000;
  await registry.onReported(aDevice, running(second));
  expect(await database.production.of(first.model)).toMatchObject([
    { device: aDevice, version: first.active?.version, startedAtMs: 1_000_000, endedAtMs: 1_005_000 },
    { device: aDevice, version: second.active?.version, startedAtMs: 1_005_000, endedAtMs: undefined },
  ]);
});

test("a variant that a device found bad stays known with the class of the device, until the device runs it after all", async () => {
  const bad = {
    package: newPackage,
    variant: "fp32",
    cause: "not-loadable" as const,
    reason: "opset 99",
    runtime: "onnxruntime-node 1.30.0",
  };
  const reportOf = (overrides: Partial<ModelReport>) => ({
    ...nothingReported,
    models: [aReport(oldPackage, overrides)],
  });
  await database.models.add(aRecordOf(newVersion));
  await registry.onBirth(aDevice, aBirth({ reported: reportOf({ quarantined: [bad] }) }));
  const noted = { ...bad, device: aDevice, deviceClass: "x64 vnni", sinceMs: now };
  expect(await database.quarantines.of(newPackage)).toEqual([noted]);
  now += 5_000;
  await registry.onReported(aDevice, reportOf({ quarantined: [{ ...bad, reason: "opset 100" }] }));
  await registry.onReported(aDevice, reportOf({}));
  expect(await database.quarantines.of(newPackage)).toEqual([{ ...noted, reason: "opset 100" }]);
  const active = { version: wanted.version, package: newPackage, variant: "fp32" };
  await registry.onReported(aDevice, reportOf({ active }));
  expect(await database.quarantines.of(newPackage)).toEqual([]);
});

test("a device that makes up what it found bad fills no table", async () => {
  await database.models.add(aRecordOf(newVersion));
  const bad = { package: newPackage, variant: "fp32", cause: "not-loadable" as const, reason: "", runtime: "r 0" };
  const quarantined = [{ ...bad, variant: "made-up" }, { ...bad, package: digestOf(0x77) }, bad];
  for (let n = 0; n < 20; n++) {
    now += 1;
    const named = quarantined.map((one) => ({ ...one, runtime: `r ${n}` }));
    await registry.onBirth(
      aDevice,
      aBirth({ reported: { ...nothingReported, models: [aReport(oldPackage, { quarantined: named })] } }),
    );
  }
  expect(
    (await database.quarantines.of(newPackage)).map(({ variant, runtime }) => `${variant} ${runtime}`).sort(),
  ).toEqual(["r 16", "r 17", "r 18", "r 19"].map((runtime) => `fp32 ${runtime}`));
  expect(await database.quarantines.of(digestOf(0x77))).toEqual([]);
});

test("a revoked device runs nothing of this fleet any more", async () => {
  const report = aReport(oldPackage);
  await registry.onReported(aDevice, { ...nothingReported, models: [report] });
  now += 5_000;
  await registry.revoke(aDevice, "operator");
  expect(await database.production.of(report.model)).toMatchObject([{ startedAtMs: 1_000_000, endedAtMs: 1_005_000 }]);
});

test("what runs is held against the history and not against the last report: a database that never noted it has it right", async () => {
  const report = aReport(oldPackage);
  const reported = { ...nothingReported, models: [report] };
  // As an older control plane left it: it kept the report, and no history.
  await database.devices.recordReported(aDevice, reported);
  await registry.onReported(aDevice, reported);
  expect(await database.production.of(report.model)).toMatchObject([{ device: aDevice, endedAtMs: undefined }]);
  expect(await database.production.running(aDevice)).toMatchObject([{ version: report.active?.version }]);
});

/** Settings of one priority that say something else of one key; who they are for, in the order of base and night. */
async function addUndecided(...selectors: readonly [string, string]): Promise<void> {
  const settings = { version: 1, priority: 0, comment: "", createdAtMs: 1, createdBy: "anna" };
  for (const [i, name] of ["base", "night"].entries())
    await database.settings.add({
      ...settings,
      name: parseSettingsName(name),
      selector: selectors[i] ?? "all",
      values: [{ key: "log.level", value: name === "base" ? "warn" : "debug" }],
    });
}

async function toldUndecided(): Promise<readonly string[]> {
  const events = await database.events.lastOf(aDevice, 10);
  return events.filter(({ kind }) => kind === "settings.undecided").map(({ text }) => text);
}

const undecided = `${aDevice}: log.level is said differently by base and night, all of priority 0: night counts, only because its name comes last`;

test("labels that bring two undecided settings together are taken, and told of once", async () => {
  await addUndecided("site=lyon", "line=4");
  await registry.changeLabels(aDevice, { line: "4" });
  await registry.changeLabels(aDevice, { shelf: "4" });
  expect(await toldUndecided()).toEqual([undecided]);
});

test("a birth that says of what the device is made brings them together too, and is told of once", async () => {
  await addUndecided("site=lyon", "architecture=x64");
  await registry.onBirth(aDevice, aBirth());
  await registry.onBirth(aDevice, aBirth({ connection: 2 }));
  expect(await toldUndecided()).toEqual([undecided]);
});
