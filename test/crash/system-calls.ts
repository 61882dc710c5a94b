import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openFileSpool } from "../../edge-agent/adapters/node/file-spool.ts";
import { openFileStore } from "../../edge-agent/adapters/node/file-store.ts";
import { openStateStore } from "../../edge-agent/adapters/node/state-store.ts";
import { systemRandom } from "../../edge-agent/adapters/node/system-random.ts";
import type { Digest } from "../../proto/ids.ts";
import { silentLog } from "../support/agent-world.ts";
import { temporaryDirectory } from "../support/temporary-directory.ts";

/**
 * The same promises against the kernel: a real process with real files, in which strace kills the process at a system call or lets
 * the call fail. Calls that only the disk adapters make are counted from 1 until the process makes no more of them.
 */
const calls = ["pwrite64", "fsync", "fdatasync", "rename", "unlink", "mkdir", "chmod"] as const;
const actions = ["signal=KILL", "error=EIO", "error=ENOSPC"] as const;
const program = fileURLToPath(new URL("../support/children/keep-until-stopped.ts", import.meta.url));

export interface SystemCallRun {
  readonly injected: number;
  readonly broken: readonly string[];
}

/** Why it cannot be done here; undefined where it can. */
export function whyNoStrace(): string | undefined {
  const found = spawnSync("strace", ["-f", "-e", "inject=chmod:error=EIO", "true"], { encoding: "utf8" });
  if (found.error !== undefined) return `strace cannot be started: ${found.error.message}`;
  return found.status === 0 ? undefined : `strace cannot trace here: ${found.stderr.trim()}`;
}

/** Injects each action at every `stride`-th of each call; `tell` hears of each call's end. */
export async function injectEverywhere(
  stride: number,
  tell: (line: string) => void,
  signal: AbortSignal,
): Promise<SystemCallRun> {
  const broken: string[] = [];
  let injected = 0;
  for (const call of calls)
    for (const action of actions) {
      let number = 1;
      for (; !signal.aborted; number += stride) {
        await using directory = await temporaryDirectory();
        const { said, wasHit } = await runInjected(directory.path, `${call}:${action}:when=${number}`);
        if (!wasHit) {
          // A process that could not even start must not count as one that came through.
          if (said.every(({ ended }) => ended !== true)) throw new Error(`${program} did not come to its end`);
          break;
        }
        injected++;
        const found = await brokenAfter(directory.path, said);
        broken.push(...found.map((one) => `${call} ${number}, ${action}: ${one}`));
      }
      tell(`${call}, ${action}: all before call ${number}`);
    }
  return { injected, broken };
}

interface Said {
  readonly saved?: number;
  readonly kept?: Digest;
  readonly lifecycle?: number;
  readonly windows?: number;
  readonly opened?: string;
  readonly ended?: boolean;
}

async function runInjected(directory: string, inject: string) {
  const traced = `trace=${inject.split(":")[0] ?? ""}`;
  // One thread for files: calls are counted for each thread.
  const env = { ...process.env, UV_THREADPOOL_SIZE: "1", UV_USE_IO_URING: "0" };
  // Quicker, as only the traced calls stop the process; but strace 6.1 sends no signal at a call that it was told of by seccomp.
  const quicker = inject.includes("signal=") ? [] : ["--seccomp-bpf"];
  const options = ["-f", "-qq", ...quicker, "-e", traced, "-e", `inject=${inject}`];
  const child = spawn("strace", [...options, process.execPath, "--import", "tsx", program, directory], { env });
  let output = "";
  let trace = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (trace += chunk.toString()));
  // strace ends as the process that it watches: by the same signal.
  const wasKilled = await new Promise<boolean>((resolve, reject) => {
    child.once("close", (_code, signal) => resolve(signal === "SIGKILL")).once("error", reject);
  });
  const lines = output.split("\n").filter((line) => line.endsWith("}"));
  return {
    said: lines.map((line) => JSON.parse(line) as Said),
    wasHit: wasKilled || trace.includes("INJECTED"),
  };
}

async function brokenAfter(directory: string, said: readonly Said[]): Promise<readonly string[]> {
  const broken: string[] = [];
  const highest = (name: "saved" | "lifecycle" | "windows") => Math.max(0, ...said.map((line) => line[name] ?? 0));
  const state = await openStateStore({ directory, log: silentLog });
  const generation = (await state.load())?.assignment?.generation ?? 0;
  if (generation < highest("saved")) broken.push(`state ${generation} is there, and ${highest("saved")} was saved`);
  const files = await openFileStore({ directory });
  for (const digest of await files.list())
    if (await files.has(digest))
      await files
        .read(digest)
        .catch((error: unknown) => broken.push(error instanceof Error ? error.message : "a file"));
  for (const { kept } of said)
    if (kept !== undefined && !(await files.has(kept))) broken.push(`${kept} was kept and is gone`);
  await using spool = await openFileSpool({
    directory: join(directory, "spool"),
    random: systemRandom,
    log: silentLog,
  });
  const epoch = said.find((line) => line.opened !== undefined)?.opened;
  if (epoch !== undefined && spool.epoch !== epoch) broken.push(`the spool has begun anew`);
  for (const lane of ["lifecycle", "windows"] as const)
    if (spool.extent(lane).next <= highest(lane)) broken.push(`${lane}: ${highest(lane)} was stored and is gone`);
  return broken;
}
