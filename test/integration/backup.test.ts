import { readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { backUpData } from "../../control-plane/server/back-up-data.ts";
import { backUpDatabase } from "../../control-plane/storage/back-up-database.ts";
import { openDatabase } from "../../control-plane/storage/database.ts";
import { openFileArtifactStore } from "../../control-plane/storage/file-artifact-store.ts";
import { digestOf } from "../../control-plane/packaging/variant-file.ts";
import { mountSmallDisk, whyNoSmallDisk } from "../support/end-to-end-small-disk.ts";
import { kibibytes, mebibytes } from "../../proto/units.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { sedgeCommand } from "../support/sedge-command.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const never = new AbortController().signal;
const options = { version: "1.2.3", now: () => 1_000, signal: never };

describe("a copy of the database", () => {
  test("is of one moment, though another connection writes between its steps", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "sedge.db");
    await using _database = await openDatabase(file);
    const writer = new Sqlite(file);
    // Large enough for several steps.
    writer.exec("create table pair (side text primary key, count integer not null, filling blob)");
    writer.prepare("insert into pair values ('left', 0, zeroblob(15000000)), ('right', 0, zeroblob(15000000))").run();
    let writes = 0;
    const count = writer.transaction(() => {
      for (const side of ["left", "right"])
        writer.prepare("update pair set count = count + 1 where side = ?").run(side);
      writes += 1;
    });
    let goesOn = true;
    const write = () => {
      if (!goesOn) return;
      count();
      setImmediate(write);
    };
    write();
    const copy = join(directory.path, "copy.db");
    await backUpDatabase(file, copy, never);
    goesOn = false;
    writer.close();

    expect(writes).toBeGreaterThan(3);
    const read = new Sqlite(copy, { readonly: true });
    const [left, right] = read.prepare("select count from pair order by side").pluck().all();
    read.close();
    expect(left).toBe(right);
    expect(left).toBeLessThan(writes);
    expect((await readdir(directory.path)).filter((name) => name.startsWith("copy"))).toEqual(["copy.db"]);
  });

  test("that is interrupted leaves nothing, and the one before as it was", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "sedge.db");
    await using _database = await openDatabase(file);
    const copy = join(directory.path, "copy.db");
    await writeFile(copy, "before");
    const interrupted = backUpDatabase(file, copy, AbortSignal.abort(new Error("enough")));
    await expect(interrupted).rejects.toThrow("enough");
    expect(await readFile(copy, "utf8")).toBe("before");
    expect((await readdir(directory.path)).filter((name) => name.startsWith("copy"))).toEqual(["copy.db"]);
  });
});

describe("a copy of a data directory", () => {
  test("has every file of the models, and does not copy one twice", async () => {
    await using plane = await startTestControlPlane();
    await using directory = await temporaryDirectory();
    const store = await openFileArtifactStore(join(plane.data, "artifacts"));
    const put = (text: string) => {
      const bytes = new TextEncoder().encode(text);
      return store.put(
        digestOf(bytes),
        (async function* () {
          yield bytes;
        })(),
      );
    };
    await put("one");
    const into = join(directory.path, "backup");
    expect((await backUpData(plane.data, into, options)).artifacts).toEqual({ files: 1, bytes: 3, copied: 1 });
    await put("three");
    expect((await backUpData(plane.data, into, options)).artifacts).toEqual({ files: 2, bytes: 8, copied: 1 });
    for (const name of ["director-key.pem", "operator-token", "sample-key.pem", "sedge.db"])
      expect((await stat(join(into, name))).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(join(into, "backup.json"), "utf8"))).toMatchObject({
      madeAtMs: 1_000,
      version: "1.2.3",
      keys: ["director-key.pem", "sample-key.pem", "operator-token"],
    });
  });

  test("refuses a file that is damaged, and leaves the backup before it whole", async () => {
    await using plane = await startTestControlPlane();
    await using directory = await temporaryDirectory();
    const into = join(directory.path, "backup");
    await backUpData(plane.data, into, options);
    const before = await readFile(join(into, "sedge.db"));
    const store = await openFileArtifactStore(join(plane.data, "artifacts"));
    const bytes = new TextEncoder().encode("whole");
    const digest = digestOf(bytes);
    await store.put(
      digest,
      (async function* () {
        yield bytes;
      })(),
    );
    await writeFile(store.locate(digest), "wrong");
    await plane.controlPlane.services.operators.add("ada", "operator");
    await expect(backUpData(plane.data, into, options)).rejects.toThrow(/is damaged/);
    expect((await readFile(join(into, "sedge.db"))).equals(before)).toBe(true);
  });

  test("sedge backup says what it did; a wrong place is refused with the reason", async () => {
    await using plane = await startTestControlPlane();
    await using directory = await temporaryDirectory();
    const environment = { SEDGE_DATA: plane.data };
    const into = join(directory.path, "backup");
    const done = await sedgeCommand(["backup", into], environment);
    expect(done).toMatchObject({
      exitCode: 0,
      out: expect.stringMatching(/: database .+, 0 files of models .+, keys\n$/),
    });
    await writeFile(join(directory.path, "other"), "");
    for (const [place, why] of [
      [plane.data, "is in the data directory itself"],
      [join(plane.data, "backup"), "is in the data directory itself"],
      [directory.path, "is not empty, and holds no backup"],
    ] as const)
      expect(await sedgeCommand(["backup", place], environment)).toMatchObject({
        exitCode: 1,
        err: expect.stringContaining(why),
      });
    const nowhere = await sedgeCommand(["backup", into], { SEDGE_DATA: join(directory.path, "nothing") });
    expect(nowhere).toMatchObject({ exitCode: 2, err: expect.stringContaining("there is no database") });
    await rm(join(directory.path, "other"));

    // Somebody restored the backup, and serves from it.
    await writeFile(join(into, "sedge.db.lock"), "");
    expect(await sedgeCommand(["backup", into], environment)).toMatchObject({
      exitCode: 1,
      err: expect.stringContaining("is the data directory of a control plane"),
    });
  });
});

const noSmallDisk = await whyNoSmallDisk();

test.skipIf(noSmallDisk !== undefined)(
  `onto a full disk: the backup before stays, and goes on when there is room${noSmallDisk ? ` (${noSmallDisk})` : ""}`,
  async () => {
    await using plane = await startTestControlPlane();
    await using disk = await mountSmallDisk(mebibytes(4));
    const into = join(disk.path, "backup");
    await backUpData(plane.data, into, options);
    await disk.fill(kibibytes(64));
    const before = await readFile(join(into, "sedge.db"));
    await expect(backUpData(plane.data, into, options)).rejects.toThrow(
      /backup in .* could not be written .*make room/,
    );
    expect((await readFile(join(into, "sedge.db"))).equals(before)).toBe(true);
    await disk.makeRoom();
    expect(await backUpData(plane.data, into, options)).toMatchObject({ directory: into });
  },
);
