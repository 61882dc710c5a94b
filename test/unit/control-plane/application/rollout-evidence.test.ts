import { afterEach, beforeEach, expect, it } from "vitest";

import { createFactReader } from "../../../../control-plane/application/rollout-evidence.ts";
import type { DeviceUpdate, Rollout } from "../../../../control-plane/domain/rollout/rollout.ts";
import type { SqliteDatabase } from "../../../../control-plane/storage/database.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";
import type { Digest } from "../../../../proto/ids.ts";
import { parseDeviceId } from "../../../../proto/ids.ts";
import { minutes, seconds } from "../../../../proto/units.ts";
import type { Window } from "../../../../proto/telemetry-messages.ts";
import { anAgreement, aWindow } from "../../../support/messages.ts";
import {
  aRecordOf,
  aRollout,
  anUpdate,
  newPackage,
  newVersion,
  oldPackage,
  oldVersion,
  stagesWithShadow,
  startMs,
} from "../../../support/rollout-builders.ts";

let database: SqliteDatabase;
let now = startMs;
const seqs = new Map<string, number>();
const clock = { now: () => now };
const updates = [anUpdate("device-1"), anUpdate("device-2", { stage: 1, state: "waiting", assignedAtMs: undefined })];

beforeEach(async () => {
  now = startMs;
  seqs.clear();
  database = await openDatabase(":memory:");
  for (const version of [oldVersion, newVersion]) await database.models.add(aRecordOf(version));
  for (const id of ["device-1", "device-2"].map(parseDeviceId))
    await database.devices.add({ id, labels: {}, hardware: "cm4", secretHash: new Uint8Array(32), enrolledAtMs: 0 });
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
});

async function receive(
  device: string,
  digest: Digest,
  inferences: number,
  receivedAtMs = now,
  more: Partial<Window> = {},
): Promise<void> {
  const body = aWindow({ package: digest, inferences, streams: [], ...more });
  const seq = 1 + (seqs.get(device) ?? 0);
  seqs.set(device, seq);
  const entry = { device: parseDeviceId(device), lane: "windows" as const, epoch: "e", receivedAtMs };
  await database.telemetry.append([{ ...entry, record: { seq, timeMs: 0, body } }]);
}

it("adds up old windows once, and always answers what a new reader would", async () => {
  const readFacts = createFactReader({ database, clock });
  const rollout = aRollout();
  await receive("device-2", oldPackage, 7, startMs - minutes(14));
  await receive("device-2", oldPackage, 1_000, startMs - minutes(16));
  for (let i = 0; i < 12; i++) {
    await receive("device-1", newPackage, 10 + i);
    await receive("device-2", oldPackage, 1);
    // One that was received a while ago and is committed only now.
    await receive("device-1", newPackage, 100, now - seconds(50));
    const { evidence } = await readFacts(rollout, updates);
    expect(evidence).toEqual((await createFactReader({ database, clock })(rollout, updates)).evidence);
    now += seconds(20);
  }
  const { evidence } = await readFacts(rollout, updates);
  expect(evidence.incumbent.inferences).toBe(19);
  // The first three that came late were received before the rollout began.
  expect(evidence.candidate[0]?.inferences).toBe(186 + 9 * 100);
});

it("counts again when devices join", async () => {
  const readFacts = createFactReader({ database, clock });
  await receive("device-2", oldPackage, 5);
  now += minutes(5);
  expect((await readFacts(aRollout(), updates.slice(0, 1))).evidence.incumbent.inferences).toBe(0);
  expect((await readFacts(aRollout(), updates)).evidence.incumbent.inferences).toBe(5);
});

