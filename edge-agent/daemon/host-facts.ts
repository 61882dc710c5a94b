import { readdir, readFile, statfs } from "node:fs/promises";
import { freemem, totalmem } from "node:os";
import { join } from "node:path";
import { kibibytes } from "../../proto/units.ts";

/** How the machine is, seen from outside the agent: it can be asked while the agent hangs. */
export interface HostFacts {
  readonly disk: { readonly freeBytes: number; readonly totalBytes: number };
  readonly memory: { readonly availableBytes: number; readonly totalBytes: number };
  /** The agent's process and the inference processes that it has started; empty where the system does not tell. */
  readonly processes: readonly ProcessFacts[];
  /** The hottest sensor; undefined where the system shows none. */
  readonly temperatureCelsius: number | undefined;
}

export interface ProcessFacts {
  readonly pid: number;
  readonly kind: "agent" | "inference";
  readonly residentBytes: number;
  /** Share of one core since the process started. */
  readonly cpuShare: number;
}

/** Linux counts in these ticks wherever it shows times to programs (USER_HZ), whatever the kernel itself counts in. */
const ticksPerSecond = 100;

export async function readHostFacts(data: string, agent: number | undefined): Promise<HostFacts> {
  const disk = await statfs(data);
  return {
    disk: { freeBytes: disk.bavail * disk.bsize, totalBytes: disk.blocks * disk.bsize },
    memory: { availableBytes: await availableMemory(), totalBytes: totalmem() },
    processes: agent === undefined ? [] : await processesOf(agent),
    temperatureCelsius: await hottest(),
  };
}

async function availableMemory(): Promise<number> {
  const info = await readFile("/proc/meminfo", "latin1").catch(() => "");
  const available = /^MemAvailable:\s+(\d+) kB$/m.exec(info)?.[1];
  return available === undefined ? freemem() : kibibytes(Number(available));
}

async function processesOf(agent: number): Promise<readonly ProcessFacts[]> {
  const uptime = Number((await readFile("/proc/uptime", "latin1").catch(() => "")).split(" ")[0] ?? 0);
  const names = await readdir("/proc").catch(() => []);
  const found = await Promise.all(
    names
      .filter((name) => /^\d+$/.test(name))
      .map(async (name) => await readProcess(Number(name), agent, uptime).catch(() => undefined)),
  );
  return found.filter((one) => one !== undefined).toSorted((a, b) => a.pid - b.pid);
}

async function readProcess(pid: number, agent: number, uptime: number): Promise<ProcessFacts | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "latin1");
  // The name of the program may hold spaces and brackets; the fields are counted behind it (proc(5)): ppid is the 4th, utime the
  // 14th, stime the 15th, starttime the 22nd.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number) => Number(fields[number - 3] ?? 0);
  if (pid !== agent && field(4) !== agent) return undefined;
  const command = await readFile(`/proc/${pid}/cmdline`, "latin1");
  if (pid !== agent && !command.includes("inference-child")) return undefined;
  const status = await readFile(`/proc/${pid}/status`, "latin1");
  const seconds = Math.max(1 / ticksPerSecond, uptime - field(22) / ticksPerSecond);
  return {
    pid,
    kind: pid === agent ? "agent" : "inference",
    residentBytes: kibibytes(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0)),
    cpuShare: (field(14) + field(15)) / ticksPerSecond / seconds,
  };
}

async function hottest(): Promise<number | undefined> {
  const zones = "/sys/class/thermal";
  const names = (await readdir(zones).catch(() => [])).filter((name) => name.startsWith("thermal_zone"));
  const readings = await Promise.all(
    names.map(async (name) => await readFile(join(zones, name, "temp"), "latin1").catch(() => "")),
  );
  const celsius = readings.filter((text) => /^-?\d+\s*$/.test(text)).map((text) => Number(text) / 1_000);
  return celsius.length === 0 ? undefined : Math.max(...celsius);
}
