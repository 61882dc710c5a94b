import { stat } from "node:fs/promises";
import { extname } from "node:path";
import type { TensorSpec } from "../../../proto/manifest.ts";
import type { CsvOptions } from "./csv-samples.ts";
import { openCsvSamples } from "./csv-samples.ts";
import type { ImageOptions } from "./image-options.ts";
import { openImageSamples } from "./image-samples.ts";
import type { NpyOptions } from "./npy-samples.ts";
import { openNpyDirectory, openNpyFiles } from "./npy-samples.ts";
import type { SampleSet } from "./sample-set.ts";
import { SamplesError } from "./sample-set.ts";
import { openTestDataSets } from "./test-data-sets.ts";

export interface SampleOptions extends CsvOptions, NpyOptions {
  readonly images?: ImageOptions;
  /** Gives names to `output_M.pb` files that hold none. */
  readonly outputs?: readonly TensorSpec[];
}

const forms =
  "directories test_data_set_N with input_M.pb, images (.png, .jpg), <input>.npy for every input, or one .csv or .npy file";

/**
 * Opens samples in any form that Sedge reads:
 *
 * - a directory of `test_data_set_N` directories, or one of them;
 * - a .npy file [rows, ...] for a model with one input, or a directory of `<input name>.npy`;
 * - a .csv file with a header;
 * - a directory of .png and .jpg files, in folders named after their classes or with a `labels.csv`.
 *
 * Samples are read one at a time. Throws SamplesError when the form or the file as a whole is wrong; `read` throws it for one sample.
 * Whether a sample fits the model's shapes is checkSample's.
 */
export async function openSamples(
  path: string,
  inputs: readonly TensorSpec[],
  options: SampleOptions = {},
): Promise<SampleSet> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new SamplesError(path, [`there is no such file or directory; samples are ${forms}`], { cause });
  });
  if (found.isFile()) return openSampleFile(path, inputs, options);
  const samples =
    (await openTestDataSets(path, inputs, options.outputs ?? [])) ??
    (await openNpyDirectory(path, inputs, options)) ??
    (await openImageSamples(path, inputs, options.images ?? {}));
  if (samples === undefined) throw new SamplesError(path, [`the directory holds no samples; samples are ${forms}`]);
  return samples;
}

async function openSampleFile(path: string, inputs: readonly TensorSpec[], options: SampleOptions): Promise<SampleSet> {
  switch (extname(path).toLowerCase()) {
    case ".csv":
      return openCsvSamples(path, inputs, options);
    case ".npy":
      if (inputs.length !== 1)
        throw new SamplesError(path, [
          `one .npy file feeds a model with one input; this one has ${inputs.map(({ name }) => name).join(", ")}: give a directory of <input>.npy`,
        ]);
      return openNpyFiles(path, [path], inputs, options);
    default:
      throw new SamplesError(path, [`the form of this file is not known; samples are ${forms}`]);
  }
}
