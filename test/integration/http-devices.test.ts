import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { FleetEvent } from "../../control-plane/application/ports.ts";
import { readServerSentEvents } from "../../control-plane/cli/server-sent-events.ts";
import type { DeviceDetail, StatusReport } from "../../control-plane/http/views.ts";
import type { Call } from "../support/http-calls.ts";
import { basic, bearer, call, problemIn } from "../support/http-calls.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { enrolDevice, enrolmentToken, somebodyPublishes } from "../support/enrolment.ts";

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane[Symbol.asyncDispose]());

const asOperator = ({ headers, ...rest }: Call) =>
  call(plane.url, { ...rest, headers: { ...headers, ...bearer(plane.operatorToken) } });

async function read<T>(path: string): Promise<T> {
  const response = await asOperator({ method: "GET", path });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

const enrol = (body: object) => call(plane.url, { method: "POST", path: "/api/v1/enrol", body });

describe("enrolment", () => {
  test("where nobody publishes takes neither the token nor the name", async () => {
    const token = await enrolmentToken(plane);
    const problem = await problemIn(await enrol({ token, device: "early-1" }), 409);
    expect(problem.detail).toMatch(/`sedge publisher add`.* The token was not used/);
    expect((await asOperator({ method: "GET", path: "/api/v1/devices/early-1" })).status).toBe(404);
    // Who brings no token learns nothing of that.
    await problemIn(await enrol({ token: "never-made" }), 403);
    await somebodyPublishes(plane);
    expect((await enrol({ token, device: "early-1" })).status).toBe(201);
  });

  test("answers all that an agent needs, once for each token", async () => {
    const token = await enrolmentToken(plane, { site: "lyon" });
    const response = await enrol({ token, device: "cam-7", labels: { site: "turin", line: "4" }, hardware: "rpi-5" });
    expect(response.status).toBe(201);
    const enrolled = (await response.json()) as Record<string, unknown>;
    expect(enrolled).toMatchObject({
      device: "cam-7",
      secret: expect.stringMatching(/^[\w-]{40,}$/),
      mqtt: { tcp: expect.stringMatching(/^mqtt:\/\/127\.0\.0\.1:\d+$/) },
      trust: { director: { keyId: expect.stringMatching(/^[0-9a-f]{16}$/), publicKey: expect.any(String) } },
    });
    const device = await read<DeviceDetail>("/api/v1/devices/cam-7");
    // The operator who made the token has the last word on labels.
    expect(device).toMatchObject({ id: "cam-7", labels: { site: "lyon", line: "4" }, hardware: "rpi-5" });

    const used = await problemIn(await enrol({ token }), 403);
    const unknown = await problemIn(await enrol({ token: "never-made" }), 403);
    expect(used).toEqual(unknown);
  });

  test("chooses an id for a device that has none", async () => {
    const { device } = await enrolDevice(plane);
    expect((await read<DeviceDetail>(`/api/v1/devices/${device}`)).id).toBe(device);
  });

  test("does not give away the id of another device, nor the token for it", async () => {
    await enrolDevice(plane, { device: "cam-8" });
    const token = await enrolmentToken(plane);
    expect(await problemIn(await enrol({ token, device: "cam-8" }))).toMatchObject({ status: 409 });
    expect((await enrol({ token, device: "cam-9" })).status).toBe(201);
  });

  test("names every mistake of a device", async () => {
    const problem = await problemIn(await enrol({ token: "", device: "Cam 1", labels: { "a=b": "c" } }), 422);
    expect(problem.problems).toHaveLength(3);
  });
});

describe("devices", () => {
  test("are chosen by a selector", async () => {
    await enrolDevice(plane, { device: "sel-1", labels: { row: "a" } });
    await enrolDevice(plane, { device: "sel-2", labels: { row: "b" } });
    const { devices } = await read<{ devices: { id: string }[] }>("/api/v1/devices?selector=row%20in%20(a,b)");
    expect(devices.map(({ id }) => id).sort()).toEqual(["sel-1", "sel-2"]);
    expect(await read("/api/v1/devices?selector=row%3Db")).toMatchObject({ devices: [{ id: "sel-2" }] });
  });

  test("come in pages by their id, each of which says what the next one comes after", async () => {
    for (const device of ["page-1", "page-2", "page-3"]) await enrolDevice(plane, { device, labels: { paged: "yes" } });
    type Page = { readonly devices: readonly { readonly id: string }[]; readonly next?: string };
    const page = async (after: string) => {
      const { devices, next } = await read<Page>(`/api/v1/devices?selector=paged%3Dyes&limit=2&after=${after}`);
      return { ids: devices.map(({ id }) => id), next };
    };
    expect(await page("")).toEqual({ ids: ["page-1", "page-2"], next: "page-2" });
    expect(await page("page-2")).toEqual({ ids: ["page-3"], next: undefined });
    expect(await page("page-1")).toEqual({ ids: ["page-2", "page-3"], next: undefined });
    expect(await page("page-3")).toEqual({ ids: [], next: undefined });
  });

  test("get and lose labels one by one", async () => {
    await enrolDevice(plane, { device: "lab-1", labels: { site: "lyon", line: "4" } });
    const response = await asOperator({
      method: "PATCH",
      path: "/api/v1/devices/lab-1",
      body: { labels: { line: null, row: "a" } },
    });
    expect(await response.json()).toMatchObject({ id: "lab-1", labels: { site: "lyon", row: "a" } });
    expect((await read<DeviceDetail>("/api/v1/devices/lab-1")).labels).toEqual({ site: "lyon", row: "a" });
  });

  test("lose their credential when they are revoked", async () => {
    const { device, secret } = await enrolDevice(plane, { device: "gone-1" });
    const path = `/artifacts/sha256:${"0".repeat(64)}`;
    expect((await call(plane.url, { method: "GET", path, headers: basic(device, secret) })).status).toBe(404);
    for (let times = 0; times < 2; times++)
      expect((await asOperator({ method: "POST", path: "/api/v1/devices/gone-1/revoke" })).status).toBe(204);
    expect((await call(plane.url, { method: "GET", path, headers: basic(device, secret) })).status).toBe(401);
    expect((await read<DeviceDetail>("/api/v1/devices/gone-1")).revokedAtMs).toBeGreaterThan(0);
    expect(await problemIn(await asOperator({ method: "POST", path: "/api/v1/devices/nobody/revoke" }))).toMatchObject({
      status: 404,
    });
  });
});

describe("events", () => {
  test("are told of a device, after a number, and no more than asked for", async () => {
    await enrolDevice(plane, { device: "ev-1" });
    const { events } = await read<DeviceDetail>("/api/v1/devices/ev-1");
    expect(events.map(({ device }) => device)).toContain("ev-1");
    const all = await read<{ events: FleetEvent[] }>("/api/v1/events?after=0&limit=1000");
    const [first, second] = all.events;
    const after = await read<{ events: FleetEvent[] }>(`/api/v1/events?after=${first?.seq}&limit=1`);
    expect(after.events).toEqual([second]);
  });

  test("are followed as they happen, and again from where a follower was cut off", async () => {
    const follow = async (lastEventId?: string) => {
      const ended = new AbortController();
      const response = await fetch(`${plane.url}/api/v1/events/stream`, {
        headers: { ...bearer(plane.operatorToken), ...(lastEventId !== undefined && { "last-event-id": lastEventId }) },
        signal: ended.signal,
      });
      expect(response.headers.get("content-type")).toBe("text/event-stream");
      const events = readServerSentEvents(response.body as ReadableStream<Uint8Array>);
      return {
        next: async () => (await events.next()).value as { id: string; data: string },
        end: () => ended.abort(),
      };
    };
    const follower = await follow();
    await enrolDevice(plane, { device: "fol-1" });
    const first = await follower.next();
    expect(JSON.parse(first.data)).toMatchObject({ device: "fol-1", seq: Number(first.id) });
    follower.end();

    await enrolDevice(plane, { device: "fol-2" });
    const again = await follow(first.id);
    expect(JSON.parse((await again.next()).data)).toMatchObject({ device: "fol-2" });
    again.end();
  });
});

test("the status counts what is there", async () => {
  const status = await read<StatusReport>("/api/v1/status");
  const { devices } = await read<{ devices: unknown[] }>("/api/v1/devices");
  const { online, offline, unknown, revoked } = status.devices;
  expect(online + offline + unknown + revoked).toBe(devices.length);
  expect(status.addresses.http).toBe(plane.url);
  expect(await read("/api/v1/drift")).toEqual({ rows: [] });
  expect(await read("/api/v1/drift/alerts")).toEqual({ alerts: [] });
});

test("who guesses tokens is slowed down, whatever he guesses", async () => {
  await using own = await startTestControlPlane();
  const guess = (token: string) => call(own.url, { method: "POST", path: "/api/v1/enrol", body: { token } });
  for (let i = 0; i < 20; i++) expect(await problemIn(await guess(`guess-${i}`))).toMatchObject({ status: 403 });
  // Another one is granted every five seconds, which a busy machine may take for those.
  let slowed = await guess("one more");
  while (slowed.status === 403) slowed = await guess("one more");
  expect(await problemIn(slowed)).toMatchObject({ status: 429 });
  expect(slowed.headers.get("retry-after")).toMatch(/^[1-5]$/);
});
