import type { Interpretation, Manifest } from "../../proto/manifest.ts";
import type { FeedbackCounts } from "../../proto/telemetry-messages.ts";
import type { Tensor } from "../../proto/tensors.ts";
import { streamValues, rowsOf } from "../../proto/streams.ts";
import { tensorValues } from "../../proto/tensor-value.ts";

/**
 * What turned out to be true about the rows of a request, one for each: the right label of a classification, the right value of a
 * regression, or just whether the answer was right.
 */
export type Truth =
  | { readonly kind: "labels"; readonly labels: readonly string[] }
  | { readonly kind: "values"; readonly values: readonly number[] }
  | { readonly kind: "verdicts"; readonly right: readonly boolean[] };

/** No answer is known under the id: it is too long ago, was judged before, or its version is not on the device any more. */
export class UnknownAnswerError extends Error {
  override readonly name = "UnknownAnswerError";
}

/** The truth does not fit the answer that it is about. */
export class FeedbackMismatchError extends Error {
  override readonly name = "FeedbackMismatchError";
}

/** One for each row: the index of a label, a value, or undefined where the model gave none. */
type Prediction = number | undefined;

/** Answers of many rows count as many, so that memory is bounded whatever the batches are. */
const rowsAtMost = 4_096;

/** Remembers what was answered under which id, the newest of it, until the truth is told. */
export class AnswerMemory {
  readonly #manifest: Manifest;
  readonly #answers = new Map<string, readonly Prediction[]>();
  #rows = 0;

  constructor(manifest: Manifest) {
    this.#manifest = manifest;
  }

  /** An id that was used before means its newest answer. */
  remember(id: string, inputs: readonly Tensor[], outputs: readonly Tensor[]): void {
    const predictions = predictionsOf(this.#manifest, inputs, outputs);
    this.#forget(id);
    this.#answers.set(id, predictions);
    this.#rows += predictions.length;
    for (const [oldest] of this.#answers) {
      if (this.#rows <= rowsAtMost) return;
      this.#forget(oldest);
    }
  }

  get isEmpty(): boolean {
    return this.#answers.size === 0;
  }

  has(id: string): boolean {
    return this.#answers.has(id);
  }

  /** Judges an answer once. Throws UnknownAnswerError or FeedbackMismatchError. */
  judge(id: string, truth: Truth): FeedbackCounts {
    const predictions = this.#answers.get(id);
    if (predictions === undefined) throw new UnknownAnswerError(`no answer is known under the id "${id}"`);
    const counts = judged(this.#manifest.interpretation, predictions, truth);
    this.#forget(id);
    return counts;
  }

  #forget(id: string): void {
    this.#rows -= this.#answers.get(id)?.length ?? 0;
    this.#answers.delete(id);
  }
}

function predictionsOf(manifest: Manifest, inputs: readonly Tensor[], outputs: readonly Tensor[]): Prediction[] {
  const rows = rowsOf(manifest.inputs, tensorValues(inputs));
  // Only what is made of the output is wanted, not the features of the inputs.
  const source = { inputs: manifest.inputs, features: [], interpretation: manifest.interpretation };
  const values = tensorValues(outputs);
  return Array.from({ length: rows }, (_, row) => streamValues(source, new Map(), values, row, rows)[0]);
}

function judged(interpretation: Interpretation, predictions: readonly Prediction[], truth: Truth): FeedbackCounts {
  switch (truth.kind) {
    case "verdicts":
      requireOneEach(truth.right, predictions);
      return rightAndWrong(truth.right);
    case "labels": {
      if (interpretation.kind !== "classification")
        throw new FeedbackMismatchError(`labels are for a classification, and this is a ${interpretation.kind}`);
      requireOneEach(truth.labels, predictions);
      const unknown = truth.labels.find((label) => !interpretation.labels.includes(label));
      if (unknown !== undefined)
        throw new FeedbackMismatchError(
          `"${unknown}" is no label of this model: ${interpretation.labels.slice(0, 20).join(", ")}`,
        );
      return rightAndWrong(truth.labels.map((label, i) => interpretation.labels.indexOf(label) === predictions[i]));
    }
    case "values": {
      if (interpretation.kind !== "regression")
        throw new FeedbackMismatchError(`values are for a regression, and this is a ${interpretation.kind}`);
      requireOneEach(truth.values, predictions);
      const errors = truth.values.map((value, i) => Math.abs(value - (predictions[i] ?? Number.NaN)));
      const known = errors.filter(Number.isFinite);
      const absoluteError = known.reduce((sum, error) => sum + error, 0);
      return { right: 0, wrong: 0, values: known.length, absoluteError };
    }
  }
}

function rightAndWrong(right: readonly boolean[]): FeedbackCounts {
  const count = right.filter(Boolean).length;
  return { right: count, wrong: right.length - count, values: 0, absoluteError: 0 };
}

function requireOneEach(given: readonly unknown[], predictions: readonly Prediction[]): void {
  if (given.length !== predictions.length)
    throw new FeedbackMismatchError(`${given.length} are given, and the answer has ${predictions.length} rows`);
}
