import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/**
 * Starts the agent's programs as a person would: as processes. The control plane does not import the agent; it only knows where
 * its programs lie beside its own.
 */
const programs = {
  agent: "../../../edge-agent/daemon/main",
  simulator: "../../../edge-agent/simulator/main",
} as const;

export class ChildProgramError extends Error {
  override readonly name = "ChildProgramError";
}

export interface ChildProgram extends AsyncDisposable {
  readonly pid: number;
  /** Sends one JSON line. */
  send(message: object): void;
  /** Resolves with the first line of output, received already or later, that passes. Rejects when the program ends first. */
  line(passes: (json: Record<string, unknown>) => boolean, signal: AbortSignal): Promise<Record<string, unknown>>;
}

export function startProgram(program: keyof typeof programs, args: readonly string[], logFile: string): ChildProgram {
  const child = spawnProgram(program, args);
  const log = createWriteStream(logFile, { flags: "a" });
  child.stderr?.pipe(log);
  const lines: Record<string, unknown>[] = [];
  const watchers = new Set<() => void>();
  const wake = (): void => {
    for (const watcher of watchers) watcher();
  };
  const output = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  output.on("line", (text) => {
    log.write(`${text}\n`);
    const json = parseLine(text);
    if (json !== undefined) lines.push(json);
    wake();
  });
  let ended = false;
  child.once("exit", () => {
    ended = true;
    wake();
  });

  return {
    pid: child.pid ?? 0,
    send(message) {
      child.stdin?.write(`${JSON.stringify(message)}\n`);
    },
    line(passes, signal) {
      return new Promise((resolve, reject) => {
        const finish = (settle: () => void): void => {
          watchers.delete(look);
          signal.removeEventListener("abort", look);
          settle();
        };
        const look = (): void => {
          const found = lines.find(passes);
          if (found !== undefined) finish(() => resolve(found));
          else if (signal.aborted) finish(() => reject(signal.reason as Error));
          else if (ended) finish(() => reject(new ChildProgramError(`${program} ended early; see ${logFile}`)));
        };
        watchers.add(look);
        signal.addEventListener("abort", look);
        look();
      });
    },
    async [Symbol.asyncDispose]() {
      await endProgram(child);
      log.end();
    },
  };
}

/** Runs a program to its end; rejects with what it wrote to standard error when it fails. */
export async function runProgram(program: keyof typeof programs, args: readonly string[]): Promise<void> {
  const child = spawnProgram(program, args);
  let complaint = "";
  child.stdout?.resume();
  child.stderr?.on("data", (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0)
    throw new ChildProgramError(
      `${program} ${args[0] ?? ""} ended with exit code ${String(code)}: ${complaint.trim()}`,
    );
}

function spawnProgram(program: keyof typeof programs, args: readonly string[]): ChildProcess {
  // Run from source the entry is a .ts file and needs the loader that runs this very process; built, it is plain .js.
  const fromSource = import.meta.url.endsWith(".ts");
  const entry = fileURLToPath(new URL(`${programs[program]}${fromSource ? ".ts" : ".js"}`, import.meta.url));
  return spawn(process.execPath, [...(fromSource ? process.execArgv : []), entry, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
}

async function endProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill("SIGTERM");
  const lastResort = setTimeout(() => child.kill("SIGKILL"), 8_000);
  await exited;
  clearTimeout(lastResort);
}

function parseLine(text: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === "object" && json !== null ? (json as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
