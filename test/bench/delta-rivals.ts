import { execFile } from "node:child_process";
import { stat } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Another program that makes deltas, at the settings that make the smallest ones. */
export interface Rival {
  readonly name: string;
  readonly program: string;
  command(base: string, target: string, out: string): readonly string[];
}

export const rivals: readonly Rival[] = [
  {
    name: "zstd",
    program: "zstd",
    command: (base, target, out) => {
      const strongest = ["-19", "--ultra", "--long=27"];
      return [...strongest, "-f", "-q", `--patch-from=${base}`, target, "-o", out];
    },
  },
  {
    name: "xdelta3",
    program: "xdelta3",
    command: (base, target, out) => ["-9", "-S", "lzma", "-f", "-e", "-s", base, target, out],
  },
  { name: "bsdiff", program: "bsdiff", command: (base, target, out) => [base, target, out] },
];

export interface RivalFigures {
  readonly bytes: number;
  readonly seconds: number;
}

/** Undefined where the program is not installed. */
export async function runRival(
  rival: Rival,
  [base, target, out]: readonly [string, string, string],
  signal: AbortSignal,
): Promise<RivalFigures | undefined> {
  const startedAt = performance.now();
  try {
    await run(rival.program, [...rival.command(base, target, out)], { signal });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return { bytes: (await stat(out)).size, seconds: (performance.now() - startedAt) / 1_000 };
}
