import { readFile } from "node:fs/promises";
import { arch, release, totalmem, type as osType } from "node:os";
import type { DeviceProfile } from "../../../proto/messages.ts";

/** The flags that decide which variants are fast or possible here; a processor names a hundred more. */
const flagsThatMatter: readonly string[] = [
  "avx2",
  "avx512f",
  "avx512_vnni",
  "avx_vnni",
  "neon",
  "asimd",
  "asimddp",
  "i8mm",
];

/** What this machine can run. `hardware` is the name in the configuration, else the one in the device tree, else the architecture. */
export async function readDeviceProfile(options: {
  readonly hardware: string | undefined;
  readonly runtime: { readonly name: string; readonly version: string };
}): Promise<DeviceProfile> {
  return {
    architecture: arch(),
    operatingSystem: `${osType().toLowerCase()} ${release()}`,
    cpuFlags: cpuFlagsIn(await textOf("/proc/cpuinfo")),
    memoryBytes: await usableMemory(),
    runtimes: [{ name: options.runtime.name, version: options.runtime.version }],
    hardware: options.hardware ?? hardwareNameIn(await textOf("/proc/device-tree/model")) ?? arch(),
  };
}

/** From Linux's /proc/cpuinfo: x86 says `flags`, ARM says `Features`. Only what every processor has: a thread may run on any. */
export function cpuFlagsIn(cpuInfo: string): string[] {
  const lines = [...cpuInfo.matchAll(/^(?:flags|Features)\s*:(.*)$/gm)].map((match) =>
    (match[1] ?? "").trim().split(/\s+/),
  );
  return flagsThatMatter.filter((flag) => lines.length > 0 && lines.every((flags) => flags.includes(flag)));
}

/** The device tree's text ends with a NUL. */
function hardwareNameIn(model: string): string | undefined {
  const name = model.replaceAll("\0", "").trim();
  return name === "" ? undefined : name;
}

/** A container may use less than the machine has. */
export async function usableMemory(): Promise<number> {
  const limit = Number((await textOf("/sys/fs/cgroup/memory.max")).trim() || Number.NaN);
  return Number.isFinite(limit) ? Math.min(limit, totalmem()) : totalmem();
}

/** "" where there is no such file. */
async function textOf(path: string): Promise<string> {
  return await readFile(path, "utf8").catch(() => "");
}
