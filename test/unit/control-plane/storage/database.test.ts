import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Stores } from "../../../../control-plane/application/stores.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";
import { allMigrations } from "../../../../control-plane/storage/migrations/all-migrations.ts";
import { openReader } from "../../../../control-plane/storage/open-connection.ts";
import { parseDeviceId } from "../../../../proto/ids.ts";
import { aRecordOf, oldVersion } from "../../../support/rollout-builders.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sedge-test-"));
  file = join(folder, "sedge.db");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const aDevice = parseDeviceId("cam-1");
const enrolled = { id: aDevice, labels: {}, hardware: "cm4", secretHash: new Uint8Array(32), enrolledAtMs: 1 };

function addEvent(stores: Stores, text: string) {
  return stores.events.add({ atMs: 1, kind: "test", device: undefined, rollout: undefined, text });
}

async function texts(stores: Stores): Promise<string[]> {
  return (await stores.events.after(0, 100)).map((event) => event.text);
}

describe("the settings on which 'acknowledged is stored' rests", () => {
  test("the writer syncs fully in WAL mode", async () => {
    await using database = await openDatabase(file);
    expect(database.setting("journal_mode")).toBe("wal");
    expect(database.setting("synchronous")).toBe(2);
    expect(database.setting("foreign_keys")).toBe(1);
    expect(database.setting("busy_timeout")).toBe(5_000);
    expect(database.setting("trusted_schema")).toBe(0);
    expect(database.setting("cell_size_check")).toBe(1);
    expect(database.setting("wal_autocheckpoint")).toBe(1_000);
    expect(database.setting("journal_size_limit")).toBe(64 * 1024 * 1024);
    expect(database.setting("temp_store")).toBe(2);
  });

  test("the reader cannot write", async () => {
    await using _database = await openDatabase(file);
    const reader = openReader(file);
    expect(() => reader.exec("delete from device")).toThrow(/readonly/);
    reader.close();
  });

  test("every table refuses values of another type", async () => {
    await using _database = await openDatabase(file);
    const reader = openReader(file);
    const lax = reader.prepare("select name from pragma_table_list where schema = 'main' and strict = 0").pluck().all();
    expect(lax.filter((name) => !/^(sqlite_|kysely_)/.test(String(name)))).toEqual([]);
    reader.close();
  });
});

