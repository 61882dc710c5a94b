import { afterEach, beforeEach, expect, test } from "vitest";
import { createDesiredDelivery } from "../../../../control-plane/application/desired-delivery.ts";
import { ConflictError, InvalidDataError, NotFoundError } from "../../../../control-plane/application/refusals.ts";
import type { SampleRequests } from "../../../../control-plane/application/sample-requests.ts";
import { createSampleRequests } from "../../../../control-plane/application/sample-requests.ts";
import { createTelemetryIngest } from "../../../../control-plane/application/telemetry-ingest.ts";
import type { StoredSampleRequest } from "../../../../control-plane/domain/sample-request.ts";
import { systemClock } from "../../../../control-plane/server/system-clock.ts";
import type { SqliteDatabase } from "../../../../control-plane/storage/database.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";
import type { Assignment } from "../../../../proto/assignment-messages.ts";
import type { DeviceId, ModelName, SampleRequestId } from "../../../../proto/ids.ts";
import { parseDeviceId } from "../../../../proto/ids.ts";
import type { Sample } from "../../../../proto/telemetry-messages.ts";
import { logLines } from "../../../support/log-lines.ts";
import { aDevice, anAssignment, aModel, aRecord, aSample } from "../../../support/messages.ts";
import { aRecordOf, newVersion } from "../../../support/rollout-builders.ts";
import { until } from "../../../support/end-to-end-waiting.ts";

const other = parseDeviceId("nice-cam-1");

let database: SqliteDatabase;
let requests: SampleRequests;
let delivered: DeviceId[];
let now: number;

beforeEach(async () => {
  database = await openDatabase(":memory:");
  await database.models.add(aRecordOf(newVersion));
  for (const id of [aDevice, other]) {
    await database.devices.add({ id, labels: {}, hardware: "cm4", secretHash: new Uint8Array(32), enrolledAtMs: 1 });
    await database.desired.set(id, aModel, anAssignment().models[0]);
  }
  await switchOn();
  delivered = [];
  now = 5_000;
  let made = 0;
  requests = createSampleRequests({
    database,
    clock: { now: () => now },
    ids: { next: (prefix) => `${prefix}-${++made}` },
    deliver: (device) => delivered.push(device),
  });
});
afterEach(() => database[Symbol.asyncDispose]());

function switchOn(): Promise<void> {
  return database.samples.setSettings(aModel, {
    model: aModel,
    samplesPerDay: 100,
    bytesPerDay: 1e6,
    reasons: ["uniform"],
    rules: [{ tensor: "image", kind: "keep" }],
    salt: "salt",
    changedAtMs: 1,
    changedBy: "anna",
  });
}

const asked = { selector: `device=${aDevice}`, count: 20, forMs: 3_600_000 };
const ofAll = { selector: "all", count: 2, total: 3, forMs: 3_600_000 };
const open = async () => requests.list({ model: aModel, all: false, limit: 10 });

/** Samples as they come from a device, through the real ingest; answers the requests that ended with them. */
async function comes(
  device: DeviceId,
  ...samples: readonly Partial<Sample>[]
): Promise<readonly StoredSampleRequest[]> {
  const ended: StoredSampleRequest[] = [];
  let acknowledged = false;
  const ingest = createTelemetryIngest({
    database,
    gateway: { send: async () => (acknowledged = true) },
    clock: systemClock,
    log: logLines(),
  });
  ingest.onCommitted(({ endedRequests }) => ended.push(...endedRequests));
  const first = 1 + (await database.telemetry.cursor(device, "samples", "e1"));
  const records = samples.map((sample, i) => aRecord(first + i, aSample({ reason: "requested", ...sample })));
  ingest.accept(device, { kind: "telemetry", lane: "samples", epoch: "e1", records });
  await until("it is acknowledged", () => acknowledged);
  await ingest[Symbol.asyncDispose]();
  return ended;
}

async function assignedTo(device: DeviceId) {
  const signed: Assignment[] = [];
  const delivery = createDesiredDelivery({
    database,
    gateway: { send: async () => true },
    signer: {
      keyId: "",
      publicKey: "",
      sign: (assignment) => {
        signed.push(assignment);
        return { payloadType: "", payload: new Uint8Array(), signatures: [] };
      },
    },
    clock: { now: () => now },
    log: logLines(),
    telemetry: { windowMs: 60_000 },
    sampleKey: "key",
  });
  await delivery.deliver(device);
  return signed.at(-1)?.sampling?.requests;
}

test("a request goes at once to the devices that have the model and match, with an event that names who asked", async () => {
  const { request, devices } = await requests.ask(aModel, asked, "ben");
  expect(devices).toBe(1);
  expect(delivered).toEqual([aDevice]);
  expect(request).toEqual({
    id: "q-1",
    model: aModel,
    selector: asked.selector,
    count: 20,
    total: undefined,
    where: undefined,
    untilMs: 3_605_000,
    askedAtMs: 5_000,
    askedBy: "ben",
    ended: undefined,
  });
  expect(await open()).toEqual([{ ...request, came: 0, devices: 0 }]);
  expect(await database.events.last(1)).toMatchObject([
    {
      kind: "sample.requested",
      by: "ben",
      text: `the next 20 of digits of each device that is device=${aDevice} (q-1)`,
    },
  ]);
  expect(await requests.ask(aModel, { ...asked, selector: "site=nowhere" }, "ben")).toMatchObject({ devices: 0 });
});

