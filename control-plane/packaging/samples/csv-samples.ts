import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { basename } from "node:path";
import { CsvError, parse } from "csv-parse";
import { parse as parseNow } from "csv-parse/sync";
import type { TensorSpec } from "../../../proto/manifest.ts";
import type { CsvLayout } from "./csv-columns.ts";
import { csvLayout } from "./csv-columns.ts";
import { InputMismatchError, inputTensor } from "./input-tensor.ts";
import type { Sample, SampleSet } from "./sample-set.ts";
import { SamplesError } from "./sample-set.ts";

export interface CsvOptions {
  /** The column that holds the right answer. */
  readonly labelColumn?: string;
  /** Every number of the named input is divided by this. */
  readonly divideBy?: Readonly<Record<string, number>>;
}

const parserOptions = { bom: true, skip_empty_lines: true, relax_column_count: true } as const;
const shownProblems = 20;
/** Enough for any row of numbers, little enough to survive a file whose quote is never closed. */
const recordBytes = 16 * 1024 * 1024;

/**
 * A .csv file with a header, one sample a row. The whole file is checked once while it streams through; what stays in memory is where
 * each row ends. Throws SamplesError with the lines that are wrong.
 */
export async function openCsvSamples(
  file: string,
  inputs: readonly TensorSpec[],
  options: CsvOptions,
): Promise<SampleSet> {
  const { layout, ends } = await checkedRows(file, inputs, options);
  return {
    count: ends.length - 1,
    async read(index) {
      const start = ends[index] as number;
      const text = await readPart(file, start, (ends[index + 1] as number) - start);
      const [record] = parseNow(text, parserOptions);
      const sample = record === undefined ? "the row is gone" : rowSample(file, index, record, layout, options);
      if (typeof sample === "string") throw new SamplesError(file, [`row ${index}: ${sample}`]);
      return sample;
    },
  };
}

interface RecordWithInfo {
  readonly record: readonly string[];
  readonly info: { readonly bytes: number; readonly lines: number };
}

/** The layout, and where header and rows end in the file. */
async function checkedRows(
  file: string,
  inputs: readonly TensorSpec[],
  options: CsvOptions,
): Promise<{ readonly layout: CsvLayout; readonly ends: readonly number[] }> {
  const problems: string[] = [];
  const ends: number[] = [];
  let wrong = 0;
  let layout: CsvLayout | undefined;
  const parser = parse({ ...parserOptions, info: true, max_record_size: recordBytes });
  const records = createReadStream(file).compose(parser) as AsyncIterable<RecordWithInfo>;
  try {
    for await (const { record, info } of records) {
      ends.push(info.bytes);
      if (layout === undefined) {
        const found = csvLayout(record, inputs, options.labelColumn);
        if (isProblems(found)) throw new SamplesError(file, found);
        layout = found;
        continue;
      }
      const sample = rowSample(file, ends.length - 2, record, layout, options);
      if (typeof sample !== "string") continue;
      wrong += 1;
      if (wrong <= shownProblems) problems.push(`line ${info.lines}: ${sample}`);
    }
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new SamplesError(file, [...problems, error.message], { cause: error });
  }
  if (wrong > shownProblems) problems.push(`and ${wrong - shownProblems} more lines`);
  if (layout === undefined) problems.push("the file is empty");
  else if (ends.length === 1) problems.push("there are no rows below the header");
  if (layout === undefined || problems.length > 0) throw new SamplesError(file, problems);
  return { layout, ends };
}

function isProblems(found: CsvLayout | readonly string[]): found is readonly string[] {
  return Array.isArray(found);
}

/** The sample of a row, or why there is none. */
function rowSample(
  file: string,
  index: number,
  record: readonly string[],
  { inputs, label }: CsvLayout,
  { divideBy = {} }: CsvOptions,
): Sample | string {
  const needed = inputs.reduce((sum, { columns }) => sum + columns.length, label === undefined ? 0 : 1);
  if (record.length !== needed) return `${record.length} values where the header has ${needed}`;
  try {
    return {
      name: `row ${index} of ${basename(file)}`,
      inputs: inputs.map(({ spec, columns }) => {
        const divisor = divideBy[spec.name] ?? 1;
        const numbers = columns.map((column) => numberOf(record[column] as string, column) / divisor);
        return inputTensor(spec, [numbers.length], numbers);
      }),
      outputs: undefined,
      label: label === undefined ? undefined : labelOf(record[label] as string),
    };
  } catch (error) {
    if (!(error instanceof InputMismatchError)) throw error;
    return error.message;
  }
}

/** Decimal numbers only: an empty cell, "1,5" or "0x10" would be something else than its writer meant. */
function numberOf(text: string, column: number): number {
  const trimmed = text.trim();
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) || !Number.isFinite(Number(trimmed)))
    throw new InputMismatchError(`column ${column + 1} holds "${text}", which is no number`);
  return Number(trimmed);
}

/** A whole number is the index of a class, everything else its name. */
function labelOf(text: string): number | string {
  const trimmed = text.trim();
  return /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : trimmed;
}

async function readPart(file: string, start: number, length: number): Promise<Buffer> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(length), position: start });
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