describe("a transaction", () => {
  test("stores everything or nothing", async () => {
    await using database = await openDatabase(file);
    const failing = database.transaction(async (stores) => {
      await addEvent(stores, "lost");
      await stores.devices.add(enrolled);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await texts(database)).toEqual([]);
    expect(await database.devices.list()).toEqual([]);
    await database.transaction(async (stores) => void (await addEvent(stores, "kept")));
    expect(await texts(database)).toEqual(["kept"]);
  });

  test("shows its writes outside only when it is committed", async () => {
    await using database = await openDatabase(file);
    await database.transaction(async (stores) => {
      await addEvent(stores, "new");
      expect(await texts(stores)).toEqual(["new"]);
      expect(await texts(database)).toEqual([]);
    });
    expect(await texts(database)).toEqual(["new"]);
  });

  test("runs alone: two that read, wait and write do not lose a change", async () => {
    await using database = await openDatabase(file);
    await database.devices.add(enrolled);
    const count = () =>
      database.transaction(async (stores) => {
        const before = Number((await stores.devices.get(aDevice))?.labels["count"] ?? 0);
        await new Promise((resolve) => setImmediate(resolve));
        await stores.devices.setLabels(aDevice, { count: String(before + 1) });
      });
    await Promise.all(Array.from({ length: 20 }, count));
    expect((await database.devices.get(aDevice))?.labels).toEqual({ count: "20" });
  });

  test("runs what follows the commit in order, after it, and not at all when it fails", async () => {
    await using database = await openDatabase(file);
    const seen: string[] = [];
    await database.transaction(async (stores, afterCommit) => {
      afterCommit(() => seen.push("first"));
      await addEvent(stores, "x");
      afterCommit(() => seen.push("second"));
      expect(seen).toEqual([]);
    });
    const failing = database.transaction(async (_stores, afterCommit) => {
      afterCommit(() => seen.push("never"));
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(seen).toEqual(["first", "second"]);
  });

  test("what follows a commit may begin a transaction of its own", async () => {
    await using database = await openDatabase(file);
    let followed: Promise<unknown> | undefined;
    await database.transaction(async (_stores, afterCommit) => {
      afterCommit(() => {
        followed = addEvent(database, "after");
      });
    });
    await followed;
    expect(await texts(database)).toEqual(["after"]);
  });

  test("its stores throw when it is over", async () => {
    await using database = await openDatabase(file);
    let kept: Stores | undefined;
    await database.transaction(async (stores) => void (kept = stores));
    await expect(addEvent(kept as Stores, "late")).rejects.toThrow(/after its end/);
    await expect(texts(kept as Stores)).rejects.toThrow(/after its end/);
  });

  test("is undone when a write was not awaited", async () => {
    await using database = await openDatabase(file);
    const careless = database.transaction(async (stores) => {
      addEvent(stores, "not awaited").catch(() => undefined);
    });
    await expect(careless).rejects.toThrow(/after its end/);
    expect(await texts(database)).toEqual([]);
  });

  test("refuses a write past it instead of waiting for itself", async () => {
    await using database = await openDatabase(file);
    const nested = database.transaction(async () => void (await addEvent(database, "outside")));
    await expect(nested).rejects.toThrow(/only its own stores/);
  });

  test("tells listeners of events after the commit", async () => {
    await using database = await openDatabase(file);
    let told = 0;
    const stop = database.onEventsAdded(() => (told += 1));
    await addEvent(database, "one");
    stop();
    await addEvent(database, "two");
    expect(told).toBe(1);
  });
});

describe("a full disk", () => {
  test("is told as such, stores nothing and leaves reading alone", async () => {
    await using database = await openDatabase(file);
    await addEvent(database, "before");
    database.setting(`max_page_count = ${Number(database.setting("page_count")) + 1}`);
    const tooMuch = database.transaction(async (stores) => {
      for (let i = 0; i < 100; i++) await addEvent(stores, "x".repeat(4_000));
    });
    await expect(tooMuch).rejects.toMatchObject({ name: "StorageFullError" });
    expect(await texts(database)).toEqual(["before"]);
    database.setting("max_page_count = 1000000");
    await addEvent(database, "after");
    expect(await texts(database)).toEqual(["before", "after"]);
  });
});

describe("opening", () => {
  test("a file that is no database is refused and left as it is", async () => {
    writeFileSync(file, "these are a person's notes, not a database. ".repeat(50));
    await expect(openDatabase(file)).rejects.toMatchObject({
      name: "NotADatabaseError",
      message: expect.stringContaining("--data"),
    });
  });

  test("a database that another one holds is refused until it is let go", async () => {
    const first = await openDatabase(file);
    await expect(openDatabase(file)).rejects.toMatchObject({ name: "DatabaseInUseError" });
    await first[Symbol.asyncDispose]();
    await using _second = await openDatabase(file);
  });

  test("a database of a newer program is refused", async () => {
    const newer = { ...allMigrations, "9999-from-the-future": { up: async () => undefined } };
    await (await openDatabase(file, newer))[Symbol.asyncDispose]();
    await expect(openDatabase(file)).rejects.toMatchObject({
      name: "DatabaseTooNewError",
      message: expect.stringContaining("9999-from-the-future"),
    });
  });

  test("a damaged database is refused", async () => {
    const database = await openDatabase(file);
    await database.transaction(async (stores) => {
      for (let i = 0; i < 200; i++) await addEvent(stores, "x".repeat(500));
    });
    const pageSize = Number(database.setting("page_size"));
    const pages = Number(database.setting("page_count"));
    await database[Symbol.asyncDispose]();
    const raw = openSync(file, "r+");
    for (let page = 2; page < pages; page++) writeSync(raw, Buffer.alloc(64, 0xff), 0, 64, page * pageSize);
    closeSync(raw);
    await expect(openDatabase(file)).rejects.toMatchObject({ name: "DatabaseDamagedError" });
  });

  test("a migration that fails half-way leaves nothing behind", async () => {
    const failing = {
      ...allMigrations,
      "9999-fails": {
        async up(db: Parameters<(typeof allMigrations)[string]["up"]>[0]) {
          await db.schema.createTable("half").addColumn("id", "integer").execute();
          throw new Error("half-way");
        },
      },
    };
    await expect(openDatabase(file, failing)).rejects.toThrow("half-way");
    const handle = new Sqlite(file);
    expect(handle.prepare("select name from sqlite_master where name = 'half'").all()).toEqual([]);
    handle.close();
    await using database = await openDatabase(file);
    expect(await texts(database)).toEqual([]);
  });

  test("what an older control plane wrote has no names of operators, and is there", async () => {
    const older = Object.entries(allMigrations).filter(([name]) => name < "0006");
    await (await openDatabase(file, Object.fromEntries(older)))[Symbol.asyncDispose]();
    const { model, version, manifest } = aRecordOf(oldVersion);
    const handle = new Sqlite(file);
    handle.exec("insert into fleet_event (at, kind, text) values (5, 'test', 'before names')");
    handle
      .prepare("insert into model_version values (?, ?, ?, 1, ?, 'key', 5)")
      .run(model, version, oldVersion.package, JSON.stringify(manifest));
    handle.close();
    await using database = await openDatabase(file);
    expect(await database.events.last(1)).toEqual([expect.not.objectContaining({ by: expect.anything() })]);
    expect(await database.models.get(model, version)).toMatchObject({ pushedAtMs: 5, pushedBy: undefined });
  });
});

describe("the write-ahead log", () => {
  const logBytes = () => statSync(`${file}-wal`).size;

  test("is cut off, and what was in it stays", async () => {
    await using database = await openDatabase(file);
    await addEvent(database, "kept");
    expect(logBytes()).toBeGreaterThan(0);
    expect(database.truncateLog()).toBe(true);
    expect(logBytes()).toBe(0);
    await addEvent(database, "after");
    expect(await texts(database)).toEqual(["kept", "after"]);
  });

  test("waits neither for somebody who reads nor for a transaction", async () => {
    await using database = await openDatabase(file);
    await addEvent(database, "kept");
    const reader = openReader(file);
    reader.exec("begin");
    reader.prepare("select count(*) from sqlite_master").get();
    await addEvent(database, "while it reads");
    expect(database.truncateLog()).toBe(false);
    reader.close();
    await database.transaction(async (stores) => {
      await addEvent(stores, "in a transaction");
      expect(database.truncateLog()).toBe(false);
    });
    expect(database.truncateLog()).toBe(true);
    expect(await texts(database)).toEqual(["kept", "while it reads", "in a transaction"]);
  });
});
