import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { limits } from "../../proto/limits.ts";
import { basic, bearer, call, cutOffCall, problemIn, rawCall } from "../support/http-calls.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { patienceMs } from "../support/end-to-end-waiting.ts";
import { enrolDevice } from "../support/enrolment.ts";

const bytes = randomBytes(300_000);
const digest = digestOf(bytes);
const octets = { "content-type": "application/octet-stream" };

let plane: TestControlPlane;
let asDevice: Readonly<Record<string, string>>;
beforeAll(async () => {
  plane = await startTestControlPlane();
  const { device, secret } = await enrolDevice(plane);
  asDevice = basic(device, secret);
  await put(digest, bytes);
});
afterAll(() => plane[Symbol.asyncDispose]());

function digestOf(content: Uint8Array): string {
  return `sha256:${createHash("sha256").update(content).digest("hex")}`;
}

function put(name: string, body: Uint8Array | string, headers: Readonly<Record<string, string>> = octets) {
  return call(plane.url, {
    method: "PUT",
    path: `/api/v1/artifacts/${name}`,
    body,
    headers: { ...bearer(plane.operatorToken), ...headers },
  });
}

function get(headers: Readonly<Record<string, string>> = {}, method = "GET") {
  return call(plane.url, { method, path: `/artifacts/${digest}`, headers: { ...asDevice, ...headers } });
}

async function content(response: Response): Promise<Buffer> {
  return Buffer.from(await response.arrayBuffer());
}

describe("upload", () => {
  test("of what is there already changes nothing", async () => {
    expect((await put(digest, bytes)).status).toBe(204);
  });

  test("of other bytes than the name says is refused, and nothing is kept", async () => {
    const name = digestOf(Buffer.from("right"));
    expect(await problemIn(await put(name, "wrong"))).toMatchObject({ status: 422 });
    const head = { method: "HEAD", path: `/api/v1/artifacts/${name}`, headers: bearer(plane.operatorToken) };
    expect((await call(plane.url, head)).status).toBe(404);
    expect((await put(name, "right")).status).toBe(201);
    expect((await call(plane.url, head)).status).toBe(200);
  });

  test("of another type: 415; of more than a variant may have: 413, before it is sent", async () => {
    expect(await problemIn(await put(digest, "x", { "content-type": "text/plain" }))).toMatchObject({ status: 415 });
    const announced = await rawCall(plane.url, {
      method: "PUT",
      path: `/api/v1/artifacts/${digestOf(Buffer.from("huge"))}`,
      headers: { ...octets, ...bearer(plane.operatorToken) },
      contentLength: limits.variantBytes + 1,
    });
    expect(announced.status).toBe(413);
  });

  test("that is cut off leaves nothing, and is no fault of the control plane", async () => {
    const name = digestOf(Buffer.from("never whole"));
    await cutOffCall(plane.url, {
      method: "PUT",
      path: `/api/v1/artifacts/${name}`,
      headers: { ...octets, ...bearer(plane.operatorToken) },
      contentLength: 1_000_000,
    });
    await vi.waitFor(() => expect(plane.logged().join("")).toContain(name), { timeout: patienceMs });
    const lines = plane.logged().map((line) => JSON.parse(line) as { level: string; path?: string });
    expect(lines.filter(({ path }) => path?.includes(name)).map(({ level }) => level)).not.toContain("error");
    const head = { method: "HEAD", path: `/api/v1/artifacts/${name}`, headers: bearer(plane.operatorToken) };
    expect((await call(plane.url, head)).status).toBe(404);
  });

  test("of nothing is a file of no bytes", async () => {
    const empty = digestOf(new Uint8Array());
    expect((await put(empty, "")).status).toBe(201);
    const response = await call(plane.url, { method: "GET", path: `/artifacts/${empty}`, headers: asDevice });
    expect({ status: response.status, size: (await content(response)).length }).toEqual({ status: 200, size: 0 });
  });
});

describe("download", () => {
  test("of the whole file", async () => {
    const response = await get();
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      etag: `"${digest}"`,
      "accept-ranges": "bytes",
      "content-length": "300000",
      "content-type": "application/octet-stream",
    });
    expect(await content(response)).toEqual(bytes);
  });

  test("goes on where it was cut", async () => {
    const cut = new AbortController();
    const response = await fetch(`${plane.url}/artifacts/${digest}`, { headers: asDevice, signal: cut.signal });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const first = (await reader.read()).value as Uint8Array;
    cut.abort();
    const rest = await get({ range: `bytes=${first.length}-`, "if-range": `"${digest}"` });
    expect(rest.status).toBe(206);
    expect(rest.headers.get("content-range")).toBe(`bytes ${first.length}-299999/300000`);
    expect(digestOf(Buffer.concat([first, await content(rest)]))).toBe(digest);
  });

  test("of one range", async () => {
    const response = await get({ range: "bytes=100-199" });
    expect(response.status).toBe(206);
    expect(response.headers.get("content-length")).toBe("100");
    expect(await content(response)).toEqual(bytes.subarray(100, 200));
    expect(await content(await get({ range: "bytes=-5" }))).toEqual(bytes.subarray(-5));
  });

  test("of a range beyond the end: 416, with the size", async () => {
    const response = await get({ range: "bytes=300000-" });
    expect(await problemIn(response)).toMatchObject({ status: 416 });
    expect(response.headers.get("content-range")).toBe("bytes */300000");
  });

  test("of a range of another file is the whole of this one", async () => {
    const response = await get({ range: "bytes=100-199", "if-range": '"sha256:other"' });
    expect(response.status).toBe(200);
    expect(await content(response)).toEqual(bytes);
  });

  test("HEAD tells the same without the bytes", async () => {
    const response = await get({ range: "bytes=0-9" }, "HEAD");
    expect(response.status).toBe(206);
    expect(response.headers.get("content-length")).toBe("10");
    expect((await content(response)).length).toBe(0);
  });

  test("leaves a connection that is used again within a minute, as proxies do", async () => {
    const { headers } = await rawCall(plane.url, { method: "GET", path: `/artifacts/${digest}`, headers: asDevice });
    expect(headers["keep-alive"]).toBe("timeout=65");
  });

  test("by the operator is the same file", async () => {
    const path = `/api/v1/artifacts/${digest}`;
    const response = await call(plane.url, { method: "GET", path, headers: bearer(plane.operatorToken) });
    expect(await content(response)).toEqual(bytes);
  });
});
