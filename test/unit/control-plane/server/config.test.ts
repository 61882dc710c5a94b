import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readConfig } from "../../../../control-plane/server/config.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sedge-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function yaml(text: string): string {
  const file = join(folder, "sedge.yaml");
  writeFileSync(file, text);
  return file;
}

test("without any word it listens on loopback and keeps its data in ./.sedge", async () => {
  expect(await readConfig({ environment: {} })).toMatchObject({
    data: ".sedge",
    http: { host: "127.0.0.1", port: 4680 },
    mqtt: { host: "127.0.0.1", port: 1883 },
    drift: { window: 300_000 },
    telemetry: { window: 60_000, retention: 14 * 24 * 3_600_000, mebibytes: 4_096, deviceMebibytes: 256 },
    proxies: [],
  });
});

test("the file is stronger than the environment, and flags are stronger than the file", async () => {
  const file = yaml("http: { port: 2 }\nmqtt: { port: 20 }\ndrift: { window: 2s }\n");
  const environment = { SEDGE_HTTP_PORT: "1", SEDGE_MQTT_PORT: "10", SEDGE_DRIFT_WINDOW: "1s", SEDGE_DATA: "/data" };
  const config = await readConfig({ environment, file, flags: { "http.port": "3" } });
  expect(config).toMatchObject({ data: "/data", http: { port: 3 }, mqtt: { port: 20 }, drift: { window: 2_000 } });
});

test("room is a whole number of mebibytes, and proxies are addresses", async () => {
  const environment = { SEDGE_TELEMETRY_MEBIBYTES: "2048" };
  expect(
    await readConfig({ environment, file: yaml("proxies: [10.0.0.5, '::1', '2001:DB8:0:0::5']\n") }),
  ).toMatchObject({
    telemetry: { mebibytes: 2_048 },
    proxies: ["10.0.0.5", "::1", "2001:db8::5"],
  });
  const file = yaml("proxies: [hub.example]\ndeviceLogs: { mebibytes: 0.5 }\n");
  const reading = readConfig({ environment: {}, file, flags: { "telemetry.mebibytes": "lots" } });
  await expect(reading).rejects.toThrow(
    /proxies\.0: must be an IP address.*telemetry\.mebibytes: must be a whole number of mebibytes.*--telemetry-mebibytes.*deviceLogs\.mebibytes/,
  );
});

test("every mistake is named at once, with where it was made", async () => {
  const file = yaml("htpp: { port: 2 }\ntelemetry: { window: soon }\ningest: { flushRecords: 0 }\n");
  const environment = { SEDGE_MQTT_PORT: "many" };
  const reading = readConfig({ environment, file, flags: { "http.port": "70000", "log.level": "loud" } });
  await expect(reading).rejects.toMatchObject({ name: "ConfigError" });
  const problems = await reading.catch((error: { problems: readonly string[] }) => error.problems);
  const named = [
    /htpp/,
    /telemetry\.window: .*soon/,
    /ingest\.flushRecords/,
    /SEDGE_MQTT_PORT/,
    /--http-port/,
    /--log-level/,
  ];
  for (const mistake of named) expect((problems as readonly string[]).join("\n")).toMatch(mistake);
});

test("a file that is missing or no settings is a mistake, not a fault", async () => {
  const missing = readConfig({ environment: {}, file: join(folder, "none.yaml") });
  await expect(missing).rejects.toMatchObject({ name: "ConfigError" });
  const list = readConfig({ environment: {}, file: yaml("- 1\n") });
  await expect(list).rejects.toMatchObject({ name: "ConfigError" });
});

test("names in a file cannot reach the prototype of objects", async () => {
  const reading = readConfig({ environment: {}, file: yaml("__proto__: { polluted: 1 }\n") });
  await reading.catch(() => undefined);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("a configuration does not change", async () => {
  const config = await readConfig({ environment: {} });
  expect(() => Object.assign(config.http, { port: 1 })).toThrow(/read only/);
});
