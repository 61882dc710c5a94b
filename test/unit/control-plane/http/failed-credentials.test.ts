import { Hono } from "hono";
import { expect, test } from "vitest";
import { failedCredentials } from "../../../../control-plane/http/failed-credentials.ts";
import { HttpProblemError, problemOf, problemResponse } from "../../../../control-plane/http/problem.ts";

const proxy = "10.9.9.9";

/** Asks with a secret, from the address of a socket, perhaps through a proxy. */
function appAt(clock: { now: number }) {
  const app = new Hono();
  app.onError((error) => problemResponse((error as HttpProblemError).problem));
  app.use(failedCredentials([proxy], () => clock.now));
  app.get("/", (c) => {
    if (c.req.header("authorization") !== "right") throw new HttpProblemError(problemOf("unauthorized", "no"));
    return c.text("yes");
  });
  return async (secret: string, remoteAddress: string, forwarded?: string) => {
    const headers = { authorization: secret, ...(forwarded !== undefined && { "x-forwarded-for": forwarded }) };
    return await app.request("/", { headers }, { incoming: { socket: { remoteAddress } } });
  };
}

test("sixty wrong ones are forgiven, then one a second; a right one is never kept waiting", async () => {
  const clock = { now: 0 };
  const ask = appAt(clock);
  for (let n = 0; n < 60; n++) expect((await ask("wrong", "203.0.113.7")).status).toBe(401);
  const refused = await ask("wrong", "203.0.113.7");
  expect(refused.status).toBe(429);
  expect([refused.headers.get("connection"), refused.headers.get("retry-after")]).toEqual(["close", "5"]);
  expect(await refused.json()).toMatchObject({ type: "urn:sedge:problem:too-many-requests" });
  expect((await ask("right", "203.0.113.7")).status).toBe(200);
  expect((await ask("wrong", "203.0.113.8")).status).toBe(401);
  clock.now += 1_000;
  expect((await ask("wrong", "203.0.113.7")).status).toBe(401);
  expect((await ask("wrong", "203.0.113.7")).status).toBe(429);
});

test("through a named proxy it is the client who is slowed down; others cannot pretend to be one", async () => {
  const ask = appAt({ now: 0 });
  for (let n = 0; n < 60; n++) await ask("wrong", proxy, "1.1.1.1, 203.0.113.7");
  expect((await ask("wrong", proxy, "203.0.113.7")).status).toBe(429);
  expect((await ask("wrong", proxy, "203.0.113.7, 203.0.113.8")).status).toBe(401);
  for (let n = 0; n < 60; n++) await ask("wrong", "203.0.113.9", `192.0.2.${n}`);
  expect((await ask("wrong", "203.0.113.9", "192.0.2.99")).status).toBe(429);
});

test.each([
  ["203.0.113.7", (n: number) => `203.0.113.7:${n}`],
  ["2001:db8::7", (n: number) => `[2001:db8::7]:${n}`],
])("the port that a proxy writes behind %s makes nobody another client", async (address, forwarded) => {
  const ask = appAt({ now: 0 });
  for (let n = 0; n < 60; n++) await ask("wrong", proxy, forwarded(n));
  expect((await ask("wrong", proxy, address)).status).toBe(429);
});

test("this machine is not slowed down", async () => {
  const ask = appAt({ now: 0 });
  for (let n = 0; n < 99; n++) expect((await ask("wrong", "127.0.0.1")).status).toBe(401);
});