it("answers what a new reader would at every step of a rollout, and reads all windows again only when a device counts elsewhere", async () => {
  const asked: number[] = [];
  const telemetry = {
    ...database.telemetry,
    windows: (query: Parameters<typeof database.telemetry.windows>[0]) => {
      if (query.devices === undefined) asked.push(query.sinceMs);
      return database.telemetry.windows(query);
    },
  };
  const kept = createFactReader({ database: { ...database, telemetry }, clock });
  const begin = startMs - minutes(15);
  const step = async (rollout: Rollout, of: readonly DeviceUpdate[]) => {
    for (let i = 0; i < 3; i++) {
      now += minutes(1);
      await receive("device-1", newPackage, 3);
      await receive("device-1", oldPackage, 5);
      await receive("device-2", oldPackage, 7, now - seconds(50));
    }
    asked.length = 0;
    const { evidence } = await kept(rollout, of);
    const readAll = asked.includes(begin);
    expect(evidence).toEqual((await createFactReader({ database, clock })(rollout, of)).evidence);
    return readAll;
  };
  const [one, two] = [
    anUpdate("device-1", { state: "waiting", assignedAtMs: undefined }),
    anUpdate("device-2", { stage: 1, state: "waiting", assignedAtMs: undefined }),
  ];
  const rollout = aRollout();
  expect(await step(rollout, [one])).toBe(true);
  expect(await step(rollout, [one, two])).toBe(false);
  const assigned = { ...one, state: "assigned" as const, assignedAtMs: now };
  expect(await step(rollout, [assigned, two])).toBe(false);
  const confirmed = { ...assigned, state: "confirmed" as const, settledAtMs: now };
  expect(await step(rollout, [confirmed, two])).toBe(false);
  const next: Rollout = { ...rollout, phase: { kind: "running", stage: 1, enteredAtMs: now } };
  const later = { ...two, state: "assigned" as const, assignedAtMs: now };
  expect(await step(next, [confirmed, later])).toBe(false);
  expect(await step(next, [confirmed, { ...later, incumbent: undefined }])).toBe(true);
  const back: Rollout = { ...rollout, phase: { kind: "rolling-back", stage: 1, enteredAtMs: now, reason: "" } };
  const reverting = { ...later, state: "reverting" as const };
  expect(await step(back, [confirmed, reverting])).toBe(false);
  expect(await step(back, [confirmed, { ...reverting, state: "reverted" }])).toBe(false);
  const older: Rollout = { ...rollout, phase: { kind: "rolling-back", stage: 0, enteredAtMs: now, reason: "" } };
  await step(older, [
    { ...confirmed, state: "reverting" },
    { ...reverting, state: "reverted" },
  ]);
});

it("counts again when devices leave the shadow or are revoked in it, and nothing that they said to nobody", async () => {
  const readFacts = createFactReader({ database, clock });
  const rollout = aRollout({ stages: stagesWithShadow });
  const inShadow = [anUpdate("device-1", { state: "shadowing" })];
  await receive("device-1", newPackage, 11, now, { trial: false, shadow: anAgreement() });
  now += minutes(5);
  await receive("device-1", newPackage, 11, now, { trial: false, shadow: anAgreement() });
  const { evidence, variants } = await readFacts(rollout, inShadow);
  expect([...evidence.shadow.devices.values()]).toMatchObject([{ compared: 20, disagreed: 4 }]);
  expect(evidence.candidate.map(({ inferences }) => inferences)).toEqual([0, 0, 0]);
  expect(variants.size).toBe(0);
  const revoked = [anUpdate("device-1", { state: "rejected", assignedAtMs: undefined })];
  expect((await readFacts(rollout, revoked)).evidence.shadow.devices.size).toBe(0);
  const after = await readFacts({ ...rollout, phase: { kind: "running", stage: 1, enteredAtMs: now } }, [
    anUpdate("device-1", { stage: 1 }),
  ]);
  expect(after.evidence.shadow.devices.size).toBe(0);
});

it("forgets what a device said that is revoked", async () => {
  const readFacts = createFactReader({ database, clock });
  const both = [anUpdate("device-1", { state: "confirmed" }), anUpdate("device-2", { state: "confirmed" })];
  await receive("device-1", newPackage, 10);
  await receive("device-2", newPackage, 1_000);
  now += minutes(5);
  expect((await readFacts(aRollout(), both)).evidence.candidate[0]?.inferences).toBe(1_010);
  await database.devices.revoke(parseDeviceId("device-2"), now);
  const { evidence } = await readFacts(aRollout(), both);
  expect([...(evidence.candidate[0]?.devices.keys() ?? [])]).toEqual(["device-1"]);
  expect(evidence.candidate[0]?.inferences).toBe(10);
});

it("looks at the restored versions only while the rollout goes back", async () => {
  const phase = { kind: "rolling-back", stage: 0, enteredAtMs: startMs + 100, reason: "" } as const;
  const back = [anUpdate("device-1", { state: "reverted" })];
  await receive("device-1", oldPackage, 3, startMs + 99);
  await receive("device-1", oldPackage, 4, startMs + 100);
  const { evidence } = await createFactReader({ database, clock })(aRollout({}, { phase }), back);
  expect(evidence.restored[0]?.inferences).toBe(4);
});
