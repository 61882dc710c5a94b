import { link, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { errorCode } from "../adapters/node/durable-files.ts";

/** Held for as long as the agent runs. */
export type DirectoryLock = AsyncDisposable;

export class DirectoryInUseError extends Error {
  override readonly name = "DirectoryInUseError";
}

/** Names one process for ever: numbers of processes come again, also after a restart of the machine or of a container. */
interface Holder {
  readonly pid: number;
  readonly bootId: string;
  /** Clock ticks between the machine's start and the process's. */
  readonly startedAt: string;
}

/** Two agents on one directory would overwrite each other's state. A lock whose holder is gone is taken over. */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(directory, "agent.lock");
  const own = JSON.stringify(await holderOf(process.pid));
  for (let attempt = 0; attempt < 10; attempt++) {
    if (await claim(path, own)) return { [Symbol.asyncDispose]: () => release(path, own) };
    const found = await readFile(path, "utf8").catch(() => undefined);
    if (found === undefined) continue;
    const holder = readHolder(found);
    if (holder !== undefined && (await isAlive(holder)))
      throw new DirectoryInUseError(
        `the agent with process id ${holder.pid} uses ${directory}: stop it, or give this one another directory with --data`,
      );
    await takeAway(path, found);
  }
  throw new DirectoryInUseError(`${path} could not be taken: another agent starts in ${directory} at the same time`);
}

/** The lock appears with its content, so that nobody finds it half written. */
async function claim(path: string, own: string): Promise<boolean> {
  const prepared = besides(path);
  await writeFile(prepared, own, { mode: 0o600 });
  try {
    await link(prepared, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  } finally {
    await rm(prepared, { force: true });
  }
}

function besides(path: string): string {
  return `${path}.${randomBytes(6).toString("hex")}`;
}

async function release(path: string, own: string): Promise<void> {
  if ((await readFile(path, "utf8").catch(() => "")) === own) await rm(path, { force: true });
}

/** Removes the lock that was found, and puts back another one that has taken its place in the meantime. */
async function takeAway(path: string, found: string): Promise<void> {
  const aside = besides(path);
  try {
    await rename(path, aside);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return;
    throw error;
  }
  if ((await readFile(aside, "utf8")) === found) await rm(aside);
  else await rename(aside, path);
}

async function isAlive(holder: Holder): Promise<boolean> {
  const now = await holderOf(holder.pid).catch(() => undefined);
  return now?.bootId === holder.bootId && now.startedAt === holder.startedAt;
}

/** Rejects when there is no such process. */
async function holderOf(pid: number): Promise<Holder> {
  if (process.platform !== "linux") {
    process.kill(pid, 0);
    return { pid, bootId: "", startedAt: "" };
  }
  const bootId = (await readFile("/proc/sys/kernel/random/boot_id", "latin1")).trim();
  const stat = await readFile(`/proc/${pid}/stat`, "latin1");
  // The name of the program may hold spaces and brackets; the fields are counted behind it (proc(5): starttime is the 22nd).
  const startedAt = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  return { pid, bootId, startedAt };
}

/** Undefined for a file that no agent has written. */
function readHolder(text: string): Holder | undefined {
  try {
    const { pid, bootId, startedAt } = JSON.parse(text) as Record<string, unknown>;
    return Number.isInteger(pid) && typeof bootId === "string" && typeof startedAt === "string"
      ? { pid: pid as number, bootId, startedAt }
      : undefined;
  } catch {
    return undefined;
  }
}
