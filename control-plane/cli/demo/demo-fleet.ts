import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { stringify } from "yaml";

import { seconds } from "../../../proto/units.ts";
import type { ApiClient } from "../api-client.ts";
import type { ChildProgram } from "./child-programs.ts";
import { runProgram, startProgram } from "./child-programs.ts";
import { eventually } from "./claim.ts";
import type { DemoDevice } from "./demo-devices.ts";
import { applicationDevice, demoDevices } from "./demo-devices.ts";

/** Digits a second that each camera reads. */
const camerasPerSecond = 25;

/** The running devices: each enrolled with a one-time token of its own. */
export interface DemoFleet extends AsyncDisposable {
  readonly devices: readonly DemoDevice[];
  /** Where the application beside `applicationDevice` asks for inferences. */
  readonly agentUrl: string;
  disturb(devices: readonly DemoDevice[], effect: "blur" | "none"): void;
  readonly processes: number;
}

export async function startDemoFleet(
  api: ApiClient,
  directory: string,
  images: URL,
  signal: AbortSignal,
): Promise<DemoFleet> {
  const running: ChildProgram[] = [];
  const stopAll = async (): Promise<void> => {
    await Promise.all(running.map((program) => program[Symbol.asyncDispose]()));
  };
  const processes = demoDevices.filter((device) => device.runsAs === "process");
  const simulated = demoDevices.filter((device) => device.runsAs === "simulated");
  try {
    for (const device of processes) running.push(await startAgentProcess(api, directory, device, images));
    const simulator = await startSimulator(api, directory, simulated, images);
    running.push(simulator);
    await simulator.line((json) => json["kind"] === "ready", signal);
    return {
      devices: demoDevices,
      agentUrl: await endpointOf(dataOf(directory, applicationDevice), signal),
      processes: processes.length,
      disturb: (devices, effect) => simulator.send({ kind: "disturb", devices: devices.map(({ id }) => id), effect }),
      [Symbol.asyncDispose]: stopAll,
    };
  } catch (error) {
    await stopAll();
    throw error;
  }
}

function dataOf(directory: string, device: string): string {
  return join(directory, "devices", device);
}

/** As a person would: `sedge-agent enrol`, a small configuration file, `sedge-agent run`. */
async function startAgentProcess(
  api: ApiClient,
  directory: string,
  device: DemoDevice,
  images: URL,
): Promise<ChildProgram> {
  const data = dataOf(directory, device.id);
  await mkdir(data, { recursive: true });
  const { token } = await api.createEnrolmentToken({ labels: { site: device.site } });
  const identity = ["--id", device.id, "--hardware", device.hardware, "--data", data];
  await runProgram("agent", ["enrol", "--server", api.server, "--token", token, ...identity]);
  const hasApplication = device.id === applicationDevice;
  const camera = {
    kind: "generator",
    model: "digits",
    file: fileURLToPath(images),
    ratePerSecond: camerasPerSecond,
    seed: 1,
  };
  const config = join(data, "agent.yaml");
  await writeFile(
    config,
    stringify({
      http: { host: "127.0.0.1", port: 0 },
      // The application asks ten times a second; the camera of this device gives the rest.
      inputs: [hasApplication ? { ...camera, ratePerSecond: camerasPerSecond - 10, seed: 2 } : camera],
      retry: { baseMs: 200, capMs: 2_000 },
    }),
  );
  return startProgram("agent", ["run", "--data", data, "--config", config], join(directory, `${device.id}.log`));
}

async function startSimulator(
  api: ApiClient,
  directory: string,
  devices: readonly DemoDevice[],
  images: URL,
): Promise<ChildProgram> {
  const fleet = await Promise.all(
    devices.map(async ({ id, site, hardware }) => {
      const { token } = await api.createEnrolmentToken({ labels: { site } });
      return { id, hardware, labels: {}, token };
    }),
  );
  const fleetFile = join(directory, "fleet.json");
  await writeFile(fleetFile, JSON.stringify(fleet), { mode: 0o600 });
  const fleetArgs = ["--server", api.server, "--fleet", fleetFile, "--data", join(directory, "simulated")];
  const cameraArgs = ["--model", "digits", "--inputs", fileURLToPath(images), "--rate", String(camerasPerSecond)];
  const log = join(directory, "simulator.log");
  return startProgram("simulator", [...fleetArgs, ...cameraArgs, "--shared-runtime"], log);
}

/** The agent says in its data directory where it listens; it chose a free port. */
async function endpointOf(data: string, signal: AbortSignal): Promise<string> {
  return eventually("the agent listens for its application", seconds(30), signal, async () => {
    const text = await readFile(join(data, "local-endpoint.json"), "utf8").catch(() => undefined);
    if (text === undefined) return undefined;
    const { host, port } = JSON.parse(text) as { readonly host: string; readonly port: number };
    return `http://${host}:${port}`;
  });
}
