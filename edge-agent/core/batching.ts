import { bytesPerElement } from "../../proto/codec/golden.ts";
import type { Manifest, Variant } from "../../proto/manifest.ts";
import type { Tensor } from "../../proto/tensors.ts";
import { mebibytes } from "../../proto/units.ts";

// Requests that wait while the worker is busy can be computed as one, row after row, where the model takes any number of rows: a
// small model spends more on being asked than on its answer. Nobody waits for others to come: what is alone begins alone, at once.
//
// A model allows it by a range for its first dimension that goes beyond 1. Inputs and outputs must all begin with free dimensions,
// and it must keep no state. Dynamic int8 is never joined: it finds the scale of its numbers over all rows of a run, so an answer
// would depend on whoever asked at the same time. Of the others each shows on the device that its rows are independent, or joins
// nothing (joining-proof.ts). Every answer is cut out of the outputs at its rows. Where something goes wrong with a batch, each of
// its requests is computed alone, so that an error finds the one whose it is.

export interface BatchLimits {
  /** What the manifest allows. */
  readonly rows: number;
  /** What one run may take: well below the time after which a worker is ended. */
  readonly ms: number;
}

/** What a request brings into a batch. Those with the same key differ in nothing but their rows. */
export interface BatchPart {
  readonly key: string;
  readonly rows: number;
  readonly bytes: number;
}

/** More would be copied than is saved by asking once. */
export const largestBatchBytes = mebibytes(4);
const shareOfMaxTime = 0.25;

/** Undefined where each request has to be computed alone. */
export function batchLimitsOf(
  manifest: Pick<Manifest, "inputs" | "outputs" | "state" | "dimensions" | "maxInferenceMs">,
  { build }: Pick<Variant, "build">,
): BatchLimits | undefined {
  if (build.method === "dynamic-int8") return undefined;
  const { inputs, outputs, state, dimensions, maxInferenceMs } = manifest;
  const [first, ...others] = new Set(inputs.map(({ shape }) => shape[0]));
  const areRows = others.length === 0 && outputs.every(({ shape }) => typeof shape[0] === "string");
  const range = dimensions.find(({ name }) => name === first);
  if (!areRows || state.length > 0 || range === undefined || range.max < 2) return undefined;
  return { rows: range.max, ms: maxInferenceMs * shareOfMaxTime };
}

/** Undefined for what the model does not take: it is told so alone. */
export function batchPartOf({ inputs }: Pick<Manifest, "inputs">, given: readonly Tensor[]): BatchPart | undefined {
  const rows = given[0]?.dims[0];
  if (rows === undefined || rows < 1 || given.length !== inputs.length) return undefined;
  const keys: string[] = [];
  let bytes = 0;
  for (const { name } of inputs) {
    const tensor = given.find((one) => one.name === name);
    if (tensor === undefined || tensor.dims[0] !== rows) return undefined;
    const size = tensor.dims.reduce((product, dimension) => product * dimension, bytesPerElement[tensor.dataType]);
    if (tensor.rawData.length !== size) return undefined;
    keys.push(`${tensor.dataType}[${tensor.dims.slice(1).join(",")}]`);
    bytes += size;
  }
  return { key: keys.join(" "), rows, bytes };
}

/**
 * How many of those that wait, from the first on, are computed together. Never fewer than the first alone, and none is left out in
 * favour of one behind it.
 *
 * Example: parts of 1, 2 and 4 rows with the same key make a batch of two where five rows are allowed.
 *
 * @param msPerRow what a row took so far; 0 before anything was computed: then two requests at most are tried together
 */
export function planBatch(
  parts: readonly (BatchPart | undefined)[],
  limits: BatchLimits | undefined,
  msPerRow: number,
): number {
  const [first] = parts;
  if (first === undefined || limits === undefined) return 1;
  const most = msPerRow > 0 ? parts.length : 2;
  let [rows, bytes, count] = [first.rows, first.bytes, 1];
  for (const part of parts.slice(1, most)) {
    if (part?.key !== first.key) break;
    rows += part.rows;
    bytes += part.bytes;
    if (rows > limits.rows || bytes > largestBatchBytes || rows * msPerRow > limits.ms) break;
    count++;
  }
  return count;
}

/** One set of inputs with the rows of all, in their order. All must have the same key. */
export function joinedInputs(all: readonly (readonly Tensor[])[]): readonly Tensor[] {
  const [first = []] = all;
  return first.map(({ name, dataType, dims }) => {
    const parts = all.map((inputs) => inputs.find((one) => one.name === name) as Tensor);
    const rawData = new Uint8Array(parts.reduce((sum, part) => sum + part.rawData.length, 0));
    let at = 0;
    for (const part of parts) {
      rawData.set(part.rawData, at);
      at += part.rawData.length;
    }
    const rows = parts.reduce((sum, part) => sum + (part.dims[0] ?? 0), 0);
    return { name, dataType, dims: [rows, ...dims.slice(1)], rawData };
  });
}

/** The outputs of each, who had so many rows; undefined where the model has not answered row by row. */
export function splitOutputs(
  outputs: readonly Tensor[],
  rows: readonly number[],
): readonly (readonly Tensor[])[] | undefined {
  const total = rows.reduce((sum, count) => sum + count, 0);
  if (outputs.some(({ dims }) => dims[0] !== total)) return undefined;
  let from = 0;
  return rows.map((count) => {
    const start = from;
    from += count;
    return outputs.map(({ name, dataType, dims, rawData }) => {
      const rowBytes = rawData.length / total;
      const own = rawData.subarray(start * rowBytes, from * rowBytes);
      return { name, dataType, dims: [count, ...dims.slice(1)], rawData: own };
    });
  });
}
