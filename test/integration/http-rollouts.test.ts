import { afterAll, beforeAll, expect, test } from "vitest";
import type { RolloutPage } from "../../control-plane/http/views.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { bearer, call, problemIn } from "../support/http-calls.ts";

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
  for (const name of ["one", "two", "three"]) await setSettings(name);
});
afterAll(() => plane[Symbol.asyncDispose]());

/** Each begins a rollout of its own. */
async function setSettings(name: string): Promise<void> {
  const body = { after: 0, values: { "log.level": "warn" } };
  const answer = await call(plane.url, {
    method: "POST",
    path: `/api/v1/settings/${name}/versions`,
    body,
    headers: bearer(plane.operatorToken),
  });
  expect(answer.status).toBe(201);
}

const get = (path: string) =>
  call(plane.url, { method: "GET", path: `/api/v1/rollouts${path}`, headers: bearer(plane.operatorToken) });

async function page(query: string) {
  const { rollouts, next } = (await (await get(query)).json()) as RolloutPage;
  return { names: rollouts.map(({ spec }) => spec.kind === "settings" && spec.settings), next };
}

test("rollouts come in pages, the newest first, each of which says what the next one comes after", async () => {
  const first = await page("?limit=2");
  expect(first.names).toEqual(["three", "two"]);
  expect(await page(`?limit=2&after=${first.next}`)).toEqual({ names: ["one"], next: undefined });
  expect(await page("")).toEqual({ names: ["three", "two", "one"], next: undefined });
});

test("a page after a rollout that is not there, and one of no size, are refused", async () => {
  expect(await problemIn(await get("?after=nobody"), 404)).toMatchObject({
    detail: expect.stringContaining(`there is no rollout "nobody"`),
  });
  expect((await get("?limit=0")).status).toBe(400);
  expect((await get("?limit=201")).status).toBe(400);
});
