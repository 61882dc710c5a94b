import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { execFile } from "node:child_process";
import { kibibytes } from "../../../proto/units.ts";

/** Resident bytes of a process, asked from the outside: a process that is busy in native code cannot answer. */
export async function residentBytes(pid: number): Promise<number> {
  if (process.platform === "linux") {
    const status = await readFile(`/proc/${pid}/status`, "latin1");
    return kibibytes(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0));
  }
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return kibibytes(Number(stdout.trim()));
}
