import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { createApiClient } from "../../../control-plane/cli/api-client.ts";
import type { ApiClient } from "../../../control-plane/cli/api-client.ts";
import { findConnection } from "../../../control-plane/cli/connection.ts";
import { seconds } from "../../../proto/units.ts";
import { loopProbe } from "./loop-probe.ts";

/** One life of a built control plane whose data and ports outlive it. */
export interface ControlPlaneLife {
  readonly pid: number;
  readonly api: ApiClient;
  /** From the start of the process until its HTTP interface answered. */
  readonly startMs: number;
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

export interface LifeOptions {
  /** `dist/control-plane/cli/main.js` of the tree that is measured. */
  readonly entry: string;
  readonly data: string;
  readonly mqttPort: number;
  readonly httpPort: number;
  /** Where the probe in the process writes. */
  readonly loopFile: string;
  readonly flags: readonly string[];
  /** Where the processor's profile goes; undefined: none is made. */
  readonly profileTo: string | undefined;
}

const patienceMs = seconds(60);

export async function startLife(options: LifeOptions, signal: AbortSignal): Promise<ControlPlaneLife> {
  const { entry, data, mqttPort, httpPort, loopFile, flags, profileTo } = options;
  if (!existsSync(entry)) throw new Error(`there is no ${entry}: run npm run build first`);
  // It names a process that was killed.
  await rm(join(data, "connection.json"), { force: true });
  const began = performance.now();
  const profiling = profileTo === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileTo}`];
  const ports = ["--http-port", String(httpPort), "--mqtt-port", String(mqttPort)];
  const child = spawn(
    process.execPath,
    ["--import", loopProbe, ...profiling, entry, "serve", "--data", data, ...ports, "--log-level", "warn", ...flags],
    { stdio: ["ignore", "ignore", "inherit"], env: { ...process.env, SEDGE_BENCH_LOOP: loopFile } },
  );
  const exited = once(child, "exit");
  while (!existsSync(join(data, "connection.json"))) {
    if (child.exitCode !== null) throw new Error(`the control plane ended with exit code ${child.exitCode}`);
    if (performance.now() - began > patienceMs) {
      child.kill("SIGKILL");
      throw new Error(`the control plane did not start within ${patienceMs} ms`);
    }
    await delay(20, undefined, { signal });
  }
  const startMs = performance.now() - began;
  return {
    pid: child.pid ?? 0,
    api: createApiClient(await findConnection({ data }, {}), signal),
    startMs,
    async end(how) {
      child.kill(how);
      await exited;
    },
  };
}
