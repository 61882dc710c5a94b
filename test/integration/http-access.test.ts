import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createApp } from "../../control-plane/http/app.ts";
import type { Services } from "../../control-plane/http/services.ts";
import type { Call, Credential } from "../support/http-calls.ts";
import { basic, bearer, call, problemIn, rawCall } from "../support/http-calls.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { enrolDevice } from "../support/enrolment.ts";

/** Who may call each route; with a body that the route refuses or that changes nothing. */
const digest = `sha256:${"0".repeat(64)}`;
const routes: readonly (Call & {
  readonly route?: string;
  readonly for: "everyone" | "devices" | "operators" | "the first operator";
})[] = [
  { for: "everyone", method: "GET", path: "/healthz" },
  { for: "everyone", method: "POST", path: "/api/v1/enrol", body: {} },
  { for: "everyone", method: "GET", path: "/device/", route: "/device/*" },
  { for: "devices", method: "GET", path: `/artifacts/${digest}`, route: "/artifacts/:digest" },
  {
    for: "devices",
    method: "GET",
    path: `/artifacts/${digest}/delta?from=${digest}`,
    route: "/artifacts/:digest/delta",
  },
  { for: "operators", method: "GET", path: "/metrics" },
  { for: "operators", method: "POST", path: "/api/v1/enrolment-tokens", body: { labels: 1 } },
  { for: "operators", method: "GET", path: "/api/v1/devices" },
  { for: "operators", method: "GET", path: "/api/v1/devices/nobody", route: "/api/v1/devices/:id" },
  { for: "operators", method: "PATCH", path: "/api/v1/devices/nobody", route: "/api/v1/devices/:id", body: {} },
  {
    for: "operators",
    method: "GET",
    path: "/api/v1/devices/nobody/logs",
    route: "/api/v1/devices/:id/logs",
  },
  {
    for: "operators",
    method: "GET",
    path: "/api/v1/devices/nobody/health",
    route: "/api/v1/devices/:id/health",
  },
  {
    for: "operators",
    method: "POST",
    path: "/api/v1/devices/nobody/revoke",
    route: "/api/v1/devices/:id/revoke",
  },
  { for: "operators", method: "GET", path: "/api/v1/publishers" },
  { for: "operators", method: "POST", path: "/api/v1/publishers", body: {} },
  { for: "operators", method: "GET", path: "/api/v1/operators" },
  { for: "the first operator", method: "POST", path: "/api/v1/operators", body: { name: "no name" } },
  {
    for: "the first operator",
    method: "DELETE",
    path: "/api/v1/operators/nobody",
    route: "/api/v1/operators/:name",
  },
  { for: "operators", method: "GET", path: "/api/v1/models" },
  { for: "operators", method: "POST", path: "/api/v1/models", body: {} },
  { for: "operators", method: "GET", path: "/api/v1/models/aliases" },
  ...["aliases", "production", "compare"].map(
    (what) =>
      ({
        for: "operators",
        method: "GET",
        path: `/api/v1/models/none/${what}`,
        route: `/api/v1/models/:model/${what}`,
      }) as const,
  ),
  ...["PUT", "DELETE"].map(
    (method) =>
      ({
        for: "operators",
        method,
        path: "/api/v1/models/none/aliases/champion",
        route: "/api/v1/models/:model/aliases/:alias",
        body: {},
      }) as const,
  ),
  ...["GET", "PUT", "DELETE"].map(
    (method) =>
      ({
        for: "operators",
        method,
        path: "/api/v1/models/none/sampling",
        route: "/api/v1/models/:model/sampling",
        body: method === "PUT" ? {} : undefined,
      }) as const,
  ),
  {
    for: "operators",
    method: "POST",
    path: "/api/v1/models/none/sampling/requests",
    route: "/api/v1/models/:model/sampling/requests",
    body: {},
  },
  { for: "operators", method: "GET", path: "/api/v1/samples" },
  { for: "operators", method: "POST", path: "/api/v1/samples/open", body: {} },
  { for: "operators", method: "GET", path: "/api/v1/samples/requests" },
  {
    for: "operators",
    method: "POST",
    path: "/api/v1/samples/requests/q-none/cancel",
    route: "/api/v1/samples/requests/:id/cancel",
  },
  { for: "operators", method: "GET", path: "/api/v1/settings" },
  { for: "operators", method: "GET", path: "/api/v1/settings/none", route: "/api/v1/settings/:name" },
  ...["versions", "remove"].map(
    (what) =>
      ({
        for: "operators",
        method: "POST",
        path: `/api/v1/settings/none/${what}`,
        route: `/api/v1/settings/:name/${what}`,
        body: {},
      }) as const,
  ),
  {
    for: "operators",
    method: "GET",
    path: "/api/v1/models/none/versions/1",
    route: "/api/v1/models/:model/versions/:version",
  },
  {
    for: "operators",
    method: "GET",
    path: "/api/v1/models/none/versions/1/measurements",
    route: "/api/v1/models/:model/versions/:version/measurements",
  },
  ...["archive", "restore"].map(
    (verb) =>
      ({
        for: "operators",
        method: "POST",
        path: `/api/v1/models/none/versions/1/${verb}`,
        route: `/api/v1/models/:model/versions/:version/${verb}`,
        body: {},
      }) as const,
  ),
  { for: "operators", method: "GET", path: `/api/v1/artifacts/${digest}`, route: "/api/v1/artifacts/:digest" },
  {
    for: "operators",
    method: "PUT",
    path: "/api/v1/artifacts/nothing",
    route: "/api/v1/artifacts/:digest",
    headers: { "content-type": "application/octet-stream" },
    body: "",
  },
  { for: "operators", method: "GET", path: "/api/v1/rollouts" },
  { for: "operators", method: "POST", path: "/api/v1/rollouts", body: {} },
  { for: "operators", method: "GET", path: "/api/v1/rollouts/none", route: "/api/v1/rollouts/:id" },
  ...["pause", "resume", "abort", "roll-back"].map(
    (verb) =>
      ({
        for: "operators",
        method: "POST",
        path: `/api/v1/rollouts/none/${verb}`,
        route: `/api/v1/rollouts/:id/${verb}`,
        body: {},
      }) as const,
  ),
  { for: "operators", method: "GET", path: "/api/v1/drift" },
  { for: "operators", method: "GET", path: "/api/v1/drift/alerts" },
  { for: "operators", method: "GET", path: "/api/v1/events" },
  { for: "operators", method: "GET", path: "/api/v1/events/stream?after=none", route: "/api/v1/events/stream" },
  { for: "operators", method: "GET", path: "/api/v1/status" },
];

