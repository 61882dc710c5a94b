import type { Enrolment } from "../adapters/node/credential-store.ts";
import { createAgent } from "../core/agent.ts";
import type { InferenceRuntime } from "../core/ports.ts";
import { defaultRetry } from "../core/retry-schedule.ts";
import { minutes } from "../../proto/units.ts";
import { agentVersion } from "./agent-version.ts";
import type { AgentConfig } from "./config.ts";
import { openControlSocket } from "./control-socket.ts";
import { announceEndpoint } from "./endpoint-file.ts";
import type { JsonLog } from "./json-log.ts";
import type { LocalEndpoint } from "./local-http.ts";
import { startLocalHttp } from "./local-http.ts";
import { openPorts } from "./open-ports.ts";
import { runInputs } from "./run-inputs.ts";
import type { ServiceNotifier } from "./service/service-notifier.ts";
import { summaryOf } from "./status-text.ts";

export interface RunAgentOptions {
  readonly config: AgentConfig;
  readonly enrolment: Enrolment;
  readonly runtime: Promise<InferenceRuntime>;
  readonly memoryBudget: number;
  readonly service: ServiceNotifier;
  readonly log: JsonLog;
}

/** Opens everything, and runs the agent until `signal`; whatever was opened is closed in the reverse order. Lock the directory first. */
export async function runAgent(options: RunAgentOptions, signal: AbortSignal): Promise<void> {
  const { config, enrolment, runtime, memoryBudget, service, log } = options;
  const { data } = config;
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
  signal.addEventListener("abort", () => service.stopping(), { once: true });
  service.ready(() => summaryOf(agent.status()));
  log.info({ device: enrolment.trust.device, local: local.endpoints, pid: process.pid }, "sedge-agent is running");
  const inputs = runInputs(config.inputs, { agent, clock, log }, signal);
  await agent.run(signal);
  await inputs;
}

function endpointsOf({ http: { host, port, socket } }: AgentConfig): readonly LocalEndpoint[] {
  return [...(socket === undefined ? [] : [{ socket }]), ...(port === undefined ? [] : [{ host, port }])];
}
