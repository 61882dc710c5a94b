import { access, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { TensorSpec } from "../../../proto/manifest.ts";
import type { NpyArray } from "../../../proto/npy.ts";
import { decodeNpy, NpyFormatError, numbersOfNpy, rowOfNpy } from "../../../proto/npy.ts";
import { mebibytes } from "../../../proto/units.ts";
import { InputMismatchError, inputTensor } from "./input-tensor.ts";
import type { Sample, SampleSet } from "./sample-set.ts";
import { SamplesError } from "./sample-set.ts";

export interface NpyOptions {
  /** Every number of the named input is divided by this: 255 for images stored as bytes. */
  readonly divideBy?: Readonly<Record<string, number>>;
  /** .npy of one class index for each row. Without it `labels.npy` beside the inputs, if it is there. */
  readonly labels?: string;
}

/** A .npy file is held in memory: larger sets belong into directories of one file for each sample. */
const largestFile = mebibytes(1024);

/** `<input name>.npy` for every input, [rows, ...shape of one inference]. Undefined where the directory has none of them. */
export async function openNpyDirectory(
  directory: string,
  inputs: readonly TensorSpec[],
  options: NpyOptions,
): Promise<SampleSet | undefined> {
  const files = inputs.map(({ name }) => ({ name, file: join(directory, `${name}.npy`) }));
  const there = await Promise.all(files.map(({ file }) => exists(file)));
  if (!there.includes(true)) return undefined;
  const missing = files.filter((_file, i) => !there[i]);
  if (missing.length > 0)
    throw new SamplesError(
      directory,
      missing.map(({ name, file }) => `there is no ${basename(file)} for input "${name}"`),
    );
  const labels = join(directory, "labels.npy");
  const found =
    options.labels ?? (!inputs.some(({ name }) => name === "labels") && (await exists(labels)) ? labels : "");
  return openNpyFiles(
    directory,
    files.map(({ file }) => file),
    inputs,
    found === "" ? options : { ...options, labels: found },
  );
}

/** One file for each input, in the order of `inputs`. Throws SamplesError with everything that is wrong. */
export async function openNpyFiles(
  source: string,
  files: readonly string[],
  inputs: readonly TensorSpec[],
  options: NpyOptions,
): Promise<SampleSet> {
  const problems: string[] = [];
  const read = async (file: string): Promise<NpyArray | undefined> => {
    try {
      return await readNpyFile(file);
    } catch (error) {
      if (!(error instanceof NpyFormatError)) throw error;
      problems.push(`${basename(file)}: ${error.message}`);
      return undefined;
    }
  };
  const arrays: (NpyArray | undefined)[] = [];
  for (const file of files) arrays.push(await read(file));
  const labels = options.labels === undefined ? undefined : await read(options.labels);
  const count = arrays[0]?.shape[0] ?? 0;
  for (const [i, array] of [...arrays, labels].entries())
    if (array !== undefined && array.shape[0] !== count)
      problems.push(
        `${basename(files[i] ?? options.labels ?? "")} has ${array.shape[0] ?? "no"} rows, ${basename(files[0] ?? "")} has ${count}`,
      );
  if (labels !== undefined && labels.shape.length !== 1)
    problems.push(`labels must be one number for each row, not of shape [${labels.shape.join(", ")}]`);
  if (count === 0 && problems.length === 0) problems.push("there are no rows");
  if (problems.length > 0) throw new SamplesError(source, problems);
  const whole = arrays as readonly NpyArray[];
  // The index of a row is checked by its user: rows are the same in shape, so the first speaks for all.
  rowSample(source, whole, inputs, options, 0);
  return {
    count,
    read: async (index) => ({
      ...rowSample(source, whole, inputs, options, index),
      label: labels === undefined ? undefined : numbersOfNpy(rowOfNpy(labels, index))[0],
    }),
  };
}

async function readNpyFile(file: string): Promise<NpyArray> {
  const { size } = await stat(file);
  if (size > largestFile)
    throw new NpyFormatError(
      `${size} bytes are more than the ${largestFile} that are held in memory; save the samples as test_data_set_N directories`,
    );
  return decodeNpy(await readFile(file));
}

function rowSample(
  source: string,
  arrays: readonly NpyArray[],
  inputs: readonly TensorSpec[],
  { divideBy = {} }: NpyOptions,
  index: number,
): Sample {
  const name = `row ${index} of ${basename(source)}`;
  try {
    return {
      name,
      inputs: inputs.map((spec, i) => {
        const row = rowOfNpy(arrays[i] as NpyArray, index);
        const numbers = numbersOfNpy(row);
        const divisor = divideBy[spec.name];
        const scaled = divisor === undefined ? numbers : Float64Array.from(numbers, (value) => value / divisor);
        return inputTensor(spec, row.shape, scaled);
      }),
      outputs: undefined,
      label: undefined,
    };
  } catch (cause) {
    if (!(cause instanceof InputMismatchError)) throw cause;
    throw new SamplesError(source, [`row ${index}: ${cause.message}`], { cause });
  }
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