const mayCall: Readonly<Record<(typeof routes)[number]["for"], readonly Credential[]>> = {
  everyone: ["none", "wrong", "device", "operator", "named"],
  devices: ["device"],
  operators: ["operator", "named"],
  "the first operator": ["operator"],
};

let plane: TestControlPlane;
let credentials: Readonly<Record<Credential, readonly Readonly<Record<string, string>>[]>>;

beforeAll(async () => {
  plane = await startTestControlPlane();
  const { device, secret } = await enrolDevice(plane, { device: "cam-1" });
  credentials = {
    none: [{}],
    wrong: [
      bearer("wrong"),
      bearer(plane.operatorToken.slice(1)),
      bearer(`${plane.operatorToken}x`),
      { authorization: plane.operatorToken },
      { authorization: "Bearer" },
      basic(device, "wrong"),
      basic("cam-2", secret),
      basic(device, plane.operatorToken),
    ],
    device: [basic(device, secret)],
    operator: [bearer(plane.operatorToken)],
    named: [bearer((await plane.controlPlane.services.operators.add("ada", "operator")).token)],
  };
});
afterAll(() => plane[Symbol.asyncDispose]());

describe("who may call what", () => {
  test("the table below has every route of the program", () => {
    // The list of routes needs no services: they are used only when a request comes.
    const app = createApp({ proxies: [] as readonly string[] } as Services);
    const served = app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`);
    expect([...new Set(served)].sort()).toEqual(routes.map((r) => `${r.method} ${r.route ?? r.path}`).sort());
  });

  describe.each(routes)("$method $path is for $for", (route) => {
    test.each(["none", "wrong", "device", "operator", "named"] as const)("credential: %s", async (credential) => {
      for (const headers of credentials[credential]) {
        const response = await call(plane.url, { ...route, headers: { ...route.headers, ...headers } });
        if (mayCall[route.for].includes(credential)) {
          expect([401, 403]).not.toContain(response.status);
          await response.arrayBuffer();
        } else if (credential === "named" && route.for === "the first operator") {
          expect(await problemIn(response, 403)).toMatchObject({ type: "urn:sedge:problem:forbidden" });
        } else {
          const problem = await problemIn(response, 401);
          expect(problem.type).toBe("urn:sedge:problem:unauthorized");
          expect(response.headers.get("www-authenticate")).toMatch(/^(?:Bearer|Basic) realm=/);
        }
      }
    });
  });

  test("the token of the metrics reads them, and nothing else", async () => {
    const headers = bearer(readFileSync(join(plane.data, "metrics-token"), "utf8").trim());
    const metrics = await call(plane.url, { method: "GET", path: "/metrics", headers });
    expect(metrics.status).toBe(200);
    await metrics.arrayBuffer();
    for (const path of ["/api/v1/status", `/artifacts/${digest}`])
      await problemIn(await call(plane.url, { method: "GET", path, headers }), 401);
  });

  test("what does not exist is not told to strangers", async () => {
    expect(await problemIn(await call(plane.url, { method: "GET", path: "/api/v1/nothing" }))).toMatchObject({
      status: 401,
    });
    expect(
      await problemIn(
        await call(plane.url, { method: "GET", path: "/api/v1/nothing", headers: bearer(plane.operatorToken) }),
      ),
    ).toMatchObject({ status: 404 });
  });
});

describe("every answer", () => {
  test("tells browsers to load, frame and guess nothing", async () => {
    for (const path of ["/healthz", "/api/v1/status", "/nothing"]) {
      const { headers } = await call(plane.url, { method: "GET", path, headers: bearer(plane.operatorToken) });
      expect(headers.get("content-security-policy")).toBe("default-src 'none'; frame-ancestors 'none'");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("access-control-allow-origin")).toBeNull();
    }
  });

  test("of the API is kept by nobody", async () => {
    const { headers } = await call(plane.url, {
      method: "GET",
      path: "/api/v1/status",
      headers: bearer(plane.operatorToken),
    });
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test("is refused to a foreign name for this loopback address", async () => {
    const foreign = await rawCall(plane.url, {
      method: "GET",
      path: "/api/v1/status",
      headers: { host: "evil.example", ...bearer(plane.operatorToken) },
    });
    expect(foreign.status).toBe(421);
    expect(foreign.headers["content-type"]).toBe("application/problem+json");
    const own = await rawCall(plane.url, { method: "GET", path: "/healthz", headers: { host: "localhost:1" } });
    expect(own.status).toBe(200);
  });

  test("names the methods of an address that was called with another one", async () => {
    const response = await call(plane.url, {
      method: "DELETE",
      path: "/api/v1/devices/cam-1",
      headers: bearer(plane.operatorToken),
    });
    expect(await problemIn(response)).toMatchObject({ status: 405 });
    expect(response.headers.get("allow")?.split(", ").sort()).toEqual(["GET", "HEAD", "PATCH"]);
  });
});
