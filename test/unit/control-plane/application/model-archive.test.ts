import { afterEach, beforeEach, expect, test } from "vitest";
import { createModelAliases } from "../../../../control-plane/application/model-aliases.ts";
import { createModelArchive } from "../../../../control-plane/application/model-archive.ts";
import { createRolloutCommands } from "../../../../control-plane/application/rollout-commands.ts";
import { createRolloutController } from "../../../../control-plane/application/rollout-controller.ts";
import type { SqliteDatabase } from "../../../../control-plane/storage/database.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";
import { parseModelVersion } from "../../../../proto/ids.ts";
import { silentLog } from "../../../support/agent-world.ts";
import { aDevice, anAssignment } from "../../../support/messages.ts";
import { aRecordOf, aRollout, anUpdate, newVersion, oldVersion } from "../../../support/rollout-builders.ts";

const { model } = aRecordOf(newVersion);
const { version } = oldVersion;
let database: SqliteDatabase;
let now = 1_000;
const clock = { now: () => now, sleep: async () => undefined };
const archiveOf = () => createModelArchive(database, clock);
const rolloutsOf = () => createRolloutCommands({ database, clock, ids: { next: () => "r-1" }, wake: () => undefined });
const asked = { model, version, by: "operator", comment: undefined };

beforeEach(async () => {
  now = 1_000;
  database = await openDatabase(":memory:");
  for (const one of [oldVersion, newVersion]) await database.models.add(aRecordOf(one));
});
afterEach(() => database[Symbol.asyncDispose]());

test("what goes into the archive and comes out of it is kept: who, when and why", async () => {
  const archive = archiveOf();
  await archive.archive({ ...asked, comment: "replaced by 2" });
  now = 2_000;
  await archive.restore({ ...asked, by: "ada" });
  expect(await archive.history(model)).toMatchObject([
    { version, kind: "archived", atMs: 1_000, by: "operator", comment: "replaced by 2" },
    { version, kind: "restored", atMs: 2_000, by: "ada", comment: undefined },
  ]);
  expect((await database.events.last(2)).map(({ kind, text }) => [kind, text])).toEqual([
    ["model.archived", "digits@1.0.0 was archived: replaced by 2"],
    ["model.restored", "digits@1.0.0 was taken out of the archive"],
  ]);
});

test("asking twice is asking once", async () => {
  const archive = archiveOf();
  await archive.restore(asked);
  await archive.archive(asked);
  await archive.archive(asked);
  expect(await archive.history()).toHaveLength(1);
  expect(await database.events.last(10)).toHaveLength(1);
});

test("a version that is not there cannot be archived", async () => {
  const unknown = archiveOf().archive({ ...asked, version: parseModelVersion("99") });
  await expect(unknown).rejects.toMatchObject({
    name: "NotFoundError",
    message: expect.stringContaining("there is no digits@99"),
  });
});

test("a version in use stays out, and nothing is written down", async () => {
  const device = { id: aDevice, labels: {}, hardware: "", secretHash: new Uint8Array(32), enrolledAtMs: 0 };
  await database.devices.add(device);
  const [assignment] = anAssignment().models;
  if (assignment === undefined) throw new Error("no assignment");
  await database.desired.set(aDevice, model, { ...assignment, version });
  await createModelAliases(database, clock).move({ ...asked, alias: "champion" });
  await expect(archiveOf().archive(asked)).rejects.toMatchObject({
    name: "ConflictError",
    message: expect.stringMatching(
      /^digits@1\.0\.0 cannot be archived: lyon-cam-1 is to get it .+; the alias digits@champion points at it: move it/,
    ),
  });
  expect(await archiveOf().history()).toEqual([]);
});

test("an archived version is not rolled out, and no alias is pointed at it, until it is taken back", async () => {
  await archiveOf().archive(asked);
  const refusal = {
    name: "ConflictError",
    message: 'digits@1.0.0 is archived: take it back first with "sedge model archive digits@1.0.0 --undo"',
  };
  await expect(rolloutsOf().start({ model, version }, "operator")).rejects.toMatchObject(refusal);
  const move = { ...asked, alias: "champion" };
  await expect(createModelAliases(database, clock).move(move)).rejects.toMatchObject(refusal);
  await archiveOf().restore(asked);
  await createModelAliases(database, clock).move(move);
  expect((await rolloutsOf().start({ model, version: "champion" }, "operator")).spec.version).toBe(version);
});

test("a rollout that would give an archived version back is not rolled back", async () => {
  await database.rollouts.add(aRollout(newVersion, { phase: { kind: "complete", atMs: 5 } }));
  const { id } = aRollout();
  await database.rollouts.saveUpdates(id, [anUpdate("cam-1", { state: "confirmed" })]);
  await archiveOf().archive(asked);
  const rollBack = { kind: "roll-back", reason: "" } as const;
  await expect(rolloutsOf().command(id, rollBack, "operator")).rejects.toMatchObject({
    message: expect.stringContaining("is archived"),
  });
  await archiveOf().restore(asked);
  expect((await rolloutsOf().command(id, rollBack, "operator")).phase.kind).toBe("rolling-back");
});

test("an old complete rollout that is the newest again gives no archived version to devices that join", async () => {
  await database.rollouts.add(aRollout(oldVersion, { phase: { kind: "complete", atMs: 5 } }));
  const { id } = aRollout();
  const controller = createRolloutController({ database, deliver: () => undefined, clock, log: silentLog });
  const { signal } = new AbortController();
  expect(await controller.tick(id, signal)).toBeDefined();
  await database.archive.add({ ...asked, kind: "archived", atMs: 10 });
  expect(await controller.tick(id, signal)).toBeUndefined();
});
