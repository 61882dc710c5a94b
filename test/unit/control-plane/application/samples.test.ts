import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { InvalidDataError, NotFoundError } from "../../../../control-plane/application/refusals.ts";
import type { Samples } from "../../../../control-plane/application/samples.ts";
import { createSamples } from "../../../../control-plane/application/samples.ts";
import type { SamplingSettings } from "../../../../control-plane/domain/sampling-settings.ts";
import { openSampleKey } from "../../../../control-plane/server/sample-key.ts";
import { secretHasher } from "../../../../control-plane/server/secret-hasher.ts";
import type { SqliteDatabase } from "../../../../control-plane/storage/database.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";
import type { DeviceId } from "../../../../proto/ids.ts";
import { parseModelName } from "../../../../proto/ids.ts";
import { aDevice, anAssignment, aModel, aSample } from "../../../support/messages.ts";
import { aRecordOf, newVersion } from "../../../support/rollout-builders.ts";

const settings: SamplingSettings = {
  samplesPerDay: 100,
  bytesPerDay: 1e6,
  reasons: ["uniform"],
  rules: [{ tensor: "image", kind: "keep" }],
};

let folder: string;
let database: SqliteDatabase;
let samples: Samples;
let delivered: DeviceId[];
let now: number;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "sedge-samples-"));
  database = await openDatabase(":memory:");
  await database.models.add(aRecordOf(newVersion));
  await database.devices.add({
    id: aDevice,
    labels: {},
    hardware: "cm4",
    secretHash: new Uint8Array(32),
    enrolledAtMs: 1,
  });
  await database.desired.set(aDevice, aModel, anAssignment().models[0]);
  delivered = [];
  now = 5_000;
  samples = createSamples({
    database,
    opener: await openSampleKey(join(folder, "key.pem")),
    hasher: secretHasher,
    clock: { now: () => now },
    deliver: (device) => delivered.push(device),
  });
});
afterEach(async () => {
  await database[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

test("settings go to every device that has the model, and an event names who changed them", async () => {
  await samples.change(aModel, settings, "anna");
  expect(delivered).toEqual([aDevice]);
  expect(await samples.settings(aModel)).toMatchObject({ ...settings, changedAtMs: 5_000, changedBy: "anna" });
  expect(await database.events.last(1)).toMatchObject([
    {
      kind: "sample.settings",
      by: "anna",
      text: "digits: 100 samples and 1000000 bytes a day of each device for uniform; image keep",
    },
  ]);
});

test("the salt stays while sampling is on, and a new one is made when it is switched on again", async () => {
  await samples.change(aModel, settings, "anna");
  const salt = (await samples.settings(aModel))?.salt;
  await samples.change(aModel, { ...settings, samplesPerDay: 5 }, "anna");
  expect((await samples.settings(aModel))?.salt).toBe(salt);
  await samples.change(aModel, undefined, "anna");
  expect(await samples.settings(aModel)).toBeUndefined();
  await samples.change(aModel, settings, "anna");
  expect((await samples.settings(aModel))?.salt).not.toBe(salt);
});

test("every mistake in settings is told", async () => {
  const change = samples.change(
    aModel,
    {
      samplesPerDay: 0,
      bytesPerDay: -1,
      reasons: [],
      rules: [
        { tensor: "image", kind: "keep" },
        { tensor: "image", kind: "drop" },
        { tensor: "picture", kind: "round", step: 0 },
        { tensor: "image", column: 2, kind: "blur", radius: 1 },
        { tensor: "logits", kind: "bin", edges: [2, 1] },
      ],
    },
    "anna",
  );
  await expect(change).rejects.toThrow(InvalidDataError);
  expect(((await change.catch((error: unknown) => error)) as InvalidDataError).problems).toEqual([
    "samplesPerDay: 0 is not above 0 and at most 100000",
    "bytesPerDay: -1 is not above 0 and at most 1073741824",
    "reasons: name at least one",
    "rules[1]: there is another rule for image",
    'rules[2]: no version has an input or output "picture"; there are image, logits',
    "rules[2]: the step 0 is not a number above 0",
    'rules[3]: "image" has 2 columns, counted from 0',
    "rules[3]: blur is for whole images, not for a column",
    "rules[4]: the edges must ascend",
  ]);
  expect(delivered).toEqual([]);
});

test("a model that nobody pushed has no settings to change", async () => {
  await expect(samples.change(parseModelName("nothing"), settings, "anna")).rejects.toThrow(NotFoundError);
  await expect(samples.settings(parseModelName("nothing"))).rejects.toThrow(NotFoundError);
});

test("opening samples is an event; what cannot be opened says so", async () => {
  await database.samples.add(aDevice, aSample(), 4_000);
  const [opened] = await samples.open({ model: aModel, limit: 10 }, "bert");
  expect(opened).toMatchObject({ device: aDevice, content: undefined });
  expect(await database.events.last(1)).toMatchObject([
    { kind: "sample.opened", by: "bert", text: "1 samples of digits were opened" },
  ]);
});

test("the list is filtered, the newest first, page by page", async () => {
  for (let n = 0; n < 4; n++)
    await database.samples.add(aDevice, aSample({ reason: n % 2 === 0 ? "uniform" : "novelty" }), n * 1_000);
  const ids = async (query: Partial<Parameters<Samples["list"]>[0]>) =>
    (await samples.list({ limit: 10, ...query })).map(({ id }) => id);
  expect(await ids({})).toEqual([4, 3, 2, 1]);
  expect(await ids({ reason: "novelty" })).toEqual([4, 2]);
  expect(await ids({ sinceMs: 2_000 })).toEqual([4, 3]);
  expect(await ids({ limit: 2 })).toEqual([4, 3]);
  expect(await ids({ limit: 2, beforeId: 3 })).toEqual([2, 1]);
  expect(await ids({ model: parseModelName("nothing") })).toEqual([]);
});

test("the oldest samples go when they are too old or too many", async () => {
  for (let n = 0; n < 6; n++) await database.samples.add(aDevice, aSample(), n * 1_000);
  expect(await database.samples.deleteBefore(2_000)).toBe(2);
  expect(await database.samples.deleteBefore(2_000)).toBe(0);
  // 20 bytes each, and 256 of the row.
  expect(await database.samples.deleteBeyond(600)).toBe(2);
  expect(await database.samples.deleteBeyond(600)).toBe(0);
  expect((await samples.list({ limit: 10 })).map(({ id }) => id)).toEqual([6, 5]);
});
