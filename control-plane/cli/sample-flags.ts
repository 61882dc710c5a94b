import { Option } from "commander";
import { Problems } from "../../proto/problems.ts";
import { parseImageOptions } from "../packaging/samples/image-options.ts";
import type { SampleOptions } from "../packaging/samples/open-samples.ts";
import { usageError } from "./exit-codes.ts";
import { collect, parseKeyValue } from "./key-value.ts";

export interface SampleFlags {
  readonly labelColumn?: string;
  readonly labels?: string;
  readonly images?: string;
  readonly divideBy?: readonly string[];
}

/** How samples are read, for every command that takes some. */
export function sampleFlags(): readonly Option[] {
  return [
    new Option("--label-column <name>", "the column of a .csv file that holds the right answer"),
    new Option("--labels <file>", ".npy of one class index for each row of a .npy file"),
    new Option(
      "--divide-by <input=number>",
      "every number of a .npy or .csv file is divided by this: image=255; repeatable",
    ).argParser(collect),
    new Option("--images <json>", 'how images become inputs, such as {"mean":[0.5],"std":[0.5]}'),
  ];
}

/** Throws CommandError (usage) for values that mean nothing. */
export function sampleOptionsOf({ labelColumn, labels, images, divideBy }: SampleFlags): SampleOptions {
  return {
    ...(labelColumn !== undefined && { labelColumn }),
    ...(labels !== undefined && { labels }),
    ...(images !== undefined && { images: imageOptionsOf(images) }),
    divideBy: divisorsOf(divideBy ?? []),
  };
}

function divisorsOf(texts: readonly string[]): Readonly<Record<string, number>> {
  const divisors = new Map<string, number>();
  for (const text of texts) {
    const [name, number] = parseKeyValue(text);
    const divisor = Number(number);
    if (!(divisor > 0 && Number.isFinite(divisor)))
      throw usageError(`--divide-by ${text}: "${number}" is not a number above 0`);
    if (divisors.has(name)) throw usageError(`--divide-by ${text}: "${name}" is divided already`);
    divisors.set(name, divisor);
  }
  return Object.fromEntries(divisors);
}

function imageOptionsOf(text: string) {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw usageError(`--images must be JSON, not ${text}`);
  }
  const problems = new Problems();
  const options = parseImageOptions(value, "--images", problems);
  if (options === undefined || problems.any) throw usageError("the image options have mistakes:", problems.list);
  return options;
}
