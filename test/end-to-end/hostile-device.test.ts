import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { ModelPackage } from "../../control-plane/packaging/package-model.ts";
import { createPublisherKey } from "../../control-plane/packaging/publisher-key.ts";
import { seededRandom } from "../../edge-agent/adapters/memory/seeded-random.ts";
import { encodeDeviceMessage, leafOf } from "../../proto/codec.ts";
import { parseDeviceId } from "../../proto/ids.ts";
import type { DeviceMessage } from "../../proto/messages.ts";
import type { Window } from "../../proto/telemetry-messages.ts";
import { deviceLeaves, topicOf } from "../../proto/topics.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import type { EndToEndAgent } from "../support/end-to-end-agent.ts";
import { startAgent, untilAnswering, untilServing } from "../support/end-to-end-agent.ts";
import type { EndToEndControl } from "../support/end-to-end-control.ts";
import { operate, packageDigits, quickRollout, untilPhase } from "../support/end-to-end-control.ts";
import { until } from "../support/end-to-end-waiting.ts";
import { enrolDevice } from "../support/enrolment.ts";
import { basic, bearer, call, problemIn } from "../support/http-calls.ts";
import { aRecord, aWindow, deviceMessages } from "../support/messages.ts";
import { connectRawClient } from "../support/raw-mqtt-client.ts";
import { connectScriptedDevice } from "../support/scripted-device.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

// One honest device and its control plane, and beside them whatever has a network cable.

