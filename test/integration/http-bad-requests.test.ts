import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { limits } from "../../proto/limits.ts";
import type { Call } from "../support/http-calls.ts";
import { bearer, call, problemIn, rawCall } from "../support/http-calls.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane[Symbol.asyncDispose]());

const asOperator = ({ headers, ...rest }: Call) =>
  call(plane.url, { ...rest, headers: { ...headers, ...bearer(plane.operatorToken) } });

const jsonRoutes = [
  { method: "POST", path: "/api/v1/enrol" },
  { method: "POST", path: "/api/v1/enrolment-tokens" },
  { method: "PATCH", path: "/api/v1/devices/cam-1" },
  { method: "POST", path: "/api/v1/publishers" },
  { method: "POST", path: "/api/v1/rollouts" },
  { method: "POST", path: "/api/v1/rollouts/r1/abort" },
];

describe.each(jsonRoutes)("$method $path", (route) => {
  test.each(["", "{", '{"a":', "\u0000\u0001", "NaN"])("body %j is no JSON: 400", async (body) => {
    expect(
      await problemIn(await asOperator({ ...route, body, headers: { "content-type": "application/json" } })),
    ).toMatchObject({ status: 400 });
  });

  test.each(["[]", "7", "null", '"text"', '{"__proto__":{"a":1},"surplus":1}'])(
    "body %s is not what is asked for: 422, with what is wrong",
    async (body) => {
      const problem = await problemIn(await asOperator({ ...route, body }), 422);
      expect(problem.problems?.length).toBeGreaterThan(0);
    },
  );

  test.each(["text/plain", "multipart/form-data", "application/x-www-form-urlencoded"])(
    "type %s: 415",
    async (type) => {
      expect(
        await problemIn(await asOperator({ ...route, body: "{}", headers: { "content-type": type } })),
      ).toMatchObject({ status: 415 });
    },
  );

  test("a body above the limit: 413", async () => {
    expect(
      await problemIn(await asOperator({ ...route, body: JSON.stringify({ a: "x".repeat(70_000) }) })),
    ).toMatchObject({ status: 413 });
  });

  test("a body above the limit that announces no length: 413", async () => {
    const response = await fetch(plane.url + route.path, {
      method: route.method,
      headers: { "content-type": "application/json", ...bearer(plane.operatorToken) },
      body: ReadableStream.from(Array.from({ length: 70 }, () => Buffer.from(" ".repeat(1_000)))),
      duplex: "half",
    } as RequestInit);
    expect(await problemIn(response)).toMatchObject({ status: 413 });
  });

  test("a body that is announced above the limit: 413, before it is sent", async () => {
    const { status } = await rawCall(plane.url, {
      ...route,
      headers: { "content-type": "application/json", ...bearer(plane.operatorToken) },
      contentLength: 10_000_000_000,
    });
    expect(status).toBe(413);
  });
});

describe("names in an address", () => {
  test.each([
    "/api/v1/devices/..%2f..%2fetc%2fpasswd",
    "/api/v1/devices/%00",
    "/api/v1/devices/UPPER",
    "/api/v1/rollouts/..%2f",
    "/api/v1/models/..%2f/versions/1",
    "/api/v1/models/digits/versions/..%2f1",
    "/api/v1/artifacts/..%2f..%2fsedge.db",
    "/api/v1/artifacts/sha256:..%2f..%2foperator-token",
    `/api/v1/artifacts/sha256:${"G".repeat(64)}`,
    `/api/v1/artifacts/SHA256:${"0".repeat(64)}`,
  ])("%s: 400", async (path) => {
    expect(await problemIn(await asOperator({ method: "GET", path }))).toMatchObject({ status: 400 });
  });

  test.each(["/api/v1/devices/%ff", "/api/v1/artifacts/", "/%2e%2e/%2e%2e/etc/passwd", "/api/v1/../../x"])(
    "%s: nothing is there",
    async (path) => {
      const { status, text } = await rawCall(plane.url, { method: "GET", path, headers: bearer(plane.operatorToken) });
      expect([400, 404]).toContain(status);
      expect(JSON.parse(text)).toMatchObject({ status });
    },
  );

  test.each([
    "/api/v1/devices/nobody",
    "/api/v1/rollouts/none",
    "/api/v1/models/none/versions/1",
    `/api/v1/artifacts/sha256:${"0".repeat(64)}`,
  ])("%s: 404", async (path) => {
    expect(await problemIn(await asOperator({ method: "GET", path }))).toMatchObject({ status: 404 });
  });
});

describe("numbers in a query", () => {
  test.each(["limit=0", "limit=1001", "limit=x", "limit=-1", "after=-1", "after=1.5", "after=99999999999999999"])(
    "events?%s: 400",
    async (query) => {
      expect(await problemIn(await asOperator({ method: "GET", path: `/api/v1/events?${query}` }))).toMatchObject({
        status: 400,
      });
    },
  );
});

describe("a signature bundle", () => {
  test.each(["{}", "null", "[]", '{"payloadType":"x","payload":"!","signatures":[]}', "garbage"])(
    "%s is none: 422, with what is wrong",
    async (body) => {
      const problem = await problemIn(await asOperator({ method: "POST", path: "/api/v1/models", body }), 422);
      expect(problem.problems?.length).toBeGreaterThan(0);
    },
  );

  test("above the limit: 413", async () => {
    const body = "x".repeat(limits.bundleBytes + 1);
    expect(await problemIn(await asOperator({ method: "POST", path: "/api/v1/models", body }))).toMatchObject({
      status: 413,
    });
  });
});

describe("a publisher's key", () => {
  test.each(["AAAA", "not base64!", ""])("%j is none: 422", async (publicKey) => {
    expect(
      await problemIn(await asOperator({ method: "POST", path: "/api/v1/publishers", body: { publicKey } })),
    ).toMatchObject({ status: 422 });
  });
});

test("a selector with mistakes: 422, and where they are", async () => {
  const path = `/api/v1/devices?selector=${encodeURIComponent("site = = lyon")}`;
  const problem = await problemIn(await asOperator({ method: "GET", path }), 422);
  expect(problem.problems?.length).toBeGreaterThan(0);
});
