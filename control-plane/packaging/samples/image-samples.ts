import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CsvError } from "csv-parse";
import { parse } from "csv-parse/sync";
import type { TensorSpec } from "../../../proto/manifest.ts";
import { decodePicture, PictureError } from "./decode-picture.ts";
import type { ImageOptions } from "./image-options.ts";
import { pictureShape, pictureTensor } from "./picture-tensor.ts";
import type { SampleSet } from "./sample-set.ts";
import { SamplesError } from "./sample-set.ts";

interface ImageFile {
  /** Relative to the directory, with "/" between folders. */
  readonly name: string;
  readonly label: string | undefined;
}

const imageName = /\.(png|jpe?g)$/i;
const labelsFile = "labels.csv";

/**
 * A directory of .png and .jpg files, in the order of their names. Folders in it are classes, whose name is the label of what they
 * hold; or `labels.csv` with the columns `file` and `label` says the label of each image (a file it does not name is left out).
 * Undefined where the directory holds no images.
 */
export async function openImageSamples(
  directory: string,
  inputs: readonly TensorSpec[],
  options: ImageOptions,
): Promise<SampleSet | undefined> {
  const files = await imageFiles(directory);
  if (files.length === 0) return undefined;
  const [spec, second] = inputs;
  if (spec === undefined || second !== undefined)
    throw new SamplesError(directory, [`images feed a model with one input; this one has ${inputs.length}`]);
  const shape = pictureShape(spec, options);
  if (typeof shape === "string") throw new SamplesError(directory, [shape]);
  return {
    count: files.length,
    async read(index) {
      const { name, label } = files[index] as ImageFile;
      const bytes = await readFile(join(directory, name));
      try {
        const tensor = pictureTensor(decodePicture(bytes), spec, shape, options);
        return { name, inputs: [tensor], outputs: undefined, label };
      } catch (cause) {
        if (!(cause instanceof PictureError)) throw cause;
        throw new SamplesError(directory, [`${name}: ${cause.message}`], { cause });
      }
    },
  };
}

async function imageFiles(directory: string): Promise<readonly ImageFile[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  if (entries.some((entry) => entry.name === labelsFile)) return labelledFiles(directory);
  const own = entries
    .filter((entry) => entry.isFile() && imageName.test(entry.name))
    .map(({ name }): ImageFile => ({ name, label: undefined }));
  const classes: ImageFile[] = [];
  for (const folder of entries.filter((entry) => entry.isDirectory()))
    for (const name of await readdir(join(directory, folder.name)))
      if (imageName.test(name)) classes.push({ name: `${folder.name}/${name}`, label: folder.name });
  if (own.length > 0 && classes.length > 0)
    throw new SamplesError(directory, [
      `images lie both in the directory (${own[0]?.name ?? ""}) and in class folders (${classes[0]?.name ?? ""}): which have a label?`,
    ]);
  return [...own, ...classes].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

async function labelledFiles(directory: string): Promise<readonly ImageFile[]> {
  const file = join(directory, labelsFile);
  const problems: string[] = [];
  let rows: string[][];
  try {
    rows = parse(await readFile(file), { bom: true, skip_empty_lines: true });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    throw new SamplesError(file, [cause.message], { cause });
  }
  const [header = [], ...records] = rows;
  const fileColumn = header.indexOf("file");
  const labelColumn = header.indexOf("label");
  if (fileColumn === -1 || labelColumn === -1)
    throw new SamplesError(file, ['line 1: the columns must be named "file" and "label"']);
  const present = new Set((await readdir(directory, { recursive: true })).map((name) => name.replaceAll("\\", "/")));
  const files = records.map((record) => ({ name: record[fileColumn] ?? "", label: record[labelColumn] ?? "" }));
  for (const { name } of files) if (!present.has(name)) problems.push(`there is no file ${name}`);
  if (problems.length > 0) throw new SamplesError(file, problems);
  return files;
}
