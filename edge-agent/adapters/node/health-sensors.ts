import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { HealthReading, HealthSensors } from "../../core/ports.ts";
import { kibibytes } from "../../../proto/units.ts";

export interface HealthSensorsOptions {
  /** Of the data directory. */
  readonly freeDiskBytes: () => Promise<number>;
  /** The agent's process; its children are the models'. */
  readonly pid: number;
  /** Where the system shows itself: holds `proc` and `sys`. "/" unless told. */
  readonly root?: string;
  /** Milliseconds that only go up. */
  readonly monotonic: () => number;
}

/** Linux counts in these ticks wherever it shows times to programs (USER_HZ), whatever the kernel itself counts in. */
const ticksPerSecond = 100;

/** Reads how the machine is from the files in which Linux shows it (proc(5), the kernel's sysfs ABI). */
export function createHealthSensors({
  freeDiskBytes,
  pid,
  root = "/",
  monotonic,
}: HealthSensorsOptions): HealthSensors {
  let before: Counters | undefined;
  return {
    async read() {
      const now = await readCounters(root, pid, monotonic());
      const since = before;
      before = now;
      const agent = await residentBytes(root, pid);
      const models = await sumOf(now.children.map((child) => residentBytes(root, child)));
      return shown({
        cpu: since && cpuShare(since, now),
        "agent-cpu": since && agentShare(since, now),
        "agent-memory": agent,
        // Before the first model has its process there is nothing to measure: 0 would be the least of the whole window.
        "models-memory": agent === undefined || models === 0 ? undefined : models,
        "memory-available": await availableMemory(root),
        "disk-free": await freeDiskBytes().catch(() => undefined),
        temperature: await hottestCelsius(root),
        frequency: await frequencyShare(root),
        throttled: await isThrottled(root, since?.throttles, now.throttles),
        ...(await readBattery(root)),
      });
    },
  };
}

