import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createModelAliases } from "../../../../control-plane/application/model-aliases.ts";
import { createRolloutCommands } from "../../../../control-plane/application/rollout-commands.ts";
import type { AliasMove } from "../../../../control-plane/domain/model-alias.ts";
import { currentAliases, isAliasName } from "../../../../control-plane/domain/model-alias.ts";
import type { SqliteDatabase } from "../../../../control-plane/storage/database.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";
import { parseModelName, parseModelVersion } from "../../../../proto/ids.ts";
import { aRecordOf, newVersion, oldVersion } from "../../../support/rollout-builders.ts";

const { model } = aRecordOf(newVersion);
const [old, newest] = [oldVersion.version, newVersion.version];
let database: SqliteDatabase;
let now = 1_000;
const aliasesOf = () => createModelAliases(database, { now: () => now });
const by = "operator";

beforeEach(async () => {
  database = await openDatabase(":memory:");
  for (const version of [oldVersion, newVersion]) await database.models.add(aRecordOf(version));
});
afterEach(() => database[Symbol.asyncDispose]());

test("an alias points where it was moved last, and its history says who moved it, when and why", async () => {
  const aliases = aliasesOf();
  await aliases.move({ model, alias: "champion", version: old, by, comment: undefined });
  now = 2_000;
  await aliases.move({ model, alias: "champion", version: newest, expect: old, by, comment: "better at night" });
  expect(await aliases.list()).toEqual([{ model, alias: "champion", version: newest, movedAtMs: 2_000 }]);
  expect(await aliases.history(model)).toMatchObject([
    { alias: "champion", version: old, movedAtMs: 1_000, movedBy: by },
    { alias: "champion", version: newest, movedAtMs: 2_000, comment: "better at night" },
  ]);
  expect((await database.events.last(1))[0]?.text).toBe(
    `${model}@champion points at ${newest}, before at ${old}: better at night`,
  );
  await aliases.move({ model, alias: "champion", version: undefined, by, comment: undefined });
  expect(await aliases.list(model)).toEqual([]);
  expect(await aliases.history(model)).toHaveLength(3);
});

test("two people who move it at once cannot overwrite each other unseen", async () => {
  const aliases = aliasesOf();
  await aliases.move({ model, alias: "champion", version: old, expect: null, by, comment: undefined });
  await expect(
    aliases.move({ model, alias: "champion", version: newest, expect: null, by, comment: undefined }),
  ).rejects.toMatchObject({ name: "ConflictError", message: `${model}@champion points at ${old}, not at nothing` });
});

test.each([
  ["a name that looks like a version", { alias: "2" }, "InvalidDataError"],
  ["a version that is not there", { version: parseModelVersion("99") }, "NotFoundError"],
  ["an alias that is not there, when it is removed", { version: undefined }, "NotFoundError"],
])("is refused: %s", async (_what, change, name) => {
  const request = { model, alias: "champion", version: old, by, comment: undefined, ...change };
  await expect(aliasesOf().move(request)).rejects.toMatchObject({ name });
  expect(await aliasesOf().history(model)).toEqual([]);
});

test("a rollout of an alias keeps the version that it points at now", async () => {
  await aliasesOf().move({ model, alias: "champion", version: newest, by, comment: undefined });
  const rollouts = createRolloutCommands({
    database,
    clock: { now: () => now },
    ids: { next: () => "r-1" },
    wake: () => undefined,
  });
  const started = await rollouts.start({ model, version: "champion" }, "operator");
  expect(started.spec.version).toBe(newest);
});

test("where aliases point follows from their history alone, for each of them by itself", () => {
  const move = fc.record({
    model: fc.constantFrom("a", "b").map(parseModelName),
    alias: fc.constantFrom("champion", "candidate"),
    version: fc.option(fc.constantFrom("1", "2", "3").map(parseModelVersion), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(move), (moves) => {
      const history = moves.map((one, seq): AliasMove => ({
        ...one,
        seq,
        movedAtMs: seq,
        movedBy: by,
        comment: undefined,
      }));
      for (const name of ["a", "b"].map(parseModelName))
        for (const alias of ["champion", "candidate"]) {
          const last = history.findLast((one) => one.model === name && one.alias === alias);
          const found = currentAliases(history).find((one) => one.model === name && one.alias === alias);
          expect(found?.version).toBe(last?.version);
        }
    }),
  );
});

test.each([
  ["champion", true],
  ["team-a.shadow", true],
  ["2", false],
  ["Champion", false],
  ["", false],
  ["a/b", false],
])('"%s" as an alias: %s', (text, isOne) => expect(isAliasName(text)).toBe(isOne));
