import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import type { RolloutDetail } from "../../../control-plane/http/views.ts";
import { loadEnrolment, saveEnrolment } from "../../../edge-agent/adapters/node/credential-store.ts";
import type { AgentStatus } from "../../../edge-agent/core/agent-status.ts";
import { askStatus } from "../../../edge-agent/daemon/running-agent.ts";
import { minutes } from "../../../proto/units.ts";
import type { ControlPlaneProcess } from "../control-plane-process.ts";
import { freePort } from "../free-port.ts";
import type { WireTap } from "./wire-tap.ts";
import { startWireTap } from "./wire-tap.ts";

const program = fileURLToPath(new URL("../../../dist/edge-agent/daemon/main.js", import.meta.url));

/** One device with the built daemon, which answers on a port and on a socket file; its MQTT goes through a tap that counts. */
export interface BenchDevice extends AsyncDisposable {
  readonly id: string;
  readonly data: string;
  readonly socket: string;
  readonly port: number;
  readonly tap: WireTap;
  daemon(): number;
  /** The inference processes that run now. */
  children(): readonly number[];
  start(): void;
  stop(): Promise<void>;
  status(): Promise<AgentStatus>;
  /** What is left in the daemon's heap after a collection; of a measurable device only. */
  collectGarbage(): Promise<NodeJS.MemoryUsage>;
  /** Brings a version to this device and waits until it is confirmed. */
  update(model: string, version: string): Promise<void>;
}

export async function startBenchDevice(
  server: ControlPlaneProcess,
  directory: string,
  id: string,
  signal: AbortSignal,
  { measurable = false }: { readonly measurable?: boolean } = {},
): Promise<BenchDevice> {
  const data = join(directory, id);
  const { token } = await server.api.createEnrolmentToken({ labels: { name: id } });
  await run(["enrol", "--server", server.api.server, "--token", token, "--id", id, "--data", data]);
  const tap = await startWireTap(server.mqttPort);
  const enrolment = await loadEnrolment(data);
  if (enrolment === undefined) throw new Error(`${data} holds no enrolment`);
  await saveEnrolment(data, { ...enrolment, mqttUrls: [tap.url] });
  const socket = join(directory, `${id}.sock`);
  const port = await freePort();
  const config = join(directory, `${id}.json`);
  await writeFile(config, JSON.stringify({ http: { host: "127.0.0.1", port, socket } }));
  let running: ChildProcess | undefined;
  let exited: Promise<unknown> = Promise.resolve();
  const daemon = () => running?.pid ?? 0;
  const device: BenchDevice = {
    id,
    data,
    socket,
    port,
    tap,
    daemon,
    children: () =>
      readFileSync(`/proc/${daemon()}/task/${daemon()}/children`, "utf8").split(" ").map(Number).filter(Boolean),
    start() {
      const options = [...shebangOptions(), ...(measurable ? measuring : [])];
      const args = [...options, program, "run", "--data", data, "--config", config];
      const talk = measurable ? (["ipc"] as const) : [];
      running = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "ignore", ...talk] });
      exited = once(running, "exit");
    },
    async stop() {
      running?.kill("SIGTERM");
      await exited;
    },
    status: () => askStatus(data),
    async collectGarbage() {
      if (!measurable || running === undefined) throw new Error("this device was not started to be measured");
      const answer = once(running, "message");
      running.send("measure");
      const [usage] = (await answer) as [NodeJS.MemoryUsage];
      return usage;
    },
    async update(model, version) {
      const { id: rollout } = await server.api.startRollout({
        model,
        version,
        selector: `name=${id}`,
        stages: [{ name: "all", percent: 100, soakMs: 0, minInferences: 0 }],
        gates: { maxErrorRate: null, maxLatencyRatio: null, maxOutputDrift: null },
        soak: { durationMs: 500, minInferences: 0, deadlineMs: 500, maxErrorShare: 0.5 },
      });
      const started = performance.now();
      let seen: RolloutDetail | undefined;
      while ((seen = await server.api.rollout(rollout)).phase.kind !== "complete") {
        if (performance.now() - started > minutes(1))
          throw new Error(`the rollout of ${model} ${version} did not complete: ${JSON.stringify(seen)}`);
        await delay(100, undefined, { signal });
      }
    },
    async [Symbol.asyncDispose]() {
      await device.stop();
      await tap[Symbol.asyncDispose]();
    },
  };
  device.start();
  return device;
}

/**
 * A module before the program's own, which answers over the channel to the parent. The functions are interpreted: V8 compiles each
 * when it has run often enough, some only after hours, and this code lies in the same heap as what the program holds.
 */
const measuring = [
  "--no-opt",
  "--no-maglev",
  "--no-sparkplug",
  "--expose-gc",
  "--import",
  `data:text/javascript,${encodeURIComponent(`
    process.on("message", () => {
      for (let round = 0; round < 3; round++) gc();
      process.send(process.memoryUsage());
    });
    process.channel.unref();
  `)}`,
];

/** Node's options as the installed program has them. */
function shebangOptions(): string[] {
  const [line = ""] = readFileSync(program, "utf8").split("\n");
  return line.split(" ").filter((word) => word.startsWith("--"));
}

async function run(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [program, ...args], { stdio: ["ignore", "ignore", "inherit"] });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`sedge-agent ${args[0] ?? ""} ended with exit code ${String(code)}`);
}
