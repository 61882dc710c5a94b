import Sqlite from "better-sqlite3";
import { expect, test } from "vitest";
import { withKeptStatements } from "../../../../control-plane/storage/kept-statements.ts";

test("a statement is prepared once, however often it is asked for", () => {
  const handle = new Sqlite(":memory:");
  const connection = withKeptStatements(handle);
  expect(connection.prepare("select 1 as one")).toBe(connection.prepare("select 1 as one"));
  expect(connection.prepare("select ? as one").all(1)).toEqual([{ one: 1 }]);
  expect(connection.prepare("select ? as one").all(2)).toEqual([{ one: 2 }]);
  handle.close();
});

test("long ones, and the first of very many, are not kept", () => {
  const handle = new Sqlite(":memory:");
  const connection = withKeptStatements(handle);
  const long = `select ${Array.from({ length: 2_000 }, (_, i) => i).join(", ")}`;
  expect(connection.prepare(long)).not.toBe(connection.prepare(long));
  const first = connection.prepare("select 0");
  for (let i = 1; i <= 500; i++) connection.prepare(`select ${i}`);
  expect(connection.prepare("select 0")).not.toBe(first);
  handle.close();
});

test("a kept statement sees what has changed", () => {
  const handle = new Sqlite(":memory:");
  handle.exec("create table device (id text)");
  const connection = withKeptStatements(handle);
  expect(connection.prepare("select * from device").all()).toEqual([]);
  handle.exec("begin immediate; insert into device values ('cam-1'); commit");
  expect(connection.prepare("select * from device").all()).toEqual([{ id: "cam-1" }]);
  handle.close();
});
