import { bytesPerElement } from "../../proto/codec/golden.ts";
import type { Digest } from "../../proto/ids.ts";
import type { Manifest, Variant } from "../../proto/manifest.ts";
import type { GoldenSet, Tensor } from "../../proto/tensors.ts";
import type { BatchLimits } from "./batching.ts";
import { batchLimitsOf, batchPartOf, joinedInputs, largestBatchBytes, splitOutputs } from "./batching.ts";
import { outputDifferences } from "./golden-check.ts";
import type { Clock, InferenceWorker } from "./ports.ts";
import { InferenceError } from "./ports.ts";

// A manifest says how many rows a model takes, and not that rows know nothing of each other: a model that normalises by the mean of
// its batch would answer a request by whoever asked at the same time. So a worker shows it before it serves. It computes golden rows
// one by one, and then many of them in one run, in both orders: every row must be what it is alone, within the variant's tolerance.
//
// What a row stands beside has to differ, or its influence would not show: rows with themselves have their own mean. So a stranger is
// among them, a golden row backwards and halved, which has another mean, another largest value and other values in each place. In the
// second order each row stands where the first had others before it and behind it. This finds what depends on the company, on the
// place and on the number of rows; for no model it is a proof for every input, and without it no request is ever joined.
//
// No more rows are joined later than were joined here.

/** What a worker has shown about requests that are computed together. */
export type Joining =
  | { readonly kind: "proved"; readonly rows: number }
  /** The manifest allows it, and it is not done: each request is computed alone. */
  | { readonly kind: "off"; readonly reason: string };

export interface JoiningProof {
  /** Undefined where the manifest does not allow it. */
  readonly joining: Joining | undefined;
  /** How many inferences it took. */
  readonly runs: number;
  /** The worker died of it: another one is needed, and joins nothing. */
  readonly isWorkerLost: boolean;
}

export interface ProvenPackage {
  readonly manifest: Manifest;
  readonly variant: Pick<Variant, "build" | "tolerance">;
}

interface Piece {
  readonly inputs: readonly Tensor[];
  readonly isStranger: boolean;
}

interface Alone {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly ms: number;
}

/** With more, little is gained and a lot of memory touched. */
const mostRows = 16;
const mostGoldenRows = 4;
/** A model for which two rows take longer gains nothing by being asked once for both, and its start would take long. */
const longestRunMs = 500;

/** Rejects only when `signal` is aborted. */
export async function proveJoining(
  worker: Pick<InferenceWorker, "infer">,
  golden: GoldenSet,
  proven: ProvenPackage,
  clock: Pick<Clock, "monotonic">,
  signal: AbortSignal,
): Promise<JoiningProof> {
  const limits = batchLimitsOf(proven.manifest, proven.variant);
  if (limits === undefined) return { joining: undefined, runs: 0, isWorkerLost: false };
  let runs = 0;
  const infer = async (inputs: readonly Tensor[]) => {
    runs++;
    return await worker.infer(inputs, signal);
  };
  try {
    return { joining: await shownBy({ infer }, golden, proven, limits, clock), runs, isWorkerLost: false };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof InferenceError)) throw error;
    const isWorkerLost = error.class === "worker-lost" || error.class === "timeout";
    return { joining: off(`rows in one run fail: ${error.message}`), runs, isWorkerLost };
  }
}

type Infer = (inputs: readonly Tensor[]) => Promise<readonly Tensor[]>;

/** Rejects with InferenceError where the worker does not take its golden inputs, or more than one row of them. */
async function shownBy(
  { infer }: { readonly infer: Infer },
  golden: GoldenSet,
  { manifest, variant }: ProvenPackage,
  limits: BatchLimits,
  clock: Pick<Clock, "monotonic">,
): Promise<Joining> {
  const least = leastRows(manifest);
  const alone = await answersAlone(infer, proofPieces(golden, manifest, least), clock);
  const [first, second] = alone;
  if (first === undefined || second === undefined)
    return off("its golden inputs make no two different rows to compare");
  // The quickest tells what the model takes; what the others took longer is the machine's doing, and their first run's.
  const msEach = Math.min(...alone.map(({ ms }) => ms));
  const bytesEach = batchPartOf(manifest, first.inputs)?.bytes ?? Number.POSITIVE_INFINITY;
  const runMs = Math.min(limits.ms, longestRunMs);
  const most = Math.min(limits.rows, mostRows) / least;
  const count = Math.floor(Math.min(most, largestBatchBytes / bytesEach, msEach > 0 ? runMs / msEach : most));
  if (count < 2) return off(`more rows in one run would take longer than ${runMs} ms, or more memory than is saved`);
  const order = Array.from({ length: count }, (_, i) => alone[i % alone.length] ?? first);
  for (const row of [order, order.toReversed()]) {
    const together = await infer(joinedInputs(row.map(({ inputs }) => inputs)));
    const lengths = row.map(() => least);
    const answers = splitOutputs(together, lengths);
    if (answers === undefined) return off("it does not answer row by row");
    for (const [i, { outputs }] of row.entries()) {
      const { output } = manifest.interpretation;
      const [difference] = outputDifferences(outputs, answers[i] ?? [], variant.tolerance, output);
      if (difference !== undefined)
        return off(`of ${count * least} rows in one run, row ${i * least + 1} is not what it is alone: ${difference}`);
    }
  }
  return { kind: "proved", rows: count * least };
}

