import type { Command } from "commander";
import type { ModelInspection } from "../../packaging/onnx/inspect.ts";
import { CommandError, exitCodes, usageError } from "../exit-codes.ts";
import type { InspectionReport } from "../inspection-page.ts";
import { inspectionPage } from "../inspection-page.ts";
import { collect, parseKeyValue } from "../key-value.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";

interface InspectOptions {
  readonly dimension?: readonly string[];
  readonly top: string;
}

export function addModelInspect(model: Command, surroundings: Surroundings): void {
  model
    .command("inspect <file>")
    .description("what is in an ONNX file, what it needs, and whether a fleet may get it; exit code 1 when not")
    .option("--dimension <name=size>", "size of a free dimension for the estimate of the memory; repeatable", collect)
    .option("--top <count>", "how many of the largest weights are listed", "10")
    .action(async (file: string, options: InspectOptions, command: Command) => {
      const session = openSession(surroundings, command);
      const top = wholeNumber(options.top, "--top");
      const report = await inspectFile(file, dimensionsOf(options.dimension ?? [])).catch((cause: unknown) => {
        if (!(cause instanceof Error) || cause.name !== "OnnxFormatError") throw cause;
        throw new CommandError(exitCodes.failed, `${file} is not an ONNX model: ${cause.message}`, [], { cause });
      });
      session.show(documentOf(report, top), () =>
        inspectionPage(report, top, session.terminal.columns(), session.terminal.paint),
      );
      if (report.refusals.length > 0)
        throw new CommandError(exitCodes.failed, `a fleet must not get ${file}: ${reasons(report.refusals.length)}`);
    });
}

async function inspectFile(file: string, dimensions: ReadonlyMap<string, number>): Promise<InspectionReport> {
  const [{ readModelBytes }, { decodeModel }, { encodedBytes }, { inspectModel }, { refusals }, hints, { stripModel }] =
    await Promise.all([
      import("../../packaging/read-model-file.ts"),
      import("../../packaging/onnx/decode.ts"),
      import("../../packaging/onnx/encode.ts"),
      import("../../packaging/onnx/inspect.ts"),
      import("../../packaging/onnx/refusals.ts"),
      import("../../packaging/onnx/device-hints.ts"),
      import("../../packaging/onnx/strip.ts"),
    ]);
  const bytes = await readModelBytes(file);
  const inspection = inspectModel(bytes, dimensions);
  const model = decodeModel(bytes);
  return {
    file,
    inspection,
    quantization: hints.quantizationOf(inspection),
    devices: hints.deviceHints(inspection),
    metadataBytes: Math.max(0, encodedBytes(model) - encodedBytes(stripModel(model))),
    refusals: refusals(inspection),
  };
}

/** The report for programs: as it is, with the smaller weights only counted. */
function documentOf({ inspection, ...report }: InspectionReport, top: number): object {
  const { weights, ...rest } = inspection;
  const others = weights.slice(top);
  return {
    ...report,
    ...jsonValue(rest),
    weights: weights.slice(0, top).map((weight) => jsonValue(weight)),
    otherWeights: { count: others.length, bytes: others.reduce((sum, { bytes }) => sum + bytes, 0) },
  };
}

/** JSON has no bigint: sizes beyond 2^53, which only damaged files declare, become text. */
function jsonValue(value: Partial<ModelInspection> | ModelInspection["weights"][number]): object {
  return JSON.parse(
    JSON.stringify(value, (_key, one: unknown) => (typeof one === "bigint" ? String(one) : one)),
  ) as object;
}

function dimensionsOf(texts: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    texts.map((text) => {
      const [name, size] = parseKeyValue(text);
      return [name === "?" ? "" : name, wholeNumber(size, `--dimension ${name}`)];
    }),
  );
}

function wholeNumber(text: string, option: string): number {
  if (!/^\d{1,9}$/.test(text)) throw usageError(`${option} must be a whole number, not "${text}"`);
  return Number(text);
}

function reasons(count: number): string {
  return count === 1 ? "there is one reason against it" : `there are ${count} reasons against it`;
}
