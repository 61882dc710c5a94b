import { readFile } from "node:fs/promises";
import type { StreamSource } from "../../proto/streams.ts";
import type { ModelComparison } from "../packaging/comparison/compare-models.ts";
import { noProgress } from "../packaging/progress.ts";
import { CommandError, exitCodes, usageError } from "./exit-codes.ts";
import { progressBar } from "./progress-bar.ts";
import type { SampleFlags } from "./sample-flags.ts";
import { sampleOptionsOf } from "./sample-flags.ts";
import type { Session } from "./session.ts";

export interface CompareOptions extends SampleFlags {
  readonly inputs?: string;
  readonly classes?: string;
  readonly alphabet?: string;
  readonly variant?: string;
  readonly maxMs: string;
}

/** What the manifests of two stored versions say of their outputs. */
export interface ComparedSources {
  readonly a: StreamSource;
  readonly b: StreamSource;
}

/** Two ONNX files on this machine. Throws CommandError with the reason why they cannot be compared. */
export async function compareFiles(
  session: Session,
  a: string,
  b: string,
  options: CompareOptions,
  sources?: ComparedSources,
): Promise<ModelComparison> {
  const { compareModels } = await import("../packaging/comparison/compare-models.ts");
  const { maxMs } = options;
  if (!/^\d{1,7}$/.test(maxMs) || Number(maxMs) === 0)
    throw usageError(`--max-ms must be a number of milliseconds, not "${maxMs}"`);
  try {
    return await compareModels(
      a,
      b,
      {
        inputs: options.inputs,
        samples: sampleOptionsOf(options),
        classes: options.classes?.split(",") ?? classesOf(sources?.a),
        alphabet: options.alphabet === undefined ? undefined : await linesOf(options.alphabet),
        sources,
        runMs: Number(maxMs),
      },
      session.json && !session.terminal.isErrorTTY ? noProgress : progressBar(session.terminal, session.now),
      session.signal,
    );
  } catch (cause) {
    if (!(cause instanceof Error) || !(cause.name === "ComparisonError" || cause.name === "MetricError")) throw cause;
    const problems = "problems" in cause ? (cause.problems as readonly string[]) : [];
    throw new CommandError(exitCodes.failed, cause.message, problems, { cause });
  }
}

function classesOf(source: StreamSource | undefined): readonly string[] {
  return source?.interpretation.kind === "classification" ? source.interpretation.labels : [];
}

async function linesOf(file: string): Promise<readonly string[]> {
  const text = await readFile(file, "utf8");
  return text.replace(/\r?\n$/, "").split(/\r?\n/);
}
