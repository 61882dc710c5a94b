import { afterAll, beforeAll, expect, test } from "vitest";
import type { MetricsFormat } from "../../proto/metrics/metrics-format.ts";
import type { TestControlPlane } from "../support/control-plane.ts";
import { startTestControlPlane } from "../support/control-plane.ts";
import { enrolDevice } from "../support/enrolment.ts";
import { bearer, call } from "../support/http-calls.ts";
import { aDevice, aRecord, aWindow } from "../support/messages.ts";
import { readMetrics, valueIn } from "../support/read-metrics.ts";
import { connectScriptedDevice } from "../support/scripted-device.ts";

let plane: TestControlPlane;
beforeAll(async () => {
  plane = await startTestControlPlane();
});
afterAll(() => plane[Symbol.asyncDispose]());

async function scrape(format: MetricsFormat = "prometheus") {
  const accept = format === "openmetrics" ? "application/openmetrics-text; version=1.0.0" : "text/plain";
  const headers = { ...bearer(plane.operatorToken), accept };
  const response = await call(plane.url, { method: "GET", path: "/metrics", headers });
  return { type: response.headers.get("content-type"), families: readMetrics(await response.text(), format) };
}

test("what a device did is there in both formats, under the same series", async () => {
  const { secret } = await enrolDevice(plane, { device: aDevice });
  await enrolDevice(plane, { device: "cam-2" });
  await using device = await connectScriptedDevice({ port: plane.mqttPort, secret });
  const records = [aRecord(1, aWindow()), aRecord(2, aWindow())];
  const batch = { kind: "telemetry", lane: "windows", epoch: "e1", records } as const;
  device.say(batch);
  await device.ack(({ through }) => through === 2);
  device.say(batch);
  device.say({ ...batch, records: [aRecord(3, aWindow())] });
  await device.ack(({ through }) => through === 3);

  const { type, families } = await scrape();
  expect(type).toBe("text/plain; version=0.0.4; charset=utf-8");
  const values = {
    sedge_devices: { presence: "online" },
    sedge_telemetry_records_stored_total: { lane: "windows" },
    sedge_telemetry_batches_not_stored_total: { reason: "duplicate" },
    sedge_messages_received_total: { leaf: "birth" },
    sedge_stored_rows: { family: "telemetry" },
    sedge_storage_full: {},
    sedge_broker_dropped_total: { reason: "message-rate" },
    sedge_http_connections_refused_total: { reason: "too-many-of-address" },
  };
  const read = Object.entries(values).map(([name, labels]) => [name, valueIn(families, name, labels)]);
  expect(Object.fromEntries(read)).toEqual({
    sedge_devices: 1,
    sedge_telemetry_records_stored_total: 3,
    sedge_telemetry_batches_not_stored_total: 1,
    sedge_messages_received_total: 1,
    sedge_stored_rows: 3,
    sedge_storage_full: 0,
    sedge_broker_dropped_total: 0,
    sedge_http_connections_refused_total: 0,
  });
  expect(valueIn(families, "sedge_devices", { presence: "unknown" })).toBe(1);
  expect(valueIn(families, "sedge_telemetry_commit_duration_seconds_count")).toBeGreaterThan(0);
  expect(valueIn(families, "process_resident_memory_bytes")).toBeGreaterThan(1e6);

  const open = await scrape("openmetrics");
  expect(open.type).toBe("application/openmetrics-text; version=1.0.0; charset=utf-8");
  const seriesOf = (one: typeof families) =>
    [...one.values()]
      .flatMap(({ samples }) => samples.map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`))
      .sort();
  expect(seriesOf(open.families)).toEqual(seriesOf(families));
});

test("names, units and kinds are as Prometheus wants them", async () => {
  const { families } = await scrape();
  expect(families.size).toBeGreaterThan(30);
  for (const { name, kind, help } of families.values()) {
    expect(name).toMatch(/^(?:sedge|process|nodejs)_[a-z0-9_]+$/);
    expect(name.endsWith("_total")).toBe(kind === "counter");
    expect(name).not.toMatch(/_(?:ms|milliseconds|kib|mebibytes|percent)(?:_|$)/);
    expect(help).toMatch(/\.$/);
  }
});
