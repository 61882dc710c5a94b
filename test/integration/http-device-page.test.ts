import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../../control-plane/server/config.ts";
import { createLogger } from "../../control-plane/server/logger.ts";
import { startControlPlane } from "../../control-plane/server/services.ts";
import { aPublicKey } from "../support/enrolment.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { call, problemIn, rawCall } from "../support/http-calls.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

const program = "export const answer = 42;\n".repeat(100);

let directory: TemporaryDirectory;
let folder: string;
let plane: TestControlPlane;

beforeAll(async () => {
  directory = await temporaryDirectory();
  folder = join(directory.path, "page");
  await mkdir(join(folder, "assets"), { recursive: true });
  await writeFile(join(directory.path, "secret.js"), "not in the folder");
  await writeFile(join(folder, "index.html"), "<!doctype html>");
  await writeFile(join(folder, "agent.js"), program);
  await writeFile(join(folder, "assets", "page-Ab3_xY9z.js"), program);
  await writeFile(join(folder, "assets", "runtime-Ab3_xY9z.wasm"), Uint8Array.of(0, 0x61, 0x73, 0x6d));
  await writeFile(join(folder, "notes.txt"), "of a type that no page is made of");
  plane = await startTestControlPlane({ "http.devicePage": folder, "mqtt.webSocketPort": "0" });
});
afterAll(async () => {
  await plane[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
  call(plane.url, { method: "GET", path, headers });

describe("the device page", () => {
  it("is there for everybody, and may load its own code and talk to this server and its broker only", async () => {
    const response = await get("/device/");
    expect(await response.text()).toBe("<!doctype html>");
    const webSocket = plane.controlPlane.addresses.mqttWebSocket;
    expect(Object.fromEntries(response.headers)).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "cache-control": "no-cache",
      "content-security-policy":
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; img-src 'self'; " +
        `connect-src 'self' ${webSocket}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
      "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    });
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("is found without the slash too", async () => {
    const response = await rawCall(plane.url, { method: "GET", path: "/device" });
    expect(response).toMatchObject({ status: 308, headers: { location: "device/" } });
  });

  it.each([
    ["assets/page-Ab3_xY9z.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"],
    ["assets/runtime-Ab3_xY9z.wasm", "application/wasm", "public, max-age=31536000, immutable"],
    ["agent.js", "text/javascript; charset=utf-8", "no-cache"],
  ])("has %s as %s, %s", async (path, type, caching) => {
    const { headers } = await get(`/device/${path}`);
    expect([headers.get("content-type"), headers.get("cache-control")]).toEqual([type, caching]);
    // A worker takes its policy from its own program.
    expect(headers.get("content-security-policy")).toContain("'wasm-unsafe-eval'");
  });

  it("comes packed to those who can unpack it", async () => {
    const packed = await rawCall(plane.url, {
      method: "GET",
      path: "/device/agent.js",
      headers: { "accept-encoding": "br, gzip" },
    });
    expect(packed.headers).toMatchObject({ "content-encoding": "gzip", vary: expect.stringContaining("ccept-") });
    expect(Number(packed.headers["content-length"] ?? 0)).toBeLessThan(program.length);
    const whole = await get("/device/agent.js");
    expect(await whole.text()).toBe(program);
    const plain = await rawCall(plane.url, { method: "GET", path: "/device/agent.js" });
    expect(plain.headers["content-encoding"]).toBeUndefined();
  });

  it.each(["notes.txt", "nothing.js", "assets", "%2e%2e/secret.js", "..%2fsecret.js", "assets/../../secret.js"])(
    "has no %s",
    async (path) => {
      const response = await rawCall(plane.url, { method: "GET", path: `/device/${path}` });
      expect(response.status).toBe(404);
    },
  );

  it("is not there unless it is asked for", async () => {
    await using closed = await startTestControlPlane({ "mqtt.webSocketPort": "0" });
    const response = await call(closed.url, { method: "GET", path: "/device/" });
    expect(await problemIn(response, 404)).toMatchObject({ status: 404 });
    expect(closed.controlPlane.addresses.devicePage).toBeUndefined();
  });

  it("is missed at the start, with what to do, where it was not built", async () => {
    await expect(startTestControlPlane({ "http.devicePage": join(directory.path, "empty") })).rejects.toThrow(
      /holds no index\.html: name the folder/,
    );
  });
});

describe("a page of another origin", () => {
  const named = "https://kiosk.example";
  const preflight = {
    method: "OPTIONS",
    path: "/api/v1/enrol",
    headers: {
      origin: named,
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type",
    },
  };

  it("may not even ask, unless it is named", async () => {
    const response = await call(plane.url, preflight);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    expect(response.ok).toBe(false);
  });

  it("may enrol and fetch files where it is named, and nothing else; another one may not", async () => {
    const file = join(directory.path, "named.yaml");
    const data = join(directory.path, "named");
    await writeFile(file, `mqtt: { webSocketOrigins: ["${named}"], webSocketUrl: "wss://hub.example/mqtt" }\n`);
    const flags = { data, "http.port": "0", "mqtt.port": "0", "mqtt.webSocketPort": "0" };
    const config = await readConfig({ environment: {}, file, flags });
    await using other = await startControlPlane(config, createLogger(config.log, { write: () => {} }), "test");
    const { http: url } = other.addresses;
    const allowed = await call(url, preflight);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get("access-control-allow-origin")).toBe(named);
    expect(allowed.headers.get("access-control-allow-credentials")).toBeNull();

    await other.services.publishers.add(aPublicKey(), "operator");
    const { token } = await other.services.enrolment.createToken({ labels: {}, expiresInMs: 60_000 });
    const enrolled = await call(url, {
      method: "POST",
      path: "/api/v1/enrol",
      headers: { origin: named },
      body: { token },
    });
    expect(enrolled.headers.get("access-control-allow-origin")).toBe(named);
    expect(await enrolled.json()).toMatchObject({ mqtt: { webSocket: "wss://hub.example/mqtt" } });

    for (const [path, origin] of [
      ["/api/v1/enrol", "https://evil.example"],
      ["/api/v1/devices", named],
      ["/healthz", named],
    ] as const) {
      const refused = await call(url, { ...preflight, path, headers: { ...preflight.headers, origin } });
      expect(refused.headers.get("access-control-allow-origin")).toBeNull();
    }
  });
});
