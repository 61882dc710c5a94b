import { readFile } from "node:fs/promises";
import type { TensorSpec } from "../../proto/manifest.ts";
import type { Tensor } from "../../proto/tensors.ts";
import type { NpyArray } from "../../proto/npy.ts";
import { decodeNpy, NpyFormatError, numbersOfNpy, rowOfNpy } from "../../proto/npy.ts";
import type { Problems } from "../../proto/problems.ts";
import type { InputSpec } from "./model-spec.ts";
import type { SampleSet } from "./samples/sample-set.ts";
import { tensorOf } from "./tensor-of.ts";

/** Inputs of many inferences, one inference a row. */
export interface InputRows {
  readonly count: number;
  /** What the model is fed for one row: every input, with a leading dimension of 1 where the model's is free. */
  row(index: number): readonly Tensor[] | Promise<readonly Tensor[]>;
}

/** The samples of a set, as rows. */
export function rowsOfSamples(samples: SampleSet): InputRows {
  return { count: samples.count, row: async (index) => (await samples.read(index)).inputs };
}

export type RowSource = "reference" | "golden";

/** Reads the .npy files of all inputs. Notes every mistake; undefined when there is one. */
export async function readInputRows(
  inputs: readonly InputSpec[],
  graphInputs: readonly TensorSpec[],
  source: RowSource,
  problems: Problems,
): Promise<InputRows | undefined> {
  const columns: InputColumn[] = [];
  for (const [i, input] of inputs.entries()) {
    const path = `inputs[${i}].${source}`;
    const file = input[source];
    const graphInput = graphInputs.find((candidate) => candidate.name === input.name);
    const array = file === undefined ? undefined : await readNpy(file, path, problems);
    if (graphInput === undefined || array === undefined) continue;
    const column = inputColumn(graphInput, array, input.divideBy);
    if (typeof column === "string") problems.add(path, column);
    else columns.push(column);
  }
  const [first] = columns;
  if (first === undefined || columns.length < inputs.length) return undefined;
  if (columns.some((column) => column.count !== first.count)) {
    const counts = columns.map((column) => `${column.name} ${column.count}`).join(", ");
    problems.add(`inputs.*.${source}`, `the files must have the same number of rows: ${counts}`);
    return undefined;
  }
  return { count: first.count, row: (index) => columns.map((column) => column.tensor(index)) };
}

export async function readNpy(file: string, path: string, problems: Problems): Promise<NpyArray | undefined> {
  try {
    return decodeNpy(await readFile(file));
  } catch (error) {
    if (!(error instanceof NpyFormatError)) throw error;
    problems.add(path, `${file}: ${error.message}`);
    return undefined;
  }
}

interface InputColumn {
  readonly name: string;
  readonly count: number;
  tensor(index: number): Tensor;
}

/** The column, or why the array does not fit the input. */
function inputColumn(input: TensorSpec, array: NpyArray, divideBy: number): InputColumn | string {
  const [count, ...rowShape] = array.shape;
  if (count === undefined || count === 0) return "the array has no rows";
  const [leading, ...rest] = input.shape;
  // A model that takes many rows at once, or exactly one, is fed one row at a time with a leading 1.
  const batched = typeof leading === "string" || (leading === 1 && rowShape.length === rest.length);
  const wanted = batched ? rest : input.shape;
  const fits =
    rowShape.length === wanted.length && wanted.every((size, i) => typeof size === "string" || size === rowShape[i]);
  if (!fits)
    return `the array has the shape [${array.shape.join(", ")}]; input "${input.name}" needs [rows, ${wanted.join(", ")}]`;
  const dims = batched ? [1, ...rowShape] : rowShape;
  return {
    name: input.name,
    count,
    tensor(index) {
      const numbers = numbersOfNpy(rowOfNpy(array, index));
      const scaled = divideBy === 1 ? numbers : Float64Array.from(numbers, (value) => value / divideBy);
      return tensorOf(input.name, input.dataType, dims, scaled);
    },
  };
}
