import { readFile } from "node:fs/promises";
import { arch, release, totalmem, type as osType } from "node:os";
import { cpuFlagsIn } from "../../../proto/cpu-flags.ts";
import type { DeviceProfile } from "../../../proto/messages.ts";

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
