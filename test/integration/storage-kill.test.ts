import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openDatabase } from "../../control-plane/storage/database.ts";
import { aDevice } from "../support/messages.ts";
import { aRecordOf, newVersion } from "../support/rollout-builders.ts";
import { runChild } from "../support/run-child.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sedge-test-"));
  file = join(folder, "sedge.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const children = new URL("../support/children/", import.meta.url);

test("a writer that is killed has stored every record that it acknowledged", async () => {
  const before = await openDatabase(file);
  await before.models.add(aRecordOf(newVersion));
  await before[Symbol.asyncDispose]();

  const writer = runChild(new URL("ingest-until-killed.ts", children), [file]);
  await writer.line((line) => Number(line) > 200);
  await writer.kill();
  const acknowledged = Number(writer.lines.at(-1));

  await using database = await openDatabase(file);
  const cursor = await database.telemetry.cursor(aDevice, "windows", "e1");
  const windows = await database.telemetry.windows({ package: newVersion.package, sinceMs: 0 });
  expect(cursor).toBeGreaterThanOrEqual(acknowledged);
  expect(windows.map(({ window }) => window.inferences)).toEqual(Array.from({ length: cursor }, (_, i) => i + 1));
});

test("a database that another process holds is refused, and taken when that process is killed", async () => {
  await using writer = runChild(new URL("ingest-until-killed.ts", children), [file]);
  await writer.line(() => true);
  await expect(openDatabase(file)).rejects.toMatchObject({ name: "DatabaseInUseError" });
  await writer.kill();
  await using _database = await openDatabase(file);
});

test("a migration that is killed in the middle has not happened", async () => {
  await (await openDatabase(file))[Symbol.asyncDispose]();
  await using migrating = runChild(new URL("migrate-and-hang.ts", children), [file]);
  await migrating.line((line) => line === "half-way");
  await migrating.kill();

  await using database = await openDatabase(file);
  expect(await database.devices.list()).toEqual([]);
  const handle = new Sqlite(file, { readonly: true });
  expect(handle.prepare("select name from sqlite_master where name = 'half'").all()).toEqual([]);
  expect(handle.prepare("select name from pragma_table_info('device') where name = 'half'").all()).toEqual([]);
  handle.close();
});
