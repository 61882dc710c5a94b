import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { once } from "node:events";
import { built } from "../support/built-programs.ts";

/** Calls that change or read the agent's data. Of `openat` and `write` most are others': which are its own is seen beforehand. */
export const tracedCalls = [
  "openat",
  "pwrite64",
  "write",
  "fsync",
  "fdatasync",
  "rename",
  "unlink",
  "rmdir",
  "ftruncate",
  "mkdir",
  "chmod",
] as const;
export type TracedCall = (typeof tracedCalls)[number];

export const injectedActions = ["signal=KILL", "error=EIO", "error=ENOSPC"] as const;

export interface Injection {
  readonly call: TracedCall;
  readonly action: (typeof injectedActions)[number];
  /** Counted for each thread from 1. */
  readonly number: number;
}

/** `sedge-agent run` as a child of strace. */
export interface TracedAgent {
  /** Resolves when strace and all that it watched have ended. */
  readonly ended: Promise<void>;
  /** Whether the injection came to pass; complete when it has ended. */
  wasHit(): boolean;
  /** What the agent logged. */
  log(): string;
  signal(name: NodeJS.Signals): Promise<void>;
}

const program = built(new URL("../../edge-agent/daemon/main.ts", import.meta.url));

/** @param options of strace; a preloaded module is given to Node. */
export function startTraced(
  options: readonly string[],
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): TracedAgent {
  const child = spawn("strace", ["-f", "-qq", ...options, process.execPath, program, ...args], {
    stdio: ["ignore", "ignore", "pipe"],
    // One thread for files: calls are counted for each thread.
    env: { ...process.env, UV_THREADPOOL_SIZE: "1", UV_USE_IO_URING: "0", NO_COLOR: "1", ...environment },
  });
  let output = "";
  let wasKilled = false;
  child.stderr.setEncoding("utf8").on("data", (text: string) => (output += text));
  const ended = once(child, "close").then(([, signal]) => {
    // strace ends as the process that it watches: by the same signal.
    wasKilled = signal === "SIGKILL";
  });
  return {
    ended,
    wasHit: () => wasKilled || output.includes("INJECTED"),
    log: () => output,
    async signal(name) {
      // strace that is told to end leaves what it watches alone: it is the agent that must hear of it.
      const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, "utf8").catch(() => "");
      for (const pid of children.split(" ").filter(Boolean).map(Number)) process.kill(pid, name);
    },
  };
}

export function optionsOf({ call, action, number }: Injection): readonly string[] {
  // Quicker, as only the traced calls stop the process; but strace 6.1 sends no signal at a call that it was told of by seccomp.
  const quicker = action.startsWith("signal=") ? [] : ["--seccomp-bpf"];
  return [...quicker, "-e", `trace=${call}`, "-e", `inject=${call}:${action}:when=${number}`];
}

/**
 * Which calls concern a directory: of each kind the numbers that they had in their threads.
 *
 * @param trace as `strace -f -y -o` writes it
 */
export function numbersIn(trace: string, directory: string): ReadonlyMap<TracedCall, readonly number[]> {
  const counts = new Map<string, number>();
  const found = new Map<TracedCall, Set<number>>(tracedCalls.map((call) => [call, new Set()]));
  for (const line of trace.split("\n")) {
    const begun = /^(\d+) +(\w+)\(/.exec(line);
    const call = begun?.[2] as TracedCall | undefined;
    const numbers = call && found.get(call);
    if (begun === null || numbers === undefined) continue;
    const thread = `${begun[1]} ${call}`;
    const number = 1 + (counts.get(thread) ?? 0);
    counts.set(thread, number);
    if (line.includes(directory)) numbers.add(number);
  }
  return new Map([...found].map(([call, numbers]) => [call, [...numbers].toSorted((a, b) => a - b)]));
}
