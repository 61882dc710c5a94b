import type { Command } from "commander";
import { readCompareArguments } from "../compare-arguments.ts";
import type { CompareOptions } from "../compare-files.ts";
import { compareFiles } from "../compare-files.ts";
import { comparisonPage } from "../comparison-page.ts";
import { usageError } from "../exit-codes.ts";
import { sampleFlags } from "../sample-flags.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";
import { versionComparisonPage } from "../version-comparison-page.ts";

export function addModelCompare(model: Command, surroundings: Surroundings): void {
  const compareCommand = model
    .command("compare <a> <b>")
    .description(
      "two stored versions (digits@1 digits@champion) or two ONNX files side by side: inputs, operators, size, quality, latency, distributions; with samples also what both answer to them",
    )
    .option("--inputs <path>", "samples: test_data_set_N directories, .npy, .csv or images")
    .option("--variant <name>", "of stored versions: which variant runs on the samples, int8 or int8=fp32 (else each)")
    .option("--classes <names>", "names of the classes, in the order of the scores, where labels are names: cat,dog")
    .option("--alphabet <file>", "one symbol a line: the model reads text, and labels are the right texts")
    .option("--max-ms <milliseconds>", "the longest that one inference may take", "60000")
    .action(async (a: string, b: string, options: CompareOptions, command: Command) => {
      const session = openSession(surroundings, command);
      const { columns, paint } = session.terminal;
      const asked = await readCompareArguments(a, b);
      if (asked.kind === "stored") {
        // Loaded when needed: it brings the ONNX codec along.
        const { compareStored } = await import("../compare-stored.ts");
        const comparison = await compareStored(session, asked, options);
        const ran = comparison.runs !== undefined;
        session.show({ ...comparison, ...(ran && { host: await host() }) }, () =>
          versionComparisonPage(comparison, session.now(), columns(), paint),
        );
        return;
      }
      if (options.variant !== undefined)
        throw usageError("--variant is for stored versions; two files are compared whole");
      const comparison = await compareFiles(session, asked.a, asked.b, options);
      session.show({ ...comparison, host: await host() }, () => comparisonPage(comparison, columns(), paint));
    });
  for (const flag of sampleFlags()) compareCommand.addOption(flag);
}

/** Latencies mean something only with the processor they were measured on. */
async function host(): Promise<object> {
  const { arch, cpus } = await import("node:os");
  return { architecture: arch(), processor: cpus()[0]?.model ?? "unknown" };
}
