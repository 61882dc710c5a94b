import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { readdir, readFile } from "node:fs/promises";
import { until } from "./end-to-end-waiting.ts";
import { built } from "./built-programs.ts";

const programs = {
  agent: built(new URL("../../edge-agent/daemon/main.ts", import.meta.url)),
  sedge: built(new URL("../../control-plane/cli/main.ts", import.meta.url)),
} as const;

/** A program of Sedge as a process, and every process that it starts. */
export interface OwnProcess {
  readonly pid: number;
  readonly output: () => string;
  readonly complaint: () => string;
  /** The exit code, or null after a signal; what it wrote is complete then. */
  readonly exit: Promise<number | null>;
  /** `kill -9`; resolves when it and everything that it started are gone, and rejects when something survives it. */
  kill(): Promise<void>;
  /** The processes that it has started and that run now, the youngest last. */
  descendants(): Promise<readonly number[]>;
  signal(name: NodeJS.Signals): void;
}

const mark = "SEDGE_END_TO_END";

export function startProcess(
  program: keyof typeof programs,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): OwnProcess {
  // Every process inherits it: so an orphan is found whoever its parent is by then.
  const id = randomUUID();
  const child: ChildProcess = spawn(process.execPath, [programs[program], ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1", ...environment, [mark]: id },
  });
  let output = "";
  let complaint = "";
  child.stdout?.on("data", (text: Buffer) => (output += text.toString()));
  child.stderr?.on("data", (text: Buffer) => (complaint += text.toString()));
  const exit = once(child, "close").then(([code]) => code as number | null);
  const pid = child.pid ?? 0;
  const descendants = async () => (await processesMarked(id)).filter((other) => other !== pid);
  return {
    pid,
    output: () => output,
    complaint: () => complaint,
    exit,
    descendants,
    signal: (name) => void child.kill(name),
    async kill() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await exit;
      await until(`nothing that process ${pid} started is left`, async () => (await descendants()).length === 0);
    },
  };
}

/** Runs a program to its end. */
export async function runProcess(
  program: keyof typeof programs,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly output: string; readonly complaint: string }> {
  const started = startProcess(program, args, environment);
  const code = await started.exit;
  return { code, output: started.output(), complaint: started.complaint() };
}

async function processesMarked(id: string): Promise<readonly number[]> {
  const found: { readonly pid: number; readonly startedAt: number }[] = [];
  for (const name of await readdir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const environment = await readFile(`/proc/${name}/environ`, "latin1").catch(() => "");
    if (environment.split("\0").includes(`${mark}=${id}`))
      found.push({ pid: Number(name), startedAt: await startOf(name) });
  }
  // Not by their ids, which begin anew when all have been given.
  return found.toSorted((one, other) => one.startedAt - other.startedAt).map(({ pid }) => pid);
}

/** In ticks since the machine started; proc(5), field 22. */
async function startOf(pid: string): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1").catch(() => "");
  // The second field is a name in brackets, which may hold anything.
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? 0);
}
