import { existsSync } from "node:fs";
import { Option } from "commander";
import type { Command } from "commander";
import { noProgress } from "../../packaging/progress.ts";
import { defaultPercentile } from "../../packaging/quantization/calibration-settings.ts";
import type { CalibrationMethod, QuantizationMethod } from "../../packaging/quantization/quantization.ts";
import { defaultQuantization, quantizationMethods } from "../../packaging/quantization/quantization.ts";
import { usageError } from "../exit-codes.ts";
import { collect } from "../key-value.ts";
import { packageVersion } from "../package-version.ts";
import { progressBar } from "../progress-bar.ts";
import { quantizationPage } from "../quantization-page.ts";
import { sampleFlags, sampleOptionsOf } from "../sample-flags.ts";
import type { SampleFlags } from "../sample-flags.ts";
import type { Surroundings } from "../session.ts";
import { openSession } from "../session.ts";

interface QuantizeFlags extends SampleFlags {
  readonly method: QuantizationMethod;
  readonly out: string;
  readonly calibration?: string;
  readonly calibrationMethod: CalibrationMethod | "auto";
  readonly percentile: string;
  readonly perTensor?: true;
  readonly reduceRange?: true;
  readonly exclude?: readonly string[];
  readonly autoExclude: string;
  readonly blockSize: string;
  readonly baseVersion?: string;
  readonly ranges?: string;
  readonly report?: string;
}

export function addModelQuantize(model: Command, surroundings: Surroundings): void {
  const command = model
    .command("quantize <file>")
    .description("make a smaller or faster build of an ONNX file; what is written has been run once")
    .addOption(new Option("--method <method>", "how").choices([...quantizationMethods]).makeOptionMandatory())
    .requiredOption("--out <file>", "file to write")
    .option(
      "--calibration <path>",
      "samples that activations are measured on: test_data_set_N directories, .npy, .csv or images",
    )
    .addOption(
      new Option(
        "--calibration-method <method>",
        "how ranges follow from what was seen; auto tries all and keeps the best",
      )
        .choices(["auto", "minmax", "percentile", "entropy"])
        .default("auto"),
    )
    .option("--percentile <number>", "of the method percentile, 50 to 100", String(defaultPercentile))
    .option("--per-tensor", "one scale for a whole weight instead of one for each channel")
    .option("--reduce-range", "7-bit weights, for x86 processors without VNNI")
    .option("--exclude <node>", "leave this node in float; repeatable", collect)
    .option("--auto-exclude <count>", "search for at most so many harmful nodes and leave them in float", "0")
    .option("--block-size <count>", "weights-int4: weights that share a scale", String(defaultQuantization.blockSize))
    .option("--base-version <file>", "keep the scales of this quantized file where they still fit: a smaller delta")
    .option("--ranges <file>", "use the ranges in this file; where there is none, write the ranges that were found")
    .option("--report <file>", "write here too, as JSON, what was made from what and how");
  for (const flag of sampleFlags()) command.addOption(flag);
  command.action(async (file: string, flags: QuantizeFlags, command_: Command) => {
    const session = openSession(surroundings, command_);
    if (flags.ranges !== undefined && flags.method !== "static-int8")
      throw usageError(`--ranges is of static-int8: ${flags.method} keeps no ranges`);
    const hasRanges = flags.ranges !== undefined && existsSync(flags.ranges);
    if (flags.method === "static-int8" && flags.calibration === undefined && !hasRanges)
      throw usageError(
        "static-int8 needs to know how large activations become: give samples with --calibration, or --ranges with a file that an earlier run wrote",
      );
    if (Number(flags.autoExclude) > 0 && flags.calibration === undefined)
      throw usageError("--auto-exclude compares models on samples: give them with --calibration");
    const { quantizeFile } = await import("../../packaging/quantization/quantize-file.ts");
    const progress =
      session.json && !session.terminal.isErrorTTY ? noProgress : progressBar(session.terminal, session.now);
    const percentile = numberOf(flags.percentile, "--percentile", 50, 100);
    if (flags.calibrationMethod !== "percentile" && command_.getOptionValueSource("percentile") !== "default")
      throw usageError("--percentile is of --calibration-method percentile: name that too");
    const result = await quantizeFile(
      {
        file,
        out: flags.out,
        recipe: {
          options: {
            ...defaultQuantization,
            method: flags.method,
            perChannel: flags.perTensor !== true,
            reduceRange: flags.reduceRange === true,
            exclude: flags.exclude ?? [],
            blockSize: wholeNumberOf(flags.blockSize, "--block-size", 16, 2 ** 20),
          },
          calibration: flags.calibrationMethod === "auto" ? "auto" : { method: flags.calibrationMethod, percentile },
          autoExclude: wholeNumberOf(flags.autoExclude, "--auto-exclude", 0, 1_000),
        },
        calibration: flags.calibration,
        sampleOptions: sampleOptionsOf(flags),
        base: flags.baseVersion,
        rangesFile: flags.ranges,
        reportFile: flags.report,
        tool: `sedge ${packageVersion()}`,
      },
      progress,
      session.signal,
    ).finally(() => progress.end());
    session.show(result, () => quantizationPage(result, flags.method, session.terminal.paint));
  });
}

function numberOf(text: string, flag: string, min: number, max: number): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= min && value <= max))
    throw usageError(`${flag} takes a number from ${min} to ${max}, not "${text}"`);
  return value;
}

function wholeNumberOf(text: string, flag: string, min: number, max: number): number {
  const value = numberOf(text, flag, min, max);
  if (Number.isInteger(value)) return value;
  throw usageError(`${flag} takes a whole number, not "${text}"`);
}
