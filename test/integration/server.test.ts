import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { verifySignature } from "../../control-plane/packaging/signing.ts";
import { encodeDeviceMessage } from "../../proto/codec.ts";
import type { DeviceId } from "../../proto/ids.ts";
import { parseDeviceId } from "../../proto/ids.ts";
import type { ModelAssignment } from "../../proto/assignment-messages.ts";
import { preAuthEncoding } from "../../proto/statements.ts";
import { deviceLeaves, topicOf } from "../../proto/topics.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { aPublicKey } from "../support/enrolment.ts";
import { aDevice, aModel, anAssignment, aRecord, aWindow, deviceMessages } from "../support/messages.ts";
import { connectRawClient } from "../support/raw-mqtt-client.ts";
import { aBirth, connectScriptedDevice, nothingReported } from "../support/scripted-device.ts";
import { openDatabase } from "../../control-plane/storage/database.ts";

async function enrol({ controlPlane }: TestControlPlane, device: DeviceId = aDevice): Promise<string> {
  const { enrolment, publishers } = controlPlane.services;
  if ((await publishers.list()).length === 0) await publishers.add(aPublicKey(), "operator");
  const { token } = await enrolment.createToken({ labels: { site: "lyon" }, expiresInMs: 60_000 });
  return (await enrolment.enrol({ token, device, labels: {}, hardware: "cm4" })).secret;
}

