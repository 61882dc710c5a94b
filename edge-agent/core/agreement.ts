import type { TensorRow } from "../../proto/tensor-row.ts";
import type { Interpretation, Manifest } from "../../proto/manifest.ts";
import { quantileOfCounts } from "../../proto/sketch/latency.ts";
import type { TensorValue } from "../../proto/streams.ts";
import { indexOfLargest, rowsOf } from "../../proto/streams.ts";
import { tensorValue } from "../../proto/tensor-value.ts";
import type { Tensor } from "../../proto/tensors.ts";

// When do two versions of a model disagree about one input? proto/sketch/agreement.ts says how far two answers lie apart; here is where
// that becomes a disagreement, which is what a person would call another answer: another class, another reading, or a value that is
// further away than values of this model usually lie from each other by chance. A version may disagree on purpose, because it is
// better: the device only counts.

/** One inference of a request, answered by two versions. */
export interface RowAgreement {
  /** From 0 to infinity; infinite where the answers cannot be compared. */
  readonly distance: number;
  readonly disagrees: boolean;
}

export type AnswerComparison = (
  inputs: readonly Tensor[],
  active: readonly Tensor[],
  candidate: readonly Tensor[],
) => readonly RowAgreement[];

type Comparable = Pick<Manifest, "inputs" | "interpretation" | "reference">;

/**
 * Values further apart than this part of the middle half of the reference outputs are two answers. A quantized build of one model
 * stays far below; of two answers that have nothing to do with each other some 85 % (of a normal distribution) lie further apart.
 */
export const regressionLimit = 0.2;

const incomparable: RowAgreement = { distance: Number.POSITIVE_INFINITY, disagrees: true };

/** How answers of two versions are compared, row by row of a batch. */
export function comparisonOf(active: Comparable, candidate: Comparable): AnswerComparison {
  const compareRow = rowComparison(active.interpretation, candidate.interpretation, spreadOf(candidate));
  return (inputs, activeOutputs, candidateOutputs) => {
    const rows = rowsOf(candidate.inputs, sizesOf(inputs));
    const a = outputOf(active.interpretation, activeOutputs);
    const b = outputOf(candidate.interpretation, candidateOutputs);
    return Array.from({ length: rows }, (_, row) =>
      a === undefined || b === undefined ? incomparable : compareRow(rowOf(a, row, rows), rowOf(b, row, rows)),
    );
  };
}

/**
 * The distance between the quartiles of the reference outputs; where they are one value, from the first to the last edge; 0 where the
 * reference shows no numbers.
 */
export function spreadOf({ reference }: Pick<Manifest, "reference">): number {
  const stream = reference.streams.find(({ name }) => name === "output.value");
  if (stream?.kind !== "numeric") return 0;
  const { counts, edges } = stream;
  const between = (low: number, high: number) =>
    (quantileOfCounts(counts, edges, high) ?? 0) - (quantileOfCounts(counts, edges, low) ?? 0);
  const quartiles = between(0.25, 0.75);
  return quartiles > 0 ? quartiles : (edges.at(-1) ?? 0) - (edges[0] ?? 0);
}

type RowComparison = (a: TensorRow, b: TensorRow) => RowAgreement;

function rowComparison(active: Interpretation, candidate: Interpretation, spread: number): RowComparison {
  if (active.kind === "classification" && candidate.kind === "classification")
    return (a, b) => compareClasses(active, a, candidate, b);
  if (active.kind === "regression" && candidate.kind === "regression") return (a, b) => compareValues(a, b, spread);
  if (active.kind === "sequence" && candidate.kind === "sequence")
    return (a, b) => compareReadings(readingOf(active, a), readingOf(candidate, b));
  // A version that answers another question.
  return () => incomparable;
}

type Classification = Extract<Interpretation, { kind: "classification" }>;

