import { chooseRuntime } from "../adapters/node/choose-runtime.ts";
import { usableMemory } from "../adapters/node/device-profile.ts";
import { loadEnrolment } from "../adapters/node/credential-store.ts";
import { makeDirectory } from "../adapters/node/durable-files.ts";
import { effectiveSettings } from "../core/effective-settings.ts";
import { createAgent } from "../core/agent.ts";
import { defaultMemoryBudget } from "../core/memory-budget.ts";
import { defaultRetry } from "../core/retry-schedule.ts";
import { mebibytes, minutes } from "../../proto/units.ts";
import { agentVersion } from "./agent-version.ts";
import { openConfig } from "./command-config.ts";
import type { AgentConfig } from "./config.ts";
import type { ConfigFlags } from "./config-sources.ts";
import { openControlSocket } from "./control-socket.ts";
import { announceEndpoint } from "./endpoint-file.ts";
import { jsonLog } from "./json-log.ts";
import type { LocalEndpoint } from "./local-http.ts";
import { startLocalHttp } from "./local-http.ts";
import { lockDirectory } from "./lock-file.ts";
import { openLogRing } from "./log-ring.ts";
import { openPorts } from "./open-ports.ts";
import { checkReadOnlyRoot, runtimeDirectoriesIn } from "./read-only-root.ts";
import { runInputs } from "./run-inputs.ts";
import { serviceNotifier } from "./service/service-notifier.ts";
import { summaryOf } from "./status-text.ts";
import { stopSignal } from "./stop-signal.ts";

export interface RunCommandFlags extends ConfigFlags {
  readonly readOnlyRoot: boolean;
}

class NotEnrolledError extends Error {
  override readonly name = "NotEnrolledError";
}

const leastMemory = mebibytes(256);

/** Runs until a signal; everything that was opened is closed in the reverse order, whichever way it ends. */
export async function runCommand(flags: RunCommandFlags): Promise<void> {
  const config = await openConfig(flags);
  const { data } = config;
  if (flags.readOnlyRoot) {
    checkReadOnlyRoot(config, runtimeDirectoriesIn(process.env));
    // Whatever a library would leave in the home directory or in /tmp.
    Object.assign(process.env, { HOME: data, TMPDIR: data });
  }
  const enrolment = await loadEnrolment(data);
  if (enrolment === undefined)
    throw new NotEnrolledError(
      `${data} holds no enrolment: run \`sedge-agent enrol\` first, or name the right directory with --data`,
    );
  await makeDirectory(data);
  await using _lock = await lockDirectory(data);
  const log = jsonLog(effectiveSettings(config.pins, [], 0)["log.level"].value, openLogRing(data));
  using stop = stopSignal(log);
  const memoryBudget = config.runtime.memoryBudget ?? defaultMemoryBudget(await usableMemory());
  // No model alone may take more than all together; but the runtime itself must be able to start, or nothing could.
  const maxMemoryBytes = config.runtime.maxMemory ?? Math.max(memoryBudget, leastMemory);
  const runtime = await chooseRuntime({ choice: config.runtime.engine, data, log, maxMemoryBytes }, stop.signal);
  await using opened = await openPorts({
    data,
    enrolment,
    runtime,
    disk: config.disk,
    factory: config.factory,
    log,
    lines: log.lines,
  });
  const { clock } = opened.ports;
  const agent = createAgent(opened.ports, {
    agentVersion,
    retry: { ...defaultRetry, ...config.retry },
    spoolBytes: config.telemetry.quotaBytes,
    queueCapacity: config.runtime.queue,
    pins: config.pins,
    utcOffsetMs: (atMs) => -minutes(new Date(atMs).getTimezoneOffset()),
    onSettings: (settings) => {
      log.level = settings["log.level"].value;
    },
    memoryBudget,
  });
  // Before anybody can ask: a device that has a model never says that it has none.
  await agent.load();
  const { maxConnections: connections, maxBodyBytes: bodyBytes } = config.http;
  const limits = { connections, bodyBytes, allBodiesBytes: 4 * bodyBytes };
  await using local = await startLocalHttp({ endpoints: endpointsOf(config), agent, agentVersion, clock, log, limits });
  const [endpoint] = local.endpoints as readonly [LocalEndpoint];
  await using _announced = await announceEndpoint(data, endpoint, log);
  await using _control = await openControlSocket({ data, agent, log });
  using service = serviceNotifier({ environment: process.env, describe: () => summaryOf(agent.status()), log });
  stop.signal.addEventListener("abort", () => service.stopping(), { once: true });
  service.ready();
  log.info({ device: enrolment.trust.device, local: local.endpoints, pid: process.pid }, "sedge-agent is running");
  const inputs = runInputs(config.inputs, { agent, clock, log }, stop.signal);
  await agent.run(stop.signal);
  await inputs;
}

function endpointsOf({ http: { host, port, socket } }: AgentConfig): readonly LocalEndpoint[] {
  return [...(socket === undefined ? [] : [{ socket }]), ...(port === undefined ? [] : [{ host, port }])];
}