test("a device is assigned what is asked of it, with its condition, until the time is over or nothing is sampled", async () => {
  const where = "class = one and confidence < 0.6";
  const { request } = await requests.ask(aModel, { ...asked, where }, "ben");
  await requests.ask(aModel, { ...asked, selector: "site=nowhere" }, "ben");
  const { id, untilMs } = request;
  expect(await assignedTo(aDevice)).toEqual([{ id, model: aModel, count: 20, untilMs, where }]);
  expect(await assignedTo(other)).toBeUndefined();
  now = untilMs;
  expect(await assignedTo(aDevice)).toBeUndefined();
  now = 5_000;
  await database.samples.setSettings(aModel, undefined);
  expect(await assignedTo(aDevice)).toBeUndefined();
});

test("a request is refused where nobody said what may leave a device, and with every mistake in it", async () => {
  await database.samples.setSettings(aModel, undefined);
  await expect(requests.ask(aModel, asked, "ben")).rejects.toThrow(ConflictError);
  await switchOn();
  const wrong = { selector: "site=", count: 0, total: 1.5, where: "class = seven and dark is stuck", forMs: 1 };
  const refused = await requests.ask(aModel, wrong, "ben").catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(InvalidDataError);
  expect((refused as InvalidDataError).problems).toEqual([
    expect.stringMatching(/^selector: /),
    "count: 0 is not a whole number from 1 to 10000",
    "total: 1.5 is not a whole number from 1 to 1000000",
    'where: no version has a class "seven"; there are zero, one',
    "where: no version has a stream input.dark; there are input.brightness, output.confidence",
    "for: is not a time from a minute to seven days",
  ]);
  for (let i = 0; i < 16; i++) await requests.ask(aModel, asked, "ben");
  await expect(requests.ask(aModel, asked, "ben")).rejects.toThrow(InvalidDataError);
});

test("of a total, each device gives at most its part, whoever comes first; with the last one the devices are told", async () => {
  const { request } = await requests.ask(aModel, ofAll, "ben");
  const { id } = request;
  expect(await comes(aDevice, { request: id }, { request: id }, { request: id })).toEqual([]);
  expect(await open()).toMatchObject([{ came: 2, devices: 1 }]);
  delivered = [];
  const ended = await comes(other, { request: id }, { request: id });
  expect(ended).toMatchObject([{ id }]);
  await requests.tellEnded(ended);
  expect(delivered.toSorted()).toEqual([aDevice, other].toSorted());
  expect(await open()).toEqual([]);
  expect(await requests.list({ all: true, limit: 10 })).toMatchObject([
    { id, came: 3, devices: 2, ended: { by: undefined } },
  ]);
  expect((await database.samples.list({ request: id, limit: 10 })).map(({ device }) => device)).toEqual([
    other,
    aDevice,
    aDevice,
  ]);
  expect(await database.events.last(1)).toMatchObject([{ kind: "sample.request-complete" }]);
  expect(await assignedTo(aDevice)).toBeUndefined();
});

test("samples that were taken in time are kept when they come later, and those of no known request like any other", async () => {
  const { request } = await requests.ask(aModel, asked, "ben");
  now = request.untilMs + 1;
  await comes(aDevice, { request: request.id }, { request: "q-lost" as SampleRequestId }, {});
  const kept = await database.samples.list({ limit: 10 });
  expect(kept.map((line) => line.request)).toEqual([undefined, undefined, request.id]);
});

test("a device uses up no request that it was not asked, or that is of another model", async () => {
  const { request } = await requests.ask(aModel, { ...ofAll, selector: `device=${aDevice}`, total: 1 }, "ben");
  expect(await comes(other, { request: request.id })).toEqual([]);
  await database.samples.setSettings("faces" as ModelName, await database.samples.settings(aModel));
  await comes(aDevice, { request: request.id, model: "faces" as ModelName });
  expect(await open()).toMatchObject([{ came: 0, devices: 0 }]);
  const kept = await database.samples.list({ limit: 10 });
  expect(kept.map((line) => [line.device, line.request])).toEqual([
    [aDevice, undefined],
    [other, undefined],
  ]);
  expect(await comes(aDevice, { request: request.id })).toMatchObject([{ id: request.id }]);
});

test("after it is cancelled devices hear of it, what still comes is not kept, and there is room for another", async () => {
  const { request } = await requests.ask(aModel, asked, "ben");
  await comes(aDevice, { request: request.id });
  delivered = [];
  expect(await requests.cancel(request.id, "carl")).toMatchObject({ came: 1, ended: { atMs: 5_000, by: "carl" } });
  expect(delivered).toEqual([aDevice]);
  expect(await assignedTo(aDevice)).toBeUndefined();
  await comes(aDevice, { request: request.id });
  expect(await database.samples.list({ limit: 10 })).toHaveLength(1);
  expect(await open()).toEqual([]);
  expect(await database.events.last(1)).toMatchObject([{ kind: "sample.request-cancelled", by: "carl" }]);
  await expect(requests.cancel(request.id, "carl")).rejects.toThrow(ConflictError);
  await expect(requests.cancel("q-none" as SampleRequestId, "carl")).rejects.toThrow(NotFoundError);
});