/** Waits for a condition, and fails with the test's own time limit. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

test("from enrolment to a stored window: born, online, acknowledged, counted", async () => {
  await using server = await startTestControlPlane();
  const { services } = server.controlPlane;
  const secret = await enrol(server);
  await using device = await connectScriptedDevice({ port: server.mqttPort, secret });
  await until(async () => (await services.devices.get(aDevice))?.presence.kind === "online");

  const records = [aRecord(1, aWindow()), aRecord(2, aWindow())];
  device.say({ kind: "telemetry", lane: "windows", epoch: "e1", records });
  expect(await device.ack(() => true)).toMatchObject({ lane: "windows", epoch: "e1", through: 2, rewind: false });
  const telemetryBytes = encodeDeviceMessage({ kind: "telemetry", lane: "windows", epoch: "e1", records }).length;
  expect(services.about.counters()).toMatchObject({
    "ingest.stored": 2,
    "messages.telemetryBytes": telemetryBytes,
  });

  device.say({ kind: "status", state: "offline", bootId: aBirth().bootId, connection: 1 });
  await until(async () => (await services.devices.get(aDevice))?.presence.kind === "offline");
  const kinds = (await services.events.lastOf(aDevice, 10)).map(({ kind }) => kind);
  expect(kinds).toEqual(["device.enrolled", "device.online", "device.offline"]);
});

test("a will of an old connection does not take the new one for offline", async () => {
  await using server = await startTestControlPlane();
  const { services } = server.controlPlane;
  const secret = await enrol(server);
  await using device = await connectScriptedDevice({ port: server.mqttPort, secret }, aBirth({ connection: 2 }));
  device.say({ kind: "status", state: "offline", bootId: aBirth().bootId, connection: 1 });
  device.say({ kind: "telemetry", lane: "windows", epoch: "e1", records: [aRecord(1)] });
  await device.ack(() => true);
  expect((await services.devices.get(aDevice))?.presence).toMatchObject({ kind: "online", connection: 2 });
});

test("a device that the database has fallen behind is overtaken with a new epoch", async () => {
  await using server = await startTestControlPlane();
  const { services } = server.controlPlane;
  const secret = await enrol(server);
  await using _device = await connectScriptedDevice(
    { port: server.mqttPort, secret },
    aBirth({ reported: { ...nothingReported, epoch: 4, generation: 9 } }),
  );
  await until(async () => (await services.devices.desired(aDevice))?.epoch === 5);
  expect((await services.events.lastOf(aDevice, 10)).map(({ kind }) => kind)).toContain("device.ahead");
});

test("the desired state is pushed after the birth, signed with the key that enrolment gave", async () => {
  await using first = await startTestControlPlane();
  const { data } = first;
  const secret = await enrol(first);
  await first.controlPlane[Symbol.asyncDispose]();
  const database = await openDatabase(join(data, "sedge.db"));
  await database.desired.set(aDevice, aModel, anAssignment().models[0] as ModelAssignment);
  await database[Symbol.asyncDispose]();

  await using server = await startTestControlPlane({ data });
  const { director } = server.controlPlane.services.about;
  await using device = await connectScriptedDevice({ port: server.mqttPort, secret });
  const { statement } = await device.hear("desired");
  const [signature] = statement.signatures;
  expect(signature?.keyId).toBe(director.keyId);
  const signed = preAuthEncoding(statement.payloadType, statement.payload);
  expect(verifySignature(director.publicKey, signed, signature?.signature ?? new Uint8Array())).toBe(true);
  expect(await device.assignment()).toMatchObject({ device: aDevice, epoch: 1, generation: 1 });
});

test("garbage on every topic harms nobody: it is counted, and the next message is taken in", async () => {
  await using server = await startTestControlPlane();
  const { services } = server.controlPlane;
  const secret = await enrol(server);
  await using device = await connectScriptedDevice({ port: server.mqttPort, secret });
  const garbage = (leaf: (typeof deviceLeaves)[number], payload: Uint8Array) =>
    device.client.send({
      cmd: "publish",
      topic: topicOf(aDevice, leaf),
      payload: Buffer.from(payload),
      qos: 0,
      retain: false,
      dup: false,
    });
  for (const leaf of deviceLeaves) {
    garbage(leaf, new Uint8Array());
    garbage(leaf, Uint8Array.of(0xff, 0xff, 0xff, 0xff));
    for (let i = 0; i < 10; i++) garbage(leaf, randomBytes(64 + i * 50));
  }
  const counted = () => services.about.counters();
  await until(async () => (counted()["broker.received"] ?? 0) >= 12 * deviceLeaves.length);
  expect(counted()["messages.undecodable"]).toBeGreaterThan(5 * deviceLeaves.length);
  device.say({ kind: "telemetry", lane: "windows", epoch: "e1", records: [aRecord(1)] });
  expect(await device.ack(() => true)).toMatchObject({ through: 1 });
});

test("a message on the topic of another kind is not taken in", async () => {
  await using server = await startTestControlPlane();
  const { services } = server.controlPlane;
  const secret = await enrol(server);
  await using device = await connectScriptedDevice({ port: server.mqttPort, secret });
  const payload = Buffer.from(encodeDeviceMessage(deviceMessages.reported));
  device.client.send({ cmd: "publish", topic: topicOf(aDevice, "tele"), payload, qos: 0, retain: false, dup: false });
  await until(async () => services.about.counters()["messages.misplaced"] === 1);
  expect((await services.devices.get(aDevice))?.reported).toEqual(nothingReported);
});

test("a revoked device is cut off and cannot come back", async () => {
  await using server = await startTestControlPlane();
  const secret = await enrol(server);
  await using device = await connectScriptedDevice({ port: server.mqttPort, secret });
  await until(async () => (await server.controlPlane.services.devices.get(aDevice))?.presence.kind === "online");
  await server.controlPlane.services.devices.revoke(aDevice, "operator");
  await device.client.closed;
  const address = { host: "127.0.0.1", port: server.mqttPort };
  const again = await connectRawClient(address, { clientId: aDevice, password: secret });
  expect(again.returnCode).not.toBe(0);
  await again.client[Symbol.asyncDispose]();
});

test("a token enrols one of many that come at once, and survives a device id that is taken", async () => {
  await using server = await startTestControlPlane();
  const { enrolment } = server.controlPlane.services;
  await enrol(server);
  const { token } = await enrolment.createToken({ labels: { site: "nice" }, expiresInMs: 60_000 });
  const ask = (device: string) =>
    enrolment.enrol({ token, device: parseDeviceId(device), labels: { site: "paris", shelf: "3" }, hardware: "" });
  await expect(ask(aDevice)).rejects.toMatchObject({ name: "ConflictError" });
  const answers = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => ask(`cam-${i}`)));
  const enrolled = answers.filter((answer) => answer.status === "fulfilled");
  expect(enrolled).toHaveLength(1);
  for (const answer of answers)
    if (answer.status === "rejected") expect(answer.reason).toMatchObject({ name: "EnrolmentRefusedError" });
  const device = await server.controlPlane.services.devices.get(enrolled[0]?.value.device as DeviceId);
  expect(device?.labels).toEqual({ site: "nice", shelf: "3" });
});

test("what keeps secrets can be read by its owner only, and the connection file goes with the server", async () => {
  const server = await startTestControlPlane();
  const { data } = server;
  for (const file of ["director-key.pem", "operator-token", "connection.json"])
    expect(statSync(join(data, file)).mode & 0o777).toBe(0o600);
  const connection = JSON.parse(readFileSync(join(data, "connection.json"), "utf8")) as { url: string };
  expect(connection.url).toBe(server.url);
  await server.controlPlane[Symbol.asyncDispose]();
  expect(existsSync(join(data, "connection.json"))).toBe(false);
  await server[Symbol.asyncDispose]();
});

test("a port that is taken is named, with the option that chooses another, and nothing stays behind", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => holder.once("listening", resolve));
  const port = String((holder.address() as AddressInfo).port);
  await expect(startTestControlPlane({ "http.port": port })).rejects.toThrow(
    new RegExp(`port ${port} on 127.0.0.1 .* --http-port`),
  );
  await expect(startTestControlPlane({ "mqtt.port": port })).rejects.toThrow(new RegExp(`port ${port} .* --mqtt-port`));
  holder.close();
});

test("a data directory that another control plane uses is refused", async () => {
  await using server = await startTestControlPlane();
  await expect(startTestControlPlane({ data: server.data })).rejects.toMatchObject({ name: "DatabaseInUseError" });
});
