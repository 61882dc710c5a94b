import { readFile, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
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

/**
 * Two agents on one directory would overwrite each other's state. A lock whose holder is gone is taken over.
 *
 * The lock is a symbolic link whose target names the holder. It appears with its content, so that nobody finds it half written,
 * and a target this short lies in the link itself: a device whose disk is full can start again after a power cut.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(directory, "agent.lock");
  const own = writeHolder(await holderOf(process.pid));
  const holder = await take(path, own);
  if (holder !== undefined)
    throw new DirectoryInUseError(
      `the agent with process id ${holder.pid} uses ${directory}: stop it, or give this one another directory with --data`,
    );
  return { [Symbol.asyncDispose]: () => release(path, own) };
}

/**
 * Resolves to the living process that holds the lock, or to undefined when it is ours now.
 *
 * A lock that was left behind is removed only by whoever holds the lock beside it, and only after another look: of two that find it at
 * the same time, the slower one would otherwise remove what the faster one has taken by then. A lock beside it that was left behind
 * too is taken in the same way.
 */
async function take(path: string, own: string): Promise<Holder | undefined> {
  for (;;) {
    if (await claim(path, own)) return undefined;
    const found = await readLock(path);
    if (found === undefined) continue;
    const holder = readHolder(found);
    if (holder !== undefined && (await isAlive(holder))) return holder;
    const beside = `${path}.next`;
    if ((await take(beside, own)) !== undefined) {
      await nextTurn();
      continue;
    }
    if ((await readLock(path)) === found) await rm(path, { force: true });
    await release(beside, own);
  }
}

/** The process id of the agent that runs on a directory. */
export async function lockHolder(directory: string): Promise<number | undefined> {
  const found = await readLock(join(directory, "agent.lock"));
  const holder = found === undefined ? undefined : readHolder(found);
  return holder !== undefined && (await isAlive(holder)) ? holder.pid : undefined;
}

async function claim(path: string, own: string): Promise<boolean> {
  try {
    await symlink(own, path);
    return true;
  } catch (error) {
    if (errorCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** Undefined when there is no lock; "" for something that is none. */
async function readLock(path: string): Promise<string | undefined> {
  try {
    return await readlink(path);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    if (errorCode(error) === "EINVAL") return "";
    throw error;
  }
}

async function release(path: string, own: string): Promise<void> {
  if ((await readLock(path)) === own) await rm(path, { force: true });
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
  const bootId = (await readFile("/proc/sys/kernel/random/boot_id", "latin1")).trim().replaceAll("-", "");
  const stat = await readFile(`/proc/${pid}/stat`, "latin1");
  // The name of the program may hold spaces and brackets; the fields are counted behind it (proc(5): starttime is the 22nd).
  const startedAt = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  return { pid, bootId, startedAt };
}

/** At most 59 characters under Linux: what ext4 keeps in the link itself. */
function writeHolder({ pid, bootId, startedAt }: Holder): string {
  return `${pid}:${startedAt}:${bootId}`;
}

/** Undefined for a lock that no agent has written. */
function readHolder(text: string): Holder | undefined {
  const [, pid, startedAt, bootId] = /^(\d+):(\d*):(\w*)$/.exec(text) ?? [];
  if (pid === undefined || startedAt === undefined || bootId === undefined) return undefined;
  return { pid: Number(pid), bootId, startedAt };
}