function compareClasses(active: Classification, a: TensorRow, candidate: Classification, b: TensorRow): RowAgreement {
  const p = probabilitiesOf(active, a);
  const q = probabilitiesOf(candidate, b);
  const places = placesOf(active.labels, candidate.labels);
  if (p === undefined || q === undefined || p.length !== active.labels.length || q.length !== places.length)
    return incomparable;
  const differences = new Float64Array(Math.max(p.length, ...places.map((place) => place + 1)));
  differences.set(p);
  for (const [i, place] of places.entries()) differences[place] = (differences[place] ?? 0) - (q[i] as number);
  const distance = differences.reduce((sum, difference) => sum + Math.abs(difference), 0) / 2;
  return { distance, disagrees: places[topOf(q)] !== topOf(p) };
}

/** Where each label of the one list is in the other; those that are not there follow behind. */
function placesOf(labels: readonly string[], others: readonly string[]): readonly number[] {
  let next = labels.length;
  return others.map((label, i) => {
    if (labels[i] === label) return i;
    const at = labels.indexOf(label);
    return at === -1 ? next++ : at;
  });
}

/** Undefined where a score is not finite. */
function probabilitiesOf({ scores }: Classification, row: TensorRow): Float64Array | undefined {
  const values = finiteValues(row);
  if (values === undefined || scores === "probabilities") return values;
  const largest = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const powers = values.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / sum);
}

function topOf(values: Float64Array): number {
  return indexOfLargest({ data: values, start: 0, length: values.length, width: values.length }) ?? -1;
}

/** The mean of all elements of the row: most models have one. */
function compareValues(a: TensorRow, b: TensorRow, spread: number): RowAgreement {
  const [p, q] = [finiteValues(a), finiteValues(b)];
  if (p === undefined || q === undefined || p.length !== q.length) return incomparable;
  const difference = p.reduce((sum, value, i) => sum + Math.abs(value - (q[i] as number)), 0) / p.length;
  const distance = difference === 0 ? 0 : difference / spread;
  return { distance, disagrees: distance > regressionLimit };
}

/** What is read: the symbols that are not blank, each run of one symbol once. Undefined where a score is not finite. */
function readingOf({ blank }: Extract<Interpretation, { kind: "sequence" }>, row: TensorRow): number[] | undefined {
  if (finiteValues(row) === undefined) return undefined;
  const { data, start, length, width } = row;
  const read: number[] = [];
  let last = blank;
  for (let step = start; step + width <= start + length; step += width) {
    const top = indexOfLargest({ data, start: step, length: width, width }) ?? blank;
    if (top !== blank && top !== last) read.push(top);
    last = top;
  }
  return read;
}

function compareReadings(a: readonly number[] | undefined, b: readonly number[] | undefined): RowAgreement {
  if (a === undefined || b === undefined) return incomparable;
  const edits = editDistance(a, b);
  return { distance: edits === 0 ? 0 : edits / Math.max(a.length, b.length), disagrees: edits > 0 };
}

/** Levenshtein's, one line of the table at a time. Example: [1, 2, 3] and [2, 4] are 2 edits apart. */
function editDistance(a: readonly number[], b: readonly number[]): number {
  let line = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, symbol] of a.entries()) {
    const next = [i + 1];
    for (const [k, other] of b.entries()) {
      const replaced = (line[k] as number) + (symbol === other ? 0 : 1);
      next.push(Math.min(replaced, 1 + (line[k + 1] as number), 1 + (next[k] as number)));
    }
    line = next;
  }
  return line.at(-1) as number;
}

/** Undefined for an empty row too. */
function finiteValues({ data, start, length }: TensorRow): Float64Array | undefined {
  const values = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const value = data[start + i] as number;
    if (!Number.isFinite(value)) return undefined;
    values[i] = value;
  }
  return length === 0 ? undefined : values;
}

function outputOf({ output }: Interpretation, outputs: readonly Tensor[]): TensorValue | undefined {
  const tensor = outputs.find(({ name }) => name === output);
  return tensor && tensorValue(tensor);
}

function rowOf({ data, dims }: TensorValue, row: number, rows: number): TensorRow {
  const length = Math.floor(data.length / rows);
  return { data, start: row * length, length, width: dims.at(-1) ?? 1 };
}

/** How many rows there are says the shape alone. */
function sizesOf(inputs: readonly Tensor[]): ReadonlyMap<string, TensorValue> {
  return new Map(inputs.map(({ name, dims }) => [name, { dims, data: [] }]));
}