function shown(values: { readonly [Name in keyof HealthReading]: number | undefined }): HealthReading {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/** What only goes up, and says something by how much it did. */
interface Counters {
  readonly at: number;
  readonly busyTicks: number | undefined;
  readonly allTicks: number | undefined;
  readonly children: readonly number[];
  readonly processTicks: ReadonlyMap<number, number>;
  /** How often the processor's cores were throttled; undefined where that is not counted. */
  readonly throttles: number | undefined;
}

async function readCounters(root: string, pid: number, at: number): Promise<Counters> {
  // user nice system idle iowait irq softirq steal; guest time is part of user's (proc_stat(5)).
  const line = /^cpu +(.*)$/m.exec((await textOf(root, "proc/stat")) ?? "")?.[1];
  const ticks = line?.split(" ").map(Number).slice(0, 8);
  const idle = (ticks?.[3] ?? 0) + (ticks?.[4] ?? 0);
  const all = ticks?.reduce((sum, one) => sum + one, 0);
  const children = numbersIn((await textOf(root, `proc/${pid}/task/${pid}/children`)) ?? "");
  const processTicks = new Map<number, number>();
  for (const one of [pid, ...children]) {
    const spent = await ticksOf(root, one);
    if (spent !== undefined) processTicks.set(one, spent);
  }
  return {
    at,
    busyTicks: all === undefined ? undefined : all - idle,
    allTicks: all,
    children,
    processTicks,
    throttles: await throttleCount(root),
  };
}

function cpuShare(since: Counters, now: Counters): number | undefined {
  if (since.allTicks === undefined || now.allTicks === undefined || now.allTicks <= since.allTicks) return undefined;
  return ((now.busyTicks ?? 0) - (since.busyTicks ?? 0)) / (now.allTicks - since.allTicks);
}

/** Of one core. A child that began in between counts from its beginning; what one that has ended did since is not known any more. */
function agentShare(since: Counters, now: Counters): number | undefined {
  const seconds = (now.at - since.at) / 1_000;
  if (now.processTicks.size === 0 || seconds <= 0) return undefined;
  let ticks = 0;
  for (const [pid, spent] of now.processTicks) ticks += Math.max(0, spent - (since.processTicks.get(pid) ?? 0));
  return ticks / ticksPerSecond / seconds;
}

async function ticksOf(root: string, pid: number): Promise<number | undefined> {
  const stat = await textOf(root, `proc/${pid}/stat`);
  // The program's name may hold spaces and brackets; utime is the 14th field, stime the 15th, and the 3rd comes behind the name.
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields && Number(fields[11]) + Number(fields[12]);
}

async function residentBytes(root: string, pid: number): Promise<number | undefined> {
  return kilobytes(await textOf(root, `proc/${pid}/status`), /^VmRSS:\s+(\d+) kB$/m);
}

async function availableMemory(root: string): Promise<number | undefined> {
  return kilobytes(await textOf(root, "proc/meminfo"), /^MemAvailable:\s+(\d+) kB$/m);
}

function kilobytes(text: string | undefined, line: RegExp): number | undefined {
  const found = line.exec(text ?? "")?.[1];
  return found === undefined ? undefined : kibibytes(Number(found));
}

/** Sensors show thousandths of a degree. A sensor that is not connected shows absolute zero, or an error. */
async function hottestCelsius(root: string): Promise<number | undefined> {
  const readings = await numbersOf(root, "sys/class/thermal", /^thermal_zone\d+$/, "temp");
  return largest(readings.map((thousandths) => thousandths / 1_000).filter((celsius) => celsius > -100));
}

/** The mean over the cores of the clock that each has, as a share of the highest that it could have. */
async function frequencyShare(root: string): Promise<number | undefined> {
  const cores = await namesIn(root, "sys/devices/system/cpu", /^cpu\d+$/);
  const shares: number[] = [];
  for (const core of cores) {
    const directory = `sys/devices/system/cpu/${core}/cpufreq`;
    const now = await numberOf(root, `${directory}/scaling_cur_freq`);
    const highest = await numberOf(root, `${directory}/cpuinfo_max_freq`);
    if (now !== undefined && highest !== undefined && highest > 0) shares.push(now / highest);
  }
  return shares.length === 0 ? undefined : shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

async function throttleCount(root: string): Promise<number | undefined> {
  const counts: number[] = [];
  for (const core of await namesIn(root, "sys/devices/system/cpu", /^cpu\d+$/)) {
    const count = await numberOf(root, `sys/devices/system/cpu/${core}/thermal_throttle/core_throttle_count`);
    if (count !== undefined) counts.push(count);
  }
  return counts.length === 0 ? undefined : counts.reduce((sum, count) => sum + count, 0);
}

/**
 * 1 while the processor is held back: x86 counts how often (thermal_throttle), ARM boards have the processor as a cooling device (a
 * fan is one, too, and holds nothing back), and a Raspberry Pi says in the lowest four bits of `get_throttled` whether it has too
 * little voltage, a capped clock, is throttled or near its limit of heat.
 */
async function isThrottled(
  root: string,
  before: number | undefined,
  now: number | undefined,
): Promise<number | undefined> {
  const signs: boolean[] = [];
  if (before !== undefined && now !== undefined) signs.push(now > before);
  for (const device of await namesIn(root, "sys/class/thermal", /^cooling_device\d+$/)) {
    const type = (await textOf(root, `sys/class/thermal/${device}/type`)) ?? "";
    const state = await numberOf(root, `sys/class/thermal/${device}/cur_state`);
    if (/cpu|processor/i.test(type) && state !== undefined) signs.push(state > 0);
  }
  const firmware = await textOf(root, "sys/devices/platform/soc/soc:firmware/get_throttled");
  if (firmware !== undefined) signs.push((Number.parseInt(firmware, 16) & 0xf) !== 0);
  return signs.length === 0 ? undefined : Number(signs.includes(true));
}

/** The emptiest battery of the device itself: a mouse's has the scope "Device". */
async function readBattery(root: string): Promise<Pick<HealthReading, "battery" | "on-battery">> {
  const charges: number[] = [];
  let isDischarging = false;
  for (const name of await namesIn(root, "sys/class/power_supply", /./)) {
    const directory = `sys/class/power_supply/${name}`;
    const [type, scope] = [await textOf(root, `${directory}/type`), await textOf(root, `${directory}/scope`)];
    const percent = await numberOf(root, `${directory}/capacity`);
    if (type?.trim() !== "Battery" || scope?.trim() === "Device" || percent === undefined) continue;
    charges.push(percent / 100);
    isDischarging ||= (await textOf(root, `${directory}/status`))?.trim() === "Discharging";
  }
  return charges.length === 0 ? {} : { battery: Math.min(...charges), "on-battery": Number(isDischarging) };
}

async function numbersOf(root: string, directory: string, name: RegExp, file: string): Promise<readonly number[]> {
  const names = await namesIn(root, directory, name);
  const found = await Promise.all(names.map((one) => numberOf(root, `${directory}/${one}/${file}`)));
  return found.filter((one) => one !== undefined);
}

async function numberOf(root: string, path: string): Promise<number | undefined> {
  const text = await textOf(root, path);
  return text !== undefined && /^-?\d+\s*$/.test(text) ? Number(text) : undefined;
}

function numbersIn(text: string): readonly number[] {
  return [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits));
}

function largest(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : Math.max(...values);
}

async function sumOf(values: readonly Promise<number | undefined>[]): Promise<number> {
  return (await Promise.all(values)).reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

async function namesIn(root: string, directory: string, name: RegExp): Promise<readonly string[]> {
  const names = await readdir(join(root, directory)).catch(() => []);
  return names.filter((one) => name.test(one));
}

/** Undefined where there is no such file, or where reading it fails, as it does for a sensor that is switched off. */
async function textOf(root: string, path: string): Promise<string | undefined> {
  return await readFile(join(root, path), "latin1").catch(() => undefined);
}
