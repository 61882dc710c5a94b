import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { noProgress } from "../../packaging/progress.ts";
import { comparisonPage } from "../comparison-page.ts";
import { CommandError, exitCodes, usageError } from "../exit-codes.ts";
import { progressBar } from "../progress-bar.ts";
import type { SampleFlags } from "../sample-flags.ts";
import { sampleFlags, sampleOptionsOf } from "../sample-flags.ts";
import type { Session, Surroundings } from "../session.ts";
import { openSession } from "../session.ts";

interface CompareOptions extends SampleFlags {
  readonly inputs?: string;
  readonly classes?: string;
  readonly alphabet?: string;
  readonly maxMs: string;
}

export function addModelCompare(model: Command, surroundings: Surroundings): void {
  const compareCommand = model
    .command("compare <a> <b>")
    .description("two ONNX files side by side: inputs, operators, size, and on the same samples outputs and latency")
    .option("--inputs <path>", "samples: test_data_set_N directories, .npy, .csv or images")
    .option("--classes <names>", "names of the classes, in the order of the scores, where labels are names: cat,dog")
    .option("--alphabet <file>", "one symbol a line: the model reads text, and labels are the right texts")
    .option("--max-ms <milliseconds>", "the longest that one inference may take", "60000")
    .action(async (a: string, b: string, options: CompareOptions, command: Command) => {
      const session = openSession(surroundings, command);
      const comparison = await compare(session, a, b, options);
      session.show({ ...comparison, host: await host() }, () =>
        comparisonPage(comparison, session.terminal.columns(), session.terminal.paint),
      );
    });
  for (const flag of sampleFlags()) compareCommand.addOption(flag);
}

async function compare(session: Session, a: string, b: string, options: CompareOptions) {
  const { compareModels } = await import("../../packaging/comparison/compare-models.ts");
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
        classes: options.classes?.split(",") ?? [],
        alphabet: options.alphabet === undefined ? undefined : await linesOf(options.alphabet),
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

async function linesOf(file: string): Promise<readonly string[]> {
  const text = await readFile(file, "utf8");
  return text.replace(/\r?\n$/, "").split(/\r?\n/);
}

/** Latencies mean something only with the processor they were measured on. */
async function host(): Promise<object> {
  const { arch, cpus } = await import("node:os");
  return { architecture: arch(), processor: cpus()[0]?.model ?? "unknown" };
}
