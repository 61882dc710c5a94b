import BetterSqlite from "better-sqlite3";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { RolloutDetail } from "../../control-plane/http/views.ts";
import { decodeDeviceMessage } from "../../proto/codec.ts";
import type { TelemetryRecord } from "../../proto/telemetry-messages.ts";
import { digitsDirectory } from "../fixtures/read-digits.ts";
import type { EndToEndAgent } from "../support/end-to-end-agent.ts";
import { startAgent, untilServing } from "../support/end-to-end-agent.ts";
import type { EndToEndControl } from "../support/end-to-end-control.ts";
import { operate, quickRollout, untilPhase } from "../support/end-to-end-control.ts";
import type { MqttTap } from "../support/end-to-end-mqtt-tap.ts";
import { startMqttTap } from "../support/end-to-end-mqtt-tap.ts";
import type { ServerPlace, ServerProcess } from "../support/end-to-end-server.ts";
import { lastingPort, startServer } from "../support/end-to-end-server.ts";
import { eventually } from "../support/end-to-end-waiting.ts";
import type { TemporaryDirectory } from "../support/temporary-directory.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

// `sedge serve`, killed with kill -9 again and again while three real agents update and report.

const devices = ["north", "south", "west"];
const flags = ["--telemetry-window", "200ms", "--log-level", "warn", "--log-format", "json"];
const camera = {
  kind: "generator",
  model: "digits",
  file: fileURLToPath(new URL("held-out-images.npy", digitsDirectory)),
  ratePerSecond: 20,
};

let directory: TemporaryDirectory;
let place: ServerPlace;
let server: ServerProcess;
let control: EndToEndControl;
let tap: MqttTap;
const agents: EndToEndAgent[] = [];

beforeAll(async () => {
  directory = await temporaryDirectory();
  const data = join(directory.path, "control-plane");
  place = { data, httpPort: await lastingPort(), mqttPort: await lastingPort() };
  server = await startServer(place, flags);
  tap = await startMqttTap(() => place.mqttPort);
  control = await operate(server, directory.path);
  await control.push("1");
  await control.push("2");
  for (const [i, id] of devices.entries())
    agents.push(
      await startAgent(control, {
        id,
        data: join(directory.path, id),
        config: { inputs: [{ ...camera, seed: i + 1 }] },
        believe: () => ({ mqttUrls: [tap.url] }),
      }),
    );
});
afterAll(async () => {
  for (const agent of agents) await agent[Symbol.asyncDispose]();
  await tap[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});

async function killAndServeAgain(): Promise<void> {
  await server.process.kill();
  server = await startServer(place, flags);
}

/** What the database holds: records by `device lane epoch`, in the order in which they were stored. */
function storedRecords(): Map<string, TelemetryRecord[]> {
  const database = new BetterSqlite(join(place.data, "sedge.db"), { readonly: true });
  try {
    const rows = database.prepare("select device, lane, epoch, payload from telemetry_record order by id").all() as {
      device: string;
      lane: string;
      epoch: string;
      payload: Buffer;
    }[];
    const records = new Map<string, TelemetryRecord[]>();
    for (const { device, lane, epoch, payload } of rows) {
      const batch = decodeDeviceMessage(new Uint8Array(payload));
      if (!batch.ok || batch.value.kind !== "telemetry") throw new Error("a stored record cannot be read");
      const key = `${device} ${lane} ${epoch}`;
      records.set(key, [...(records.get(key) ?? []), ...batch.value.records]);
    }
    return records;
  } finally {
    database.close();
  }
}

it("goes on with its rollout after each kill, and keeps every acknowledged record exactly once", async () => {
  const first = await control.api.startRollout(quickRollout("1"));
  for (const agent of agents) await untilServing(agent, "1");
  await untilPhase(control, first, "complete");

  const stage = { soakMs: 300, minInferences: 20 };
  const { id } = await control.api.startRollout(
    quickRollout("2", {
      stages: [
        { ...stage, percent: 34 },
        { ...stage, percent: 100 },
      ],
      soak: { durationMs: 700, minInferences: 0, deadlineMs: 700 },
    }),
  );
  const moments: readonly [string, (rollout: RolloutDetail) => boolean][] = [
    ["it has just been accepted", () => true],
    ["the first device is assigned", ({ updates }) => updates.some(({ state }) => state !== "waiting")],
    ["the first device has confirmed", ({ updates }) => updates.some(({ state }) => state === "confirmed")],
    ["the second stage has begun", ({ phase }) => phase.kind === "running" && phase.stage === 1],
    ["the second device has confirmed", ({ updates }) => updates.filter((u) => u.state === "confirmed").length > 1],
  ];
  const phases: string[] = [];
  for (const [moment, hasCome] of moments) {
    await eventually(moment, async () => {
      const rollout = await control.api.rollout(id);
      if (!hasCome(rollout)) return undefined;
      phases.push(rollout.phase.kind);
      return true;
    });
    await killAndServeAgain();
  }
  // The kills hit a rollout that was under way, or they would prove nothing.
  expect(phases.slice(0, 4)).toEqual(["running", "running", "running", "running"]);
  await untilPhase(control, { id } as RolloutDetail, "complete");
  for (const agent of agents) await untilServing(agent, "2");
  const { updates } = await control.api.rollout(id);
  expect(updates.map(({ state }) => state)).toEqual(devices.map(() => "confirmed"));

  // Once more, at a moment that only telemetry knows.
  const acknowledgements = tap.count("ack");
  await eventually("more telemetry is acknowledged", () =>
    tap.count("ack") > acknowledgements + 5 ? true : undefined,
  );
  await server.process.kill();

  const stored = storedRecords();
  expect(tap.acknowledged.size).toBe(2 * devices.length);
  for (const [spool, through] of tap.acknowledged) {
    const records = stored.get(spool) ?? [];
    expect({ spool, hasAll: records.length >= through }).toEqual({ spool, hasAll: true });
    expect({ spool, seqs: records.map(({ seq }) => seq) }).toEqual({ spool, seqs: records.map((_, i) => i + 1) });
    expect({ spool, records }).toEqual({ spool, records: records.map(({ seq }) => tap.sent.get(spool)?.get(seq)) });
  }
  const windows = [...tap.acknowledged].filter(([spool]) => spool.includes(" windows "));
  expect(Math.min(...windows.map(([, through]) => through))).toBeGreaterThan(20);
});
