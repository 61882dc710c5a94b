import type { Command } from "commander";
import { noProgress } from "../../packaging/progress.ts";
import { comparisonPage } from "../comparison-page.ts";
import { CommandError, exitCodes, usageError } from "../exit-codes.ts";
import { collect, parseKeyValue } from "../key-value.ts";
import { progressBar } from "../progress-bar.ts";
import type { Session, Surroundings } from "../session.ts";
import { openSession } from "../session.ts";

interface CompareOptions {
  readonly inputs?: string;
  readonly labelColumn?: string;
  readonly labels?: string;
  readonly classes?: string;
  readonly images?: string;
  readonly divideBy?: readonly string[];
  readonly maxMs: string;
}

export function addModelCompare(model: Command, surroundings: Surroundings): void {
  model
    .command("compare <a> <b>")
    .description("two ONNX files side by side: inputs, operators, size, and on the same samples outputs and latency")
    .option("--inputs <path>", "samples: test_data_set_N directories, .npy, .csv or images")
    .option("--label-column <name>", "the column of a .csv file that holds the right answer")
    .option("--labels <file>", ".npy of one class index for each row of a .npy file")
    .option("--classes <names>", "names of the classes, in the order of the scores, where labels are names: cat,dog")
    .option(
      "--divide-by <input=number>",
      "every number of a .npy or .csv file is divided by this: image=255; repeatable",
      collect,
    )
    .option("--images <json>", 'how images become inputs, such as {"mean":[0.5],"std":[0.5]}')
    .option("--max-ms <milliseconds>", "the longest that one inference may take", "60000")
    .action(async (a: string, b: string, options: CompareOptions, command: Command) => {
      const session = openSession(surroundings, command);
      const comparison = await compare(session, a, b, options);
      session.show({ ...comparison, host: await host() }, () =>
        comparisonPage(comparison, session.terminal.columns(), session.terminal.paint),
      );
    });
}

async function compare(session: Session, a: string, b: string, options: CompareOptions) {
  const { compareModels } = await import("../../packaging/comparison/compare-models.ts");
  const { labelColumn, labels, maxMs } = options;
  if (!/^\d{1,7}$/.test(maxMs) || Number(maxMs) === 0)
    throw usageError(`--max-ms must be a number of milliseconds, not "${maxMs}"`);
  const images = await imageOptions(options.images);
  try {
    return await compareModels(
      a,
      b,
      {
        inputs: options.inputs,
        samples: {
          ...(labelColumn === undefined ? {} : { labelColumn }),
          ...(labels === undefined ? {} : { labels }),
          ...(images === undefined ? {} : { images }),
          divideBy: divisorsOf(options.divideBy ?? []),
        },
        classes: options.classes?.split(",") ?? [],
        runMs: Number(maxMs),
      },
      session.json && !session.terminal.isErrorTTY ? noProgress : progressBar(session.terminal, session.now),
      session.signal,
    );
  } catch (cause) {
    if (!(cause instanceof Error) || cause.name !== "ComparisonError" || !("problems" in cause)) throw cause;
    throw new CommandError(exitCodes.failed, cause.message, cause.problems as readonly string[], { cause });
  }
}

function divisorsOf(texts: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    texts.map((text) => {
      const [name, number] = parseKeyValue(text);
      if (!(Number(number) > 0)) throw usageError(`--divide-by ${text}: "${number}" is not a number above 0`);
      return [name, Number(number)];
    }),
  );
}

async function imageOptions(text: string | undefined) {
  if (text === undefined) return undefined;
  const [{ parseImageOptions }, { Problems }] = await Promise.all([
    import("../../packaging/samples/image-options.ts"),
    import("../../../proto/problems.ts"),
  ]);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw usageError(`--images must be JSON, not ${text}`);
  }
  const problems = new Problems();
  const options = parseImageOptions(value, "--images", problems);
  if (problems.any) throw usageError("the image options have mistakes:", problems.list);
  return options;
}

/** Latencies mean something only with the processor they were measured on. */
async function host(): Promise<object> {
  const { arch, cpus } = await import("node:os");
  return { architecture: arch(), processor: cpus()[0]?.model ?? "unknown" };
}
