import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Rollout } from "../../control-plane/domain/rollout/rollout.ts";
import { secretHasher } from "../../control-plane/server/secret-hasher.ts";
import { openDatabase } from "../../control-plane/storage/database.ts";
import type { DeviceId } from "../../proto/ids.ts";
import { parseDeviceId } from "../../proto/ids.ts";
import type { Assignment } from "../../proto/assignment-messages.ts";
import type { ReportedState } from "../../proto/messages.ts";
import { aModel, aRecord, aWindow } from "../support/messages.ts";
import { aRecordOf, newVersion, oldVersion } from "../support/rollout-builders.ts";
import { runChild } from "../support/run-child.ts";
import type { TestChild } from "../support/run-child.ts";
import type { ScriptedDevice } from "../support/scripted-device.ts";
import { aBirth, connectScriptedDevice } from "../support/scripted-device.ts";

const program = new URL("../support/children/serve-until-killed.ts", import.meta.url);
const devices = ["cam-1", "cam-2", "cam-3", "cam-4"].map(parseDeviceId);
const secret = "a secret of the test";

let data: string;
beforeEach(async () => {
  data = mkdtempSync(join(tmpdir(), "sedge-test-"));
  await using database = await openDatabase(join(data, "sedge.db"));
  await database.models.add(aRecordOf(oldVersion));
  await database.models.add(aRecordOf(newVersion));
});
afterEach(() => rmSync(data, { recursive: true, force: true }));

/** After the first start, because a control plane makes its key only before it has devices. */
async function addDevices(): Promise<void> {
  await using database = await openDatabase(join(data, "sedge.db"));
  for (const id of devices)
    await database.devices.add({
      id,
      labels: {},
      hardware: "cm4",
      secretHash: secretHasher.hash(secret),
      enrolledAtMs: 1,
    });
}

interface Server extends AsyncDisposable {
  readonly child: TestChild;
  readonly port: number;
  ask(path: string, body?: object): Promise<unknown>;
}

async function serve(): Promise<Server> {
  const child = runChild(program, [data]);
  const addresses = JSON.parse(await child.line((line) => line.startsWith("{"))) as { http: string; mqttTcp: string };
  const token = readFileSync(join(data, "operator-token"), "utf8").trim();
  return {
    child,
    [Symbol.asyncDispose]: () => child.kill(),
    port: Number(new URL(addresses.mqttTcp).port),
    async ask(path, body) {
      const response = await fetch(`${addresses.http}/api/v1/${path}`, {
        headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
        ...(body && { method: "POST", body: JSON.stringify(body) }),
      });
      if (!response.ok) throw new Error(await response.text());
      return response.json();
    },
  };
}

function running(version: typeof oldVersion, assignment?: Assignment): ReportedState {
  const active = { version: version.version, package: version.package, variant: "fp32" };
  const { epoch, generation } = assignment ?? { epoch: 0, generation: 0 };
  const model = { model: aModel, active, candidate: undefined, previous: undefined, phase: "idle" as const };
  return { epoch, generation, refusal: "", models: [{ ...model, failure: undefined }] };
}

function connectAll(server: Server, connection: number): Promise<ScriptedDevice[]> {
  return Promise.all(
    devices.map((id) =>
      connectScriptedDevice(
        { port: server.port, secret, id },
        aBirth({ bootId: id, connection, reported: running(oldVersion) }),
      ),
    ),
  );
}

/** Takes the new version when it is assigned, and shows that it runs. */
async function confirm(device: ScriptedDevice): Promise<void> {
  const assignment = await device.assignment(({ models }) =>
    models.some(({ package: wanted }) => wanted === newVersion.package),
  );
  device.say({ kind: "reported", reported: running(newVersion, assignment) });
  const window = aWindow({ package: newVersion.package, version: newVersion.version, inferences: 100, errors: [] });
  device.say({ kind: "telemetry", lane: "windows", epoch: "e1", records: [aRecord(1, window)] });
  await device.ack(({ through }) => through === 1);
}

async function phaseOf(server: Server): Promise<Rollout["phase"]> {
  return ((await server.ask("rollouts/r-1")) as Rollout).phase;
}

test("a control plane that is killed in the middle of a rollout goes on with it", async () => {
  await using empty = await serve();
  await empty.child.kill();
  await addDevices();

  await using first = await serve();
  const before = await connectAll(first, 1);
  const stage = { soakMs: 0, minInferences: 50 };
  await first.ask("rollouts", {
    id: "r-1",
    model: aModel,
    version: newVersion.version,
    stages: [
      { ...stage, name: "canary", percent: 25 },
      { ...stage, name: "everyone", percent: 100 },
    ],
    gates: { maxErrorRate: null, maxLatencyRatio: null, maxOutputDrift: null },
    soak: { durationMs: 0 },
  });
  const canary = await Promise.race(before.map((device) => device.assignment().then((): DeviceId => device.id)));
  await first.child.kill();
  for (const device of before) await device[Symbol.asyncDispose]();

  await using second = await serve();
  expect(await phaseOf(second)).toMatchObject({ kind: "running", stage: 0 });
  const after = await connectAll(second, 2);
  const canaryAgain = after.find(({ id }) => id === canary) as ScriptedDevice;
  expect(await canaryAgain.assignment()).toMatchObject({ device: canary, epoch: 1, generation: 1 });
  await Promise.all(after.map(confirm));
  while ((await phaseOf(second)).kind !== "complete") await new Promise((resolve) => setTimeout(resolve, 50));

  const { updates } = (await second.ask("rollouts/r-1")) as { updates: { device: DeviceId; state: string }[] };
  expect(updates.map(({ state }) => state)).toEqual(devices.map(() => "confirmed"));
  for (const device of after) await device[Symbol.asyncDispose]();
});
