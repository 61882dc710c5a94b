import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createBreather } from "../../../../control-plane/storage/breather.ts";
import type { SqliteDatabase } from "../../../../control-plane/storage/database.ts";
import { openDatabase } from "../../../../control-plane/storage/database.ts";
import { aDevice } from "../../../support/messages.ts";

/** As a socket or a timer: counts its turns until it is stopped. */
let turns: number;
let stop: () => void;
beforeEach(() => {
  turns = 0;
  const count = (): void => {
    turns += 1;
    next = setImmediate(count);
  };
  let next = setImmediate(count);
  stop = () => clearImmediate(next);
});
afterEach(() => stop());

test("questions in a row let others have their turn", async () => {
  const breathe = createBreather(1);
  const until = performance.now() + 50;
  while (performance.now() < until) await breathe();
  expect(turns).toBeGreaterThan(0);
});

test("everybody who waited goes on, in order", async () => {
  const breathe = createBreather(1);
  const begun = performance.now();
  while (performance.now() < begun + 2);
  const order: number[] = [];
  await Promise.all(Array.from({ length: 100 }, (_, i) => breathe().then(() => order.push(i))));
  expect(order).toEqual(Array.from({ length: 100 }, (_, i) => i));
  expect(turns).toBeGreaterThan(0);
});

test("neither a long transaction nor a long row of reads holds up the process", async () => {
  await using database = await openDatabase(":memory:");
  const ask = async ({ devices }: Pick<SqliteDatabase, "devices">): Promise<number> => {
    const before = turns;
    const until = performance.now() + 100;
    while (performance.now() < until) await devices.get(aDevice);
    return turns - before;
  };
  expect(await ask(database)).toBeGreaterThan(0);
  expect(await database.transaction(ask)).toBeGreaterThan(0);
});

describe("while a transaction lets others have their turn", () => {
  test("nobody else's write gets into it, and nobody sees what it has not committed", async () => {
    await using database = await openDatabase(":memory:");
    const say = ({ events }: Pick<SqliteDatabase, "events">, text: string) =>
      events.add({ atMs: 1, kind: "test", device: undefined, rollout: undefined, text });
    const texts = async () => new Set((await database.events.last(10_000)).map(({ text }) => text));
    const others: Promise<unknown>[] = [];
    const seen: Promise<ReadonlySet<string>>[] = [];
    // From the event loop, where the sockets and timers of a control plane are: outside of every transaction.
    const interrupt = (): void => {
      others.push(say(database, "outside"));
      others.push(database.transaction((stores) => say(stores, "in one of its own")));
      seen.push(texts());
      next = setImmediate(interrupt);
    };
    let next = setImmediate(interrupt);
    const failing = database.transaction(async (stores) => {
      const before = turns;
      while (turns < before + 5) await say(stores, "inside");
      throw new Error("it is undone");
    });
    await expect(failing).rejects.toThrow("it is undone");
    clearImmediate(next);
    await Promise.all(others);
    expect(others.length).toBeGreaterThan(0);
    expect(await texts()).toEqual(new Set(["outside", "in one of its own"]));
    expect(await database.events.last(10_000)).toHaveLength(others.length);
    for (const one of await Promise.all(seen)) expect(one.has("inside")).toBe(false);
  });
});
