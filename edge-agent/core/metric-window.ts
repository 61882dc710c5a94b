import type { Manifest } from "../../proto/manifest.ts";
import type { FeedbackCounts, Window } from "../../proto/telemetry-messages.ts";
import type { Tensor } from "../../proto/tensors.ts";
import type { Histogram } from "../../proto/sketch/histogram.ts";
import { addCategory, addValue, emptyHistogram } from "../../proto/sketch/histogram.ts";
import { latencyEdges } from "../../proto/sketch/latency.ts";
import { rowsOf, streamValues } from "../../proto/streams.ts";
import type { Slot } from "./agent-state.ts";
import type { DetectorSettings } from "./detector-limits.ts";
import { detectorLimits, usualDetectorSettings } from "./detector-limits.ts";
import type { InferenceErrorClass } from "./ports.ts";
import { StreamDetector } from "./stream-detector.ts";
import { tensorValues } from "../../proto/tensor-value.ts";

/** The contract has no larger numbers, and a window with one would be lost whole. */
const largestSum = Number.MAX_SAFE_INTEGER - 1;

export type RowListener = (values: readonly (number | undefined)[], row: number, rows: number) => void;

/** The counters of one span of one version: inferences, errors, latency, and each stream over the bins of its reference. */
export class MetricWindow {
  readonly #manifest: Manifest;
  readonly #slot: Slot;
  readonly #trial: boolean;
  readonly #startedAtMs: number;
  readonly #latency: Histogram = emptyHistogram(latencyEdges.length + 1);
  readonly #streams: readonly Histogram[];
  readonly #detectors: StreamDetectors;
  readonly #errors = new Map<InferenceErrorClass, number>();
  #inferences = 0;
  #feedback: FeedbackCounts | undefined;

  /** `detectors` follow a version from window to window. */
  constructor(
    manifest: Manifest,
    slot: Slot,
    trial: boolean,
    startedAtMs: number,
    detectors = streamDetectors(manifest),
  ) {
    this.#manifest = manifest;
    this.#slot = slot;
    this.#trial = trial;
    this.#startedAtMs = startedAtMs;
    this.#detectors = detectors;
    this.#streams = manifest.reference.streams.map((stream) => emptyHistogram(stream.counts.length));
  }

  get isEmpty(): boolean {
    return this.#inferences === 0 && this.#feedback === undefined;
  }

  /**
   * Counts a request that was answered: each row of a batch is an inference; the latency is the request's, counted once. `onRow` gets
   * the values of each row's streams.
   */
  count(inputs: readonly Tensor[], outputs: readonly Tensor[], latencyMs: number, onRow?: RowListener): void {
    const inputValues = tensorValues(inputs);
    const outputValues = tensorValues(outputs);
    const rows = rowsOf(this.#manifest.inputs, inputValues);
    this.#inferences += rows;
    addValue(this.#latency, latencyEdges, latencyMs);
    for (let row = 0; row < rows; row++) {
      const values = streamValues(this.#manifest, inputValues, outputValues, row, rows);
      this.#countRow(values);
      onRow?.(values, row, rows);
    }
  }

  countError(errorClass: InferenceErrorClass): void {
    this.#inferences += 1;
    this.#errors.set(errorClass, 1 + (this.#errors.get(errorClass) ?? 0));
  }

  /** The truth about an answer counts in the window in which it is told: the answer's own may be long gone. */
  countFeedback(told: FeedbackCounts): void {
    const { right = 0, wrong = 0, values = 0, absoluteError = 0 } = this.#feedback ?? {};
    this.#feedback = {
      right: right + told.right,
      wrong: wrong + told.wrong,
      values: values + told.values,
      absoluteError: Math.min(largestSum, absoluteError + told.absoluteError),
    };
  }

  close(endedAtMs: number): Window {
    const { model } = this.#manifest;
    const { version, package: digest, variant } = this.#slot;
    return {
      kind: "window",
      model,
      version,
      package: digest,
      variant,
      startedAtMs: this.#startedAtMs,
      // The wall clock may have been set back in between.
      endedAtMs: Math.max(this.#startedAtMs, endedAtMs),
      inferences: this.#inferences,
      errors: [...this.#errors].map(([errorClass, count]) => ({ class: errorClass, count })),
      latency: this.#latency.counts,
      streams: this.#streams
        .map((histogram, stream) => ({ stream, histogram, ...this.#detectors[stream]?.take() }))
        .filter(({ histogram }) => !isEmptyHistogram(histogram)),
      trial: this.#trial,
      ...(this.#feedback !== undefined && { feedback: this.#feedback }),
    };
  }

  #countRow(values: readonly (number | undefined)[]): void {
    for (const [i, reference] of this.#manifest.reference.streams.entries()) {
      if (this.#manifest.features[i]?.kind === "unknown") continue;
      const histogram = this.#streams[i] as Histogram;
      if (reference.kind === "numeric") addValue(histogram, reference.edges, values[i]);
      else addCategory(histogram, values[i]);
      this.#detectors[i]?.add(values[i]);
    }
  }
}

/** One for each stream of the reference; a category may stay the same for ever. */
export type StreamDetectors = readonly (StreamDetector | undefined)[];

/** The features' streams come first, and only of them anything can be declared. */
export function streamDetectors(
  { reference, features }: Manifest,
  settings: () => DetectorSettings = () => usualDetectorSettings,
): StreamDetectors {
  return reference.streams.map((stream, i) =>
    stream.kind === "numeric"
      ? new StreamDetector(() => detectorLimits(stream, features[i] ?? {}, settings()))
      : undefined,
  );
}

function isEmptyHistogram({ counts, missing }: Histogram): boolean {
  return missing === 0 && counts.every((count) => count === 0);
}
