import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Setting } from "../../control-plane/server/config.ts";
import { readConfig } from "../../control-plane/server/config.ts";
import { createLogger } from "../../control-plane/server/logger.ts";
import type { ControlPlane } from "../../control-plane/server/services.ts";
import { startControlPlane } from "../../control-plane/server/services.ts";

export interface TestControlPlane extends AsyncDisposable {
  readonly controlPlane: ControlPlane;
  /** Base of the HTTP interface. */
  readonly url: string;
  readonly mqttPort: number;
  readonly operatorToken: string;
  readonly data: string;
  /** What it logged, as JSON lines. */
  readonly logged: () => readonly string[];
}

/** A whole control plane on free ports of 127.0.0.1, in a folder that disappears with it. */
export async function startTestControlPlane(
  settings: Readonly<Partial<Record<Setting, string>>> = {},
): Promise<TestControlPlane> {
  const data = settings.data ?? mkdtempSync(join(tmpdir(), "sedge-control-plane-"));
  const flags = { data, "http.port": "0", "mqtt.port": "0", "log.format": "json", ...settings };
  const config = await readConfig({ environment: {}, flags });
  const lines: string[] = [];
  const log = createLogger(config.log, { write: (line) => lines.push(line) });
  const removeOwnData = () => {
    if (settings.data === undefined) rmSync(data, { recursive: true, force: true });
  };
  const controlPlane = await startControlPlane(config, log, "0.0.0-test").catch((error: unknown) => {
    removeOwnData();
    throw error;
  });
  return {
    controlPlane,
    url: controlPlane.addresses.http,
    mqttPort: Number(new URL(controlPlane.addresses.mqttTcp).port),
    operatorToken: readFileSync(controlPlane.operatorTokenFile, "utf8").trim(),
    data,
    logged: () => lines,
    async [Symbol.asyncDispose]() {
      await controlPlane[Symbol.asyncDispose]();
      removeOwnData();
    },
  };
}
