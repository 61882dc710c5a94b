import { afterEach, beforeEach, expect, test } from "vitest";
import { driftRoutes } from "../../../../../control-plane/http/routes/drift-routes.ts";
import type { AlertPage } from "../../../../../control-plane/http/views.ts";
import type { SqliteDatabase } from "../../../../../control-plane/storage/database.ts";
import { openDatabase } from "../../../../../control-plane/storage/database.ts";
import { parseModelName, parseModelVersion } from "../../../../../proto/ids.ts";

let database: SqliteDatabase;
beforeEach(async () => {
  database = await openDatabase(":memory:");
});
afterEach(() => database[Symbol.asyncDispose]());

const alert = (id: string, openedAtMs: number, more: { readonly closedAtMs?: number; readonly model?: string } = {}) =>
  database.drift.addAlert({
    id,
    model: parseModelName(more.model ?? "digits"),
    version: parseModelVersion("1"),
    scope: "fleet",
    scopeKind: "fleet",
    stream: "input:ink",
    openedAtMs,
    closedAtMs: more.closedAtMs,
    reason: "",
    score: 1,
  });

async function page(query = ""): Promise<{ ids: readonly string[]; next: string | undefined }> {
  const { drift } = database;
  const routes = driftRoutes({
    drift: {
      current: async () => [],
      alerts: (asked) => drift.alerts(asked),
      countOpenAlerts: () => drift.countOpenAlerts(),
    },
  });
  const response = await routes.request(`/alerts${query}`);
  expect(response.status).toBe(200);
  const { alerts: found, next } = (await response.json()) as AlertPage;
  return { ids: found.map(({ id }) => id), next };
}

test("alerts come newest first, page by page, those of one moment in the order of their ids", async () => {
  for (const [id, at] of [
    ["a", 1],
    ["b", 2],
    ["c", 2],
    ["d", 3],
  ] as const)
    await alert(id, at);
  const first = await page("?limit=2");
  expect(first.ids).toEqual(["d", "c"]);
  // What was opened meanwhile moves nothing.
  await alert("e", 4);
  const second = await page(`?limit=2&before=${first.next}`);
  expect(second).toEqual({ ids: ["b", "a"], next: undefined });
});

test("those that are open, those that are closed, and those of one model can be asked for", async () => {
  await alert("open", 1);
  await alert("closed", 2, { closedAtMs: 3 });
  await alert("other", 4, { model: "pumps" });
  expect((await page("?state=open")).ids).toEqual(["other", "open"]);
  expect((await page("?state=closed")).ids).toEqual(["closed"]);
  expect((await page("?state=open&model=digits")).ids).toEqual(["open"]);
  expect((await page()).ids).toEqual(["other", "closed", "open"]);
  expect(await database.drift.countOpenAlerts()).toBe(2);
});