function off(reason: string): Joining {
  return { kind: "off", reason };
}

async function answersAlone(
  infer: Infer,
  pieces: readonly Piece[],
  clock: Pick<Clock, "monotonic">,
): Promise<readonly Alone[]> {
  const alone: Alone[] = [];
  for (const { inputs, isStranger } of pieces)
    try {
      const beganAt = clock.monotonic();
      const outputs = await infer(inputs);
      alone.push({ inputs, outputs, ms: clock.monotonic() - beganAt });
    } catch (error) {
      // Backwards it may be nothing that the model takes: then the golden rows have only each other.
      const isOnlyStrange = isStranger && error instanceof InferenceError && error.class === "runtime";
      if (!isOnlyStrange) throw error;
    }
  return alone;
}

/** What was found out about variants in this life of the agent: a worker that is started again does not show it again. */
export class JoiningProofs {
  readonly #known = new Map<Digest, JoiningProof["joining"]>();

  isKnown(file: Digest): boolean {
    return this.#known.has(file);
  }

  of(file: Digest): Joining | undefined {
    return this.#known.get(file);
  }

  learn(file: Digest, joining: Joining | undefined): void {
    this.#known.set(file, joining);
  }
}

function leastRows({ inputs, dimensions }: Pick<Manifest, "inputs" | "dimensions">): number {
  return Math.max(1, dimensions.find(({ name }) => name === inputs[0]?.shape[0])?.min ?? 1);
}

/** Golden inputs of `least` rows each, no two the same, and a stranger; all can stand in one run. */
function proofPieces({ cases }: GoldenSet, manifest: Pick<Manifest, "inputs">, least: number): readonly Piece[] {
  const golden = cases.flatMap(({ inputs }) => piecesOf(inputs, least)).slice(0, mostGoldenRows);
  const [first] = golden;
  const key = first && batchPartOf(manifest, first)?.key;
  if (first === undefined || key === undefined) return [];
  const pieces: readonly Piece[] = [
    ...golden
      .filter((inputs) => batchPartOf(manifest, inputs)?.key === key)
      .map((inputs) => ({ inputs, isStranger: false })),
    { inputs: first.map(stranger), isStranger: true },
  ];
  return pieces.filter(({ inputs }, i) => !pieces.slice(0, i).some((other) => areSame(inputs, other.inputs)));
}

/** A rest of fewer rows is left out. */
function piecesOf(inputs: readonly Tensor[], least: number): readonly (readonly Tensor[])[] {
  const rows = inputs[0]?.dims[0] ?? 0;
  const count = Math.floor(rows / least);
  const lengths = [...Array.from({ length: count }, () => least), ...(rows % least === 0 ? [] : [rows % least])];
  return (splitOutputs(inputs, lengths) ?? []).slice(0, count);
}

/** Every element in another place, and half of it where it is a number with a fraction: still within what the model knows. */
function stranger({ rawData, dataType, ...tensor }: Tensor): Tensor {
  const size = bytesPerElement[dataType];
  const backwards = new Uint8Array(rawData.length);
  for (let at = 0; at < rawData.length; at += size)
    backwards.set(rawData.subarray(at, at + size), rawData.length - size - at);
  if (dataType === "float32") halve(new Float32Array(backwards.buffer));
  if (dataType === "float64") halve(new Float64Array(backwards.buffer));
  return { ...tensor, dataType, rawData: backwards };
}

function halve(values: Float32Array | Float64Array): void {
  for (const [i, value] of values.entries()) values[i] = value / 2;
}

function areSame(a: readonly Tensor[], b: readonly Tensor[]): boolean {
  return a.every(({ name, rawData }) => {
    const other = b.find((one) => one.name === name)?.rawData;
    return other?.length === rawData.length && rawData.every((byte, i) => byte === other[i]);
  });
}
