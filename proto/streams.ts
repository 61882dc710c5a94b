import { featureOf } from "./features.ts";
import type { ShapedRow, TensorRow } from "./tensor-row.ts";
import type { KnownSpectra } from "./measures/measure-of.ts";
import type { FeatureSpec, Interpretation, TensorSpec } from "./manifest.ts";

/** What the streams of a model are made from; a Manifest is one. */
export interface StreamSource {
  readonly inputs: readonly TensorSpec[];
  readonly features: readonly FeatureSpec[];
  readonly interpretation: Interpretation;
}

export type StreamDefinition =
  | { readonly kind: "numeric"; readonly name: string; readonly fixedEdges: readonly number[] | undefined }
  | { readonly kind: "categorical"; readonly name: string; readonly categories: readonly string[] };

/**
 * Confidence has the same bins in every package, so that two versions can be compared with each other and not only each with its
 * own reference. Finer towards 1, where a good classifier lives.
 */
export const confidenceEdges: readonly number[] = [
  0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.93, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999, 0.9999,
];

export const confidenceStream = "output.confidence";

/** The streams of a model in the order of its reference profile: each input feature, then the outputs. */
export function streamDefinitions(source: StreamSource): StreamDefinition[] {
  const inputs = source.features.map((feature): StreamDefinition => ({
    kind: "numeric",
    name: `input.${feature.name}`,
    fixedEdges: undefined,
  }));
  return [...inputs, ...outputStreams(source.interpretation)];
}

function outputStreams(interpretation: Interpretation): StreamDefinition[] {
  switch (interpretation.kind) {
    case "classification":
      return [
        { kind: "categorical", name: "output.class", categories: interpretation.labels },
        { kind: "numeric", name: confidenceStream, fixedEdges: confidenceEdges },
      ];
    case "regression":
      return [{ kind: "numeric", name: "output.value", fixedEdges: undefined }];
    case "sequence":
      return [
        { kind: "numeric", name: "output.length", fixedEdges: undefined },
        { kind: "numeric", name: confidenceStream, fixedEdges: confidenceEdges },
      ];
  }
}

export interface TensorValue {
  readonly dims: readonly number[];
  readonly data: ArrayLike<number>;
}

/** How many inferences a set of inputs holds: the product of the free leading dimension, or 1 where the first dimension is fixed. */
export function rowsOf(inputs: readonly TensorSpec[], values: ReadonlyMap<string, TensorValue>): number {
  const batched = inputs.find((input) => typeof input.shape[0] === "string");
  return batched === undefined ? 1 : (values.get(batched.name)?.dims[0] ?? 1);
}

/**
 * The value of each stream for one inference, in the order of `streamDefinitions`: a number, or the index of a category;
 * undefined or NaN where there is none.
 */
export function streamValues(
  source: StreamSource,
  inputs: ReadonlyMap<string, TensorValue>,
  outputs: ReadonlyMap<string, TensorValue>,
  row: number,
  rows: number,
): (number | undefined)[] {
  const values = featureValues(source.features, inputs, row, rows);
  const output = outputs.get(source.interpretation.output);
  if (output === undefined) values.push(...outputStreams(source.interpretation).map(() => undefined));
  else values.push(...outputValues(source.interpretation, rowOf(output, row, rows)));
  return values;
}

/** What features of one input share. */
interface FeatureInput {
  readonly row: ShapedRow;
  readonly spectra: KnownSpectra;
}

function featureValues(
  features: readonly FeatureSpec[],
  inputs: ReadonlyMap<string, TensorValue>,
  row: number,
  rows: number,
): (number | undefined)[] {
  const known = new Map<string, FeatureInput>();
  return features.map((feature) => {
    const input = inputs.get(feature.input);
    if (input === undefined) return undefined;
    let shared = known.get(feature.input);
    if (shared === undefined) {
      shared = { row: rowOf(input, row, rows), spectra: new Map() };
      known.set(feature.input, shared);
    }
    return featureOf(feature, shared.row, shared.spectra);
  });
}

function rowOf({ data, dims }: TensorValue, row: number, rows: number): ShapedRow {
  const length = Math.floor(data.length / rows);
  return { data, start: row * length, length, width: dims.at(-1) ?? 1, dims: dims[0] === rows ? dims.slice(1) : dims };
}

function outputValues(interpretation: Interpretation, row: TensorRow): (number | undefined)[] {
  switch (interpretation.kind) {
    case "classification": {
      const top = indexOfLargest(row);
      if (top === undefined) return [undefined, undefined];
      return [top, interpretation.scores === "logits" ? softmaxAt(row, top) : (row.data[row.start + top] as number)];
    }
    case "regression":
      return [row.data[row.start]];
    case "sequence":
      return sequenceValues(interpretation, row);
  }
}

/**
 * How many symbols are read, and the mean score of the steps that gave them (nothing read is nothing doubted: 1).
 *
 * Example: with blank 0, the steps a a blank b (scores 0.9, 0.8, 0.99, 0.7) read "ab": length 2, confidence (0.9 + 0.7) / 2.
 */
function sequenceValues(
  { scores, blank }: Extract<Interpretation, { kind: "sequence" }>,
  { data, start, length, width }: TensorRow,
): (number | undefined)[] {
  let last = blank;
  let read = 0;
  let confidence = 0;
  for (let step = start; step + width <= start + length; step += width) {
    const symbols = { data, start: step, length: width, width };
    const top = indexOfLargest(symbols);
    if (top === undefined) return [undefined, undefined];
    if (top !== blank && top !== last) {
      read += 1;
      confidence += scores === "logits" ? softmaxAt(symbols, top) : (data[step + top] as number);
    }
    last = top;
  }
  return [read, read === 0 ? 1 : confidence / read];
}

/** Undefined for an empty row and for one that holds a value which is not a number. */
export function indexOfLargest({ data, start, length }: TensorRow): number | undefined {
  let top: number | undefined;
  for (let i = 0; i < length; i++) {
    const value = data[start + i] as number;
    if (Number.isNaN(value)) return undefined;
    if (top === undefined || value > (data[start + top] as number)) top = i;
  }
  return top;
}

/** The softmax probability of element `top`, the largest. Example: logits [0, 0] give 0.5. */
function softmaxAt({ data, start, length }: TensorRow, top: number): number {
  const largest = data[start + top] as number;
  let sum = 0;
  for (let i = 0; i < length; i++) sum += Math.exp((data[start + i] as number) - largest);
  return 1 / sum;
}
