import { readFile } from "node:fs/promises";
import { arch, cpus } from "node:os";

/** The machine that something is measured on: figures mean little without it. */
export interface Processor {
  readonly architecture: string;
  readonly name: string;
  /** Those that decide how fast int8 is; a processor names a hundred more. */
  readonly cpuFlags: readonly string[];
}

const flagsThatMatter = ["avx2", "avx512f", "avx512_vnni", "avx_vnni", "neon", "asimd", "asimddp", "i8mm"] as const;

export async function thisProcessor(): Promise<Processor> {
  // x86 says `flags`, ARM says `Features` (proc_cpuinfo(5)).
  const text = await readFile("/proc/cpuinfo", "latin1").catch(() => "");
  const flags = new Set((/^(?:flags|Features)\s*:(.*)$/m.exec(text)?.[1] ?? "").trim().split(/\s+/));
  return {
    architecture: arch(),
    name: cpus()[0]?.model.trim() || "unknown",
    cpuFlags: flagsThatMatter.filter((flag) => flags.has(flag)),
  };
}
