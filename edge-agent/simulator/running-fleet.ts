import { join } from "node:path";
import { loadEnrolment } from "../adapters/node/credential-store.ts";
import { makeDirectory } from "../adapters/node/durable-files.ts";
import { systemRandom } from "../adapters/node/system-random.ts";
import { toldLog } from "../adapters/portable/told-log.ts";
import type { Agent } from "../core/agent-interface.ts";
import { createAgent } from "../core/agent.ts";
import type { EffectiveSettings } from "../core/effective-settings.ts";
import { linkedAbort, NoLongerNeededError } from "../core/linked-abort.ts";
import type { InferenceRuntime, Logger } from "../core/ports.ts";
import type { RetryOptions } from "../core/retry-schedule.ts";
import { agentVersion } from "../daemon/agent-version.ts";
import { enrol } from "../daemon/enrol.ts";
import { runGenerator } from "../daemon/generator-input.ts";
import { lockDirectory } from "../daemon/lock-file.ts";
import { openPorts } from "../daemon/open-ports.ts";
import type { ModelName } from "../../proto/ids.ts";
import { stableHash } from "../../proto/ids.ts";
import { DisturbedCamera } from "./device-behaviour.ts";
import type { FleetDevice } from "./fleet-file.ts";

export interface RunningDevice {
  readonly id: FleetDevice["id"];
  readonly agent: Agent;
  readonly camera: DisturbedCamera;
}

export interface FleetOptions {
  readonly server: string;
  /** Each device keeps everything in a directory of its own below. */
  readonly data: string;
  /** One for all devices; whether they share the processes too is its own affair. */
  readonly runtime: InferenceRuntime;
  readonly inputs: { readonly model: ModelName; readonly file: string; readonly ratePerSecond: number } | undefined;
  readonly retry: RetryOptions;
  readonly log: Logger;
}

export class NoTokenError extends Error {
  override readonly name = "NoTokenError";
}

/** Runs one device, enrolled before if it was not, until the signal ends it. */
export async function runDevice(
  device: FleetDevice,
  options: FleetOptions,
  onStarted: (running: RunningDevice) => void,
  signal: AbortSignal,
): Promise<void> {
  const data = join(options.data, device.id);
  await makeDirectory(data);
  await using _lock = await lockDirectory(data);
  const told = toldLog(logOf(device, options.log), "debug");
  const { log, lines } = told;
  const enrolment = (await loadEnrolment(data)) ?? (await enrolDevice(device, data, options.server, signal));
  await using opened = await openPorts({ data, enrolment, runtime: options.runtime, log, lines });
  const { ports } = opened;
  const onSettings = (settings: EffectiveSettings) => {
    told.level = settings["log.level"].value;
  };
  const agent = createAgent(ports, { agentVersion, retry: options.retry, onSettings });
  const camera = new DisturbedCamera(agent, systemRandom);
  onStarted({ id: device.id, agent, camera });
  const { inputs } = options;
  const generatorOptions = { seed: stableHash(device.id) % 10_000, agent: camera, clock: ports.clock, log };
  using scope = linkedAbort(signal);
  const agentEnd = agent.run(scope.signal);
  const inputsEnd = inputs && runGenerator({ ...inputs, ...generatorOptions }, scope.signal);
  try {
    await Promise.all([agentEnd, inputsEnd]);
  } finally {
    // One of the two may have failed: the stores close only when nobody uses them any more.
    scope.abort(new NoLongerNeededError("the device stops"));
    await Promise.allSettled([agentEnd, inputsEnd]);
  }
}

async function enrolDevice(device: FleetDevice, data: string, server: string, signal: AbortSignal) {
  const { id, token, hardware, labels } = device;
  if (token === undefined) throw new NoTokenError(`${id} is not enrolled, and there is no token for it`);
  return await enrol({ server, token, id, labels, hardware, publisherKeys: [], data, force: false }, signal);
}

/** Every line names the device. */
function logOf({ id: device }: FleetDevice, log: Logger): Logger {
  return {
    debug: (fields, sentence) => log.debug({ device, ...fields }, sentence),
    info: (fields, sentence) => log.info({ device, ...fields }, sentence),
    warn: (fields, sentence) => log.warn({ device, ...fields }, sentence),
    error: (fields, sentence) => log.error({ device, ...fields }, sentence),
  };
}
