import { afterEach, beforeEach, expect, test } from "vitest";
import { createGroupCommit } from "../../../../control-plane/application/group-commit.ts";
import type { Stores } from "../../../../control-plane/application/stores.ts";
import type { SqliteDatabase } from "../../../../control-plane/storage/database.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";

let database: SqliteDatabase;
beforeEach(async () => {
  database = await openDatabase(":memory:");
});
afterEach(() => database[Symbol.asyncDispose]());

const add = (text: string) => (stores: Stores) =>
  stores.events.add({ atMs: 1, kind: "test", device: undefined, rollout: undefined, text });

test("changes that come together share transactions, in their order, and each gets its own answer", async () => {
  let transactions = 0;
  const counted = createGroupCommit({
    transaction: (work) => {
      transactions += 1;
      return database.transaction(work);
    },
  });
  const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => counted.run(add(`${i}`))));
  expect(answers.map(({ text }) => text)).toEqual(Array.from({ length: 100 }, (_, i) => `${i}`));
  expect((await database.events.after(0, 200)).map(({ text }) => text)).toEqual(answers.map(({ text }) => text));
  expect(transactions).toBeLessThan(5);
});

test("one that fails does not take the others along", async () => {
  const commits = createGroupCommit(database);
  const answers = await Promise.allSettled([
    commits.run(add("one")),
    commits.run(async (stores) => {
      await add("half")(stores);
      throw new Error("no");
    }),
    commits.run(add("two")),
  ]);
  expect(answers.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect((await database.events.after(0, 10)).map(({ text }) => text)).toEqual(["one", "two"]);
});
