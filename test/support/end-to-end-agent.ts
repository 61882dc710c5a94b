import { readFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AgentState } from "../../edge-agent/core/agent-state.ts";
import type { AgentStatus } from "../../edge-agent/core/agent-status.ts";
import { decodeAgentState } from "../../edge-agent/adapters/portable/agent-state-json.ts";
import type { Enrolment } from "../../edge-agent/adapters/node/credential-store.ts";
import { saveEnrolment } from "../../edge-agent/adapters/node/credential-store.ts";
import { decodeStateSlot } from "../../edge-agent/adapters/node/state-slot.ts";
import { enrol } from "../../edge-agent/daemon/enrol.ts";
import { readHeldOutDigits } from "../fixtures/read-digits.ts";
import type { EndToEndControl } from "./end-to-end-control.ts";
import type { OwnProcess } from "./end-to-end-processes.ts";
import { startProcess } from "./end-to-end-processes.ts";
import { eventually, patienceMs } from "./end-to-end-waiting.ts";

/** One device: a real `sedge-agent run`, which can be killed and started again on the same data. */
export interface EndToEndAgent extends AsyncDisposable {
  readonly id: string;
  readonly data: string;
  readonly enrolment: Enrolment;
  readonly process: () => OwnProcess;
  start(): void;
  /** kill -9; rejects when one of its inference children outlives it. */
  kill(): Promise<void>;
  status(): Promise<AgentStatus>;
  /** Asks for one inference of one of the held-out digits; answers the version that gave it. */
  ask(digit?: number): Promise<string>;
  /** What its disk says that it has; undefined before the first assignment. Whole at every moment, also while it writes. */
  saved(): AgentState | undefined;
}

export interface AgentSettings {
  readonly id: string;
  readonly data: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly serverCa?: string;
  /** What the device is to believe in the place of what enrolment said. */
  readonly believe?: (enrolment: Enrolment) => Partial<Enrolment>;
}

const digits = readHeldOutDigits();

function requestOf(index: number): string {
  const data = Array.from(digits[index % digits.length]?.pixels ?? [], (value) => value / 255);
  return JSON.stringify({ inputs: [{ name: "image", shape: [1, 1, 28, 28], datatype: "FP32", data }] });
}

/** Enrols the device and starts its agent. */
export async function startAgent(control: EndToEndControl, settings: AgentSettings): Promise<EndToEndAgent> {
  const { id, data, labels = {}, config = {}, serverCa, believe = () => ({}) } = settings;
  const { token } = await control.api.createEnrolmentToken({ labels });
  const options = {
    server: control.api.server,
    token,
    id,
    labels: {},
    hardware: "test",
    serverCa,
    publisherKeys: [],
    data,
  };
  const given = await enrol({ ...options, force: false }, new AbortController().signal);
  const enrolment = { ...given, ...believe(given) };
  await saveEnrolment(data, enrolment);
  const configFile = join(data, "agent.json");
  await writeFile(configFile, JSON.stringify({ http: { port: 0 }, retry: { baseMs: 50, capMs: 400 }, ...config }));
  const endpointFile = join(data, "local-endpoint.json");
  const fixedPort = (config["http"] as { readonly port?: number } | undefined)?.port;
  let running: OwnProcess;

  const fetchLocal = async (path: string, init: RequestInit = {}): Promise<unknown> => {
    const port = fixedPort ?? (JSON.parse(await readFile(endpointFile, "utf8")) as { port: number }).port;
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      ...init,
      signal: AbortSignal.timeout(patienceMs / 3),
    });
    if (!response.ok) throw new Error(await response.text());
    return response.json();
  };

  const agent: EndToEndAgent = {
    id,
    data,
    enrolment,
    process: () => running,
    start() {
      running = startProcess("agent", ["run", "--data", data, "--config", configFile]);
    },
    async kill() {
      await running.kill();
      // A daemon that was killed leaves it behind, and its port may be another program's by now.
      await rm(endpointFile, { force: true });
    },
    status: async () => (await fetchLocal("/status")) as AgentStatus,
    async ask(digit = 0) {
      const headers = { "content-type": "application/json" };
      const answer = await fetchLocal("/v2/models/digits/infer", {
        method: "POST",
        headers,
        body: requestOf(digit),
      });
      return (answer as { model_version: string }).model_version;
    },
    saved: () => newestState(data),
    [Symbol.asyncDispose]: () => running.kill(),
  };
  agent.start();
  return agent;
}

/** The agent serves this version, and its update is over. */
export async function untilServing(agent: EndToEndAgent, version: string): Promise<void> {
  await eventually(`${agent.id} serves ${version}`, async () => {
    const model = (await agent.status()).models[0];
    return model?.serving?.version === version && model.phase === "idle" ? true : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${agent.process().complaint().slice(-4_000)}`, { cause: error });
  });
}

/** It answers with one of these versions within the deadline, whatever has happened to it; answers with which one. */
export function untilAnswering(
  agent: EndToEndAgent,
  versions: readonly string[],
  withinMs = patienceMs,
): Promise<string> {
  return eventually(
    `${agent.id} answers with one of ${versions.join(", ")}`,
    async () => {
      const version = await agent.ask();
      return versions.includes(version) ? version : undefined;
    },
    { withinMs },
  );
}

function newestState(data: string): AgentState | undefined {
  const slots = ["state.a", "state.b"].flatMap((name) => {
    try {
      return decodeStateSlot(readFileSync(join(data, name))) ?? [];
    } catch {
      return [];
    }
  });
  const newest = slots.toSorted((a, b) => b.sequence - a.sequence)[0];
  if (newest === undefined) return undefined;
  const state = decodeAgentState(newest.content);
  if (!state.ok) throw new Error(`the saved state cannot be read: ${state.problems.join("; ")}`);
  return state.value;
}
