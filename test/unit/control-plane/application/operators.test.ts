import { afterEach, beforeEach, expect, test } from "vitest";
import { createOperators } from "../../../../control-plane/application/operators.ts";
import { secretHasher } from "../../../../control-plane/server/secret-hasher.ts";
import type { SqliteDatabase } from "../../../../control-plane/storage/database.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";

let database: SqliteDatabase;
beforeEach(async () => {
  database = await openDatabase(":memory:");
});
afterEach(() => database[Symbol.asyncDispose]());

const operatorsOf = () =>
  createOperators({
    database,
    hasher: secretHasher,
    clock: { now: () => 1_000 },
    isFirst: (token) => token === "first",
  });

test("an operator is known by a token that is told once, and a token of nobody names nobody", async () => {
  const operators = operatorsOf();
  const { operator, token } = await operators.add("ada", "operator");
  expect(operator).toEqual({ name: "ada", addedAtMs: 1_000, addedBy: "operator" });
  expect(await operators.list()).toEqual([operator]);
  expect(await operators.nameOf(token)).toBe("ada");
  expect(await operators.nameOf("first")).toBe("operator");
  for (const wrong of ["", token.slice(1), `${token}x`, "ada"]) expect(await operators.nameOf(wrong)).toBeUndefined();
  expect((await database.events.last(1))[0]).toMatchObject({ kind: "operator.added", by: "operator" });
});

test("the token of an operator who was removed is worth nothing, and a new one is another", async () => {
  const operators = operatorsOf();
  const before = await operators.add("ada", "operator");
  await expect(operators.add("ada", "operator")).rejects.toMatchObject({ name: "ConflictError" });
  await operators.remove("ada", "operator");
  expect(await operators.nameOf(before.token)).toBeUndefined();
  const after = await operators.add("ada", "operator");
  expect(await operators.nameOf(before.token)).toBeUndefined();
  expect(await operators.nameOf(after.token)).toBe("ada");
  await expect(operators.remove("bob", "operator")).rejects.toMatchObject({ name: "NotFoundError" });
});

test("only the first operator adds and removes: what a lost token could do ends with it", async () => {
  const operators = operatorsOf();
  await operators.add("ada", "operator");
  await expect(operators.add("eve", "ada")).rejects.toMatchObject({ name: "ForbiddenError" });
  await expect(operators.remove("ada", "ada")).rejects.toMatchObject({ name: "ForbiddenError" });
  expect((await operators.list()).map(({ name }) => name)).toEqual(["ada"]);
});

test.each(["", "operator", "Ada", "1st", "a/b", "x".repeat(65)])('"%s" is no name of an operator', async (name) => {
  await expect(operatorsOf().add(name, "operator")).rejects.toMatchObject({ name: "InvalidDataError" });
});