let directory: TemporaryDirectory;
let plane: TestControlPlane;
let control: EndToEndControl;
let honest: EndToEndAgent;
let first: ModelPackage;
const mischievous = parseDeviceId("mischievous");
let secret: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  plane = await startTestControlPlane({ "telemetry.window": "200ms", "drift.window": "500ms" });
  control = await operate(plane, directory.path);
  first = await control.push("1");
  const file = fileURLToPath(new URL("held-out-images.npy", digitsDirectory));
  honest = await startAgent(control, {
    id: "honest",
    data: join(directory.path, "honest"),
    labels: { kind: "honest" },
    config: { inputs: [{ kind: "generator", model: "digits", file, ratePerSecond: 25 }] },
  });
  await control.api.startRollout(quickRollout("1", { selector: "kind=honest" }));
  await untilServing(honest, "1");
  ({ secret } = await enrolDevice(plane, { device: mischievous, labels: { kind: "mischievous" } }));
});
afterAll(async () => {
  await honest[Symbol.asyncDispose]();
  await plane[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

let connectionsBefore: number;
beforeEach(async () => {
  connectionsBefore = (await honest.status()).connections;
});

/** The honest device noticed nothing: it kept its connection, and its telemetry is taken in. */
async function honestIsWell(): Promise<true> {
  const stored = () => control.api.status().then(({ counters }) => counters["ingest.stored"] ?? 0);
  const before = await stored();
  await until("telemetry of the honest device is stored", async () => (await stored()) > before + 2);
  expect(await honest.status()).toMatchObject({ connected: true, connections: connectionsBefore });
  expect(await untilAnswering(honest, ["1", "2"])).toMatch(/^[12]$/);
  return true;
}

function publishRaw(
  client: Awaited<ReturnType<typeof connectRawClient>>["client"],
  topic: string,
  payload: Uint8Array,
) {
  client.send({ cmd: "publish", topic, payload: Buffer.from(payload), qos: 0, retain: false, dup: false });
}

function connectMischievous() {
  return connectScriptedDevice({ port: plane.mqttPort, secret, id: mischievous });
}

it("bytes that are nearly messages, on every topic, harm nobody", async () => {
  await using device = await connectMischievous();
  const random = seededRandom(7);
  const messages = Object.values(deviceMessages);
  for (let i = 0; i < 600; i++) {
    const message = messages[Math.floor(random.next() * messages.length)] as DeviceMessage;
    const bytes = encodeDeviceMessage(message).slice();
    for (let flips = 0; flips < 1 + random.next() * 6; flips++)
      bytes[Math.floor(random.next() * bytes.length)] = Math.floor(random.next() * 256);
    const leaf = deviceLeaves[Math.floor(random.next() * deviceLeaves.length)] ?? "tele";
    publishRaw(device.client, topicOf(mischievous, random.next() < 0.7 ? leafOf(message) : leaf), bytes);
  }
  await until("they were looked at", async () => {
    const { counters } = await control.api.status();
    return Object.values(counters).length > 0 && plane.logged().some((line) => line.includes("cannot be read"));
  });
  expect(await honestIsWell()).toBe(true);
});

it("messages that are well formed and lie: what no device can have counted stops neither gates nor drift", async () => {
  await using device = await connectMischievous();
  const real = { package: first.digest, version: first.manifest.version, model: first.manifest.model };
  const most = 0xffff_ffff;
  const histogram = (bins: number, count: number) => ({ counts: new Uint32Array(bins).fill(count), missing: most });
  const lies: Partial<Window>[] = [
    { streams: [{ stream: 0, histogram: histogram(400, most) }] },
    { streams: [{ stream: 0, histogram: histogram(1, 5) }] },
    { streams: [{ stream: 255, histogram: histogram(3, 5) }] },
    { streams: [0, 0, 0].map((stream) => ({ stream, histogram: histogram(3, 5) })) },
    { inferences: most, errors: [{ class: "runtime", count: most }], latency: new Uint32Array(0) },
    { inferences: 0, errors: [{ class: "__proto__", count: 9 }] },
    { startedAtMs: 0, endedAtMs: Number.MAX_SAFE_INTEGER },
    { startedAtMs: 9, endedAtMs: 1 },
    { variant: "", version: aWindow().version },
  ];
  // Each in an epoch of its own: some are refused already where they are read.
  for (const [i, lie] of lies.entries()) {
    const records = [aRecord(1, aWindow({ ...real, ...lie }))];
    device.say({ kind: "telemetry", lane: "windows", epoch: `lie-${i}`, records });
  }
  await device.ack(({ epoch }) => epoch === "lie-0");
  const far = aRecord(Number.MAX_SAFE_INTEGER, { kind: "tombstone", from: 1, count: 1, bytes: -1, reason: "" });
  device.say({ kind: "telemetry", lane: "windows", epoch: "far", records: [far] });
  for (const offset of [0, 1, most]) device.say({ kind: "block-request", digest: first.digest, offset, length: most });
  device.say({ kind: "telemetry", lane: "windows", epoch: "after", records: [aRecord(1, aWindow(real))] });
  await device.ack(({ epoch }) => epoch === "after");

  // Drift is judged every half second, over these windows too; then a rollout with every gate.
  await control.push("2");
  const stage = { percent: 100, soakMs: 500, minInferences: 30 };
  const rollout = await control.api.startRollout({
    ...quickRollout("2", { selector: "kind=honest", stages: [stage] }),
    gates: { maxErrorRate: 0.5, maxLatencyRatio: 50, maxOutputDrift: 5 },
  });
  await untilServing(honest, "2");
  await untilPhase(control, rollout, "complete");
  await until("drift of version 2 was judged", async () =>
    (await control.api.drift()).some((row) => JSON.stringify(row).includes('"2"')),
  );
  expect(await honestIsWell()).toBe(true);
});

it("on another device's topics nobody hears it", async () => {
  await using device = await connectMischievous();
  const victim = parseDeviceId("honest");
  const { desired, ...before } = await control.api.device(victim);
  expect(desired?.models).toHaveLength(1);
  const birth = encodeDeviceMessage({
    ...(deviceMessages.birth as DeviceMessage & { kind: "birth" }),
    bootId: "stolen",
  });
  publishRaw(device.client, topicOf(victim, "birth"), birth);
  publishRaw(device.client, topicOf(victim, "desired"), Uint8Array.of(1));
  expect(await honestIsWell()).toBe(true);
  const after = await control.api.device(victim);
  expect(after.presence).toMatchObject({ kind: "online" });
  expect(JSON.stringify(after)).not.toContain("stolen");
  expect(after.enrolledAtMs).toBe(before.enrolledAtMs);
});

it("nobody comes in with a wrong secret, as a stranger, or as another device", async () => {
  const address = { host: "127.0.0.1", port: plane.mqttPort };
  for (const options of [
    { clientId: mischievous, password: `${secret}x` },
    { clientId: "nobody-knows-me", password: secret },
    { clientId: "honest", password: secret },
    { clientId: "honest", username: mischievous, password: secret },
    { clientId: mischievous },
  ]) {
    const { client, returnCode } = await connectRawClient(address, options);
    expect({ options, accepted: returnCode === 0 }).toEqual({ options, accepted: false });
    await client.closed;
  }
  for (const credential of [basic(mischievous, "wrong"), basic("nobody", secret), bearer(secret)]) {
    const path = `/artifacts/${first.digest}`;
    await problemIn(await call(plane.url, { method: "GET", path, headers: credential }), 401);
  }
  expect(await honestIsWell()).toBe(true);
});

it("raw noise on every port ends those connections and nothing else", async () => {
  const random = seededRandom(11);
  const noise = (bytes: number) => Buffer.from(Array.from({ length: bytes }, () => Math.floor(random.next() * 256)));
  const ports = [plane.mqttPort, Number(new URL(plane.url).port)];
  await Promise.all(
    Array.from({ length: 40 }, async (_, i) => {
      const socket = connect({ host: "127.0.0.1", port: ports[i % 2] as number });
      const closed = once(socket, "close");
      socket.on("error", () => socket.destroy());
      socket.resume();
      socket.write(noise(1 + Math.floor(random.next() * 9_000)));
      await closed;
    }),
  );
  expect(await honestIsWell()).toBe(true);
});

it("a revoked device is cut off, gets no file, and its application is answered all the same", async () => {
  const agent = await startAgent(control, {
    id: "to-be-revoked",
    data: join(directory.path, "to-be-revoked"),
    labels: { kind: "revoked" },
  });
  try {
    const rollout = await control.api.startRollout(quickRollout("2", { selector: "kind=revoked" }));
    await untilServing(agent, "2");
    await untilPhase(control, rollout, "complete");
    await control.api.revokeDevice(agent.id);
    await until("it is cut off", async () => !(await agent.status()).connected);
    const headers = basic(agent.id, agent.enrolment.secret);
    await problemIn(await call(plane.url, { method: "GET", path: `/artifacts/${first.digest}`, headers }), 401);
    const { connections } = await agent.status();
    await until("it has tried to come back", async () => (await agent.status()).connections > connections + 1);
    const { connected, connectionProblem } = await agent.status();
    expect(connected).toBe(false);
    expect(connectionProblem).toMatch(/refused: Bad username or password/);
    expect(await agent.ask()).toBe("2");
    expect((await control.api.status()).devices.revoked).toBe(1);
  } finally {
    await agent[Symbol.asyncDispose]();
  }
});

it("nothing enters the catalogue that is cut short, wrongly named, or signed by nobody it knows", async () => {
  const stranger = await createPublisherKey(join(directory.path, "stranger.pem"));
  const foreign = await packageDigits("3", stranger);
  const own = await packageDigits("3", control.publisher);
  const [file] = own.files;
  if (file === undefined) throw new Error("the package has no file");
  const put = (bytes: Uint8Array) => control.api.putArtifact(file.digest, bytes);
  await expect(put(file.bytes.subarray(0, -1))).rejects.toThrow(/damaged on the way/);
  await expect(put(Uint8Array.of())).rejects.toThrow(/damaged on the way/);
  expect(await control.api.hasArtifact(file.digest)).toBe(false);
  await expect(control.api.pushModel(own.bundle)).rejects.toThrow(new RegExp(file.digest));
  for (const { digest, bytes } of foreign.files) await control.api.putArtifact(digest, bytes);
  await expect(control.api.pushModel(foreign.bundle)).rejects.toThrow(/publisher|signed/);
  await expect(control.api.pushModel(own.bundle.map((byte, i) => (i === 300 ? byte ^ 1 : byte)))).rejects.toThrow(
    /signed|signature|payload|base64|JSON/,
  );
  const versions = (await control.api.models()).map(({ version }) => version);
  expect(versions.toSorted((a, b) => Number(a) - Number(b))).toEqual(["1", "2"]);
});

it("all of it left no fault in the control plane's log", () => {
  const faults = plane.logged().filter((line) => (JSON.parse(line) as { level: number | string }).level === "error");
  expect(faults).toEqual([]);
});
