import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import type { DeviceId } from "../../proto/ids.ts";
import { createApiClient } from "../../control-plane/cli/api-client.ts";
import type { ApiClient } from "../../control-plane/cli/api-client.ts";
import { findConnection } from "../../control-plane/cli/connection.ts";
import { aPublicKey } from "../support/enrolment.ts";
import { inParallel } from "./load-device.ts";

/** The built control plane in a process of its own, as in production: the load generator must not share its event loop. */
export interface ControlPlaneProcess extends AsyncDisposable {
  readonly pid: number;
  readonly api: ApiClient;
  readonly mqttPort: number;
  readonly data: string;
}

export interface EnrolledDevice {
  readonly device: DeviceId;
  readonly secret: string;
}

const entry = fileURLToPath(new URL("../../dist/control-plane/cli/main.js", import.meta.url));

export async function startControlPlaneProcess(
  flags: readonly string[],
  signal: AbortSignal,
): Promise<ControlPlaneProcess> {
  if (!existsSync(entry)) throw new Error("the benchmarks measure the built programs: run npm run build first");
  const data = await mkdtemp(join(tmpdir(), "sedge-bench-"));
  const child = spawn(
    process.execPath,
    [entry, "serve", "--data", data, "--http-port", "0", "--mqtt-port", "0", "--log-level", "warn", ...flags],
    { stdio: ["ignore", "inherit", "inherit"] },
  );
  const exited = once(child, "exit");
  while (!existsSync(join(data, "connection.json"))) {
    if (child.exitCode !== null) throw new Error(`the control plane ended with exit code ${child.exitCode}`);
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const connection = await findConnection({ data }, {});
  const api = createApiClient(connection, signal);
  const { addresses } = await api.status();
  return {
    pid: child.pid ?? 0,
    api,
    mqttPort: Number(new URL(addresses.mqttTcp ?? "").port),
    data,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await exited;
      await rm(data, { recursive: true, force: true });
    },
  };
}

/** Enrols devices as they would enrol themselves: a one-time token each. That asks for a publisher. */
export async function enrolDevices(
  { api }: Pick<ControlPlaneProcess, "api">,
  count: number,
  labelsOf: (index: number) => Readonly<Record<string, string>>,
): Promise<EnrolledDevice[]> {
  if ((await api.publishers()).length === 0) await api.addPublisher(aPublicKey());
  return inParallel(
    Array.from({ length: count }, (_, i) => ({ device: `bench-${i}`, labels: labelsOf(i) })),
    16,
    async ({ device, labels }) => {
      const { token } = await api.createEnrolmentToken({ labels });
      const response = await fetch(`${api.server}/api/v1/enrol`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ token, device, labels: {}, hardware: "bench" }),
      });
      if (!response.ok) throw new Error(`enrolling ${device}: ${response.status} ${await response.text()}`);
      return (await response.json()) as EnrolledDevice;
    },
  );
}
