import { readFile } from "node:fs/promises";
import { arch, cpus } from "node:os";
import { cpuFlagsIn } from "../../proto/cpu-flags.ts";

/** The machine that something is measured on: figures mean little without it. */
export interface Processor {
  readonly architecture: string;
  readonly name: string;
  /** Those that decide how fast int8 is; a processor names a hundred more. */
  readonly cpuFlags: readonly string[];
}

export async function thisProcessor(): Promise<Processor> {
  return {
    architecture: arch(),
    name: cpus()[0]?.model.trim() || "unknown",
    cpuFlags: cpuFlagsIn(await readFile("/proc/cpuinfo", "latin1").catch(() => "")),
  };
}
