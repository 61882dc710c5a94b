import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { AgentStatus } from "../../edge-agent/core/agent-status.ts";
import type { OneDeviceControl } from "./one-device-control.ts";
import { built } from "./built-programs.ts";
import { patienceMs } from "./end-to-end-waiting.ts";

const program = built(new URL("../../edge-agent/daemon/main.ts", import.meta.url));

/** Node with the built program. */
export const agentProgram = [process.execPath, program] as const;

export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly complaint: string;
}

export interface RunningDaemon extends AsyncDisposable {
  readonly process: ChildProcess;
  readonly log: () => string;
  /** Ends when the process has ended. */
  readonly exit: Promise<number | null>;
}

/** The program `sedge-agent` on one data directory. */
export class SedgeAgent {
  readonly data: string;
  readonly #command: readonly string[];

  /** `command` is Node with the program: the built one by default. */
  constructor(data: string, command: readonly string[] = agentProgram) {
    this.data = data;
    this.#command = command;
  }

  start(...args: readonly string[]): ChildProcess {
    return this.startWith({}, ...args);
  }

  startWith(environment: Readonly<Record<string, string>>, ...args: readonly string[]): ChildProcess {
    const [node = "", ...words] = this.#command;
    return spawn(node, [...words, ...args, "--data", this.data], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...environment },
    });
  }

  run(...args: readonly string[]): Promise<Ended> {
    return this.runWith({}, ...args);
  }

  async runWith(environment: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<Ended> {
    const child = this.startWith(environment, ...args);
    let output = "";
    let complaint = "";
    child.stdout?.on("data", (text: Buffer) => (output += text.toString()));
    child.stderr?.on("data", (text: Buffer) => (complaint += text.toString()));
    const [code] = (await once(child, "close")) as [number | null];
    return { code, output, complaint };
  }

  enrol({ url, publisher }: Pick<OneDeviceControl, "url" | "publisher">): Promise<Ended> {
    return this.run("enrol", "--server", url, "--token", "t0ken", "--publisher-key", publisher.keyId);
  }

  /** Starts the agent on a free port, with the inputs that a test gives. */
  async daemon(
    inputs: readonly object[] = [],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<RunningDaemon> {
    const config = `${this.data}.json`;
    await writeFile(config, JSON.stringify({ http: { port: 0 }, inputs, retry: { baseMs: 50, capMs: 200 } }));
    const child = this.startWith(environment, "run", "--config", config);
    let log = "";
    child.stderr?.on("data", (text: Buffer) => (log += text.toString()));
    const exit = once(child, "close").then(([code]) => code as number | null);
    return {
      process: child,
      log: () => log,
      exit,
      async [Symbol.asyncDispose]() {
        child.kill("SIGKILL");
        await exit;
      },
    };
  }

  async address(): Promise<string> {
    const endpoint = JSON.parse(await readFile(join(this.data, "local-endpoint.json"), "utf8")) as { port: number };
    return `http://127.0.0.1:${endpoint.port}`;
  }

  async status(): Promise<AgentStatus> {
    const response = await fetch(`${await this.address()}/status`);
    return (await response.json()) as AgentStatus;
  }

  /** Until its model is confirmed, in that version if one is named. */
  serving(version?: string): Promise<AgentStatus> {
    return eventually(`the model ${version ?? ""} is active and its update is over`, async () => {
      const now = await this.status();
      const [model] = now.models;
      const isIt = model?.active !== undefined && (version === undefined || model.active === version);
      return isIt && model.phase === "idle" && now.connected ? now : undefined;
    });
  }
}

export async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`this did not happen within ${patienceMs / 1_000} seconds: ${what}`);
    await delay(20);
  }
}
