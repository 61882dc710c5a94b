import type { ModelName, ModelVersion } from "../../proto/ids.ts";
import { DurationCounts } from "../../proto/metrics/duration-counts.ts";
import type { HistogramSample } from "../../proto/metrics/metric-family.ts";
import { ModelUnavailableError } from "./inference-call.ts";
import { DeadlineExceededError, QueueFullError } from "./inference-queue.ts";
import { InferenceError } from "./ports.ts";
import { SequencesFullError } from "./sequence-states.ts";

// What one version did since the agent started, whichever of its workers did it: sums that only go up, for programs on the device
// that ask twice and take the difference. Windows, which the control plane gets, are counted apart (metric-window.ts).

/** How a request to a version ended: its answer, whose fault it was, that it was turned away, that it came too late, that its caller left. */
export const requestOutcomes = [
  "ok",
  "input",
  "runtime",
  "timeout",
  "worker-lost",
  "overloaded",
  "deadline-exceeded",
  "cancelled",
] as const;
export type RequestOutcome = (typeof requestOutcomes)[number];

/** So many times, so many milliseconds in all. */
export interface Spent {
  readonly count: number;
  readonly ms: number;
}

export interface VersionStatistics {
  readonly model: ModelName;
  readonly version: ModelVersion;
  /** How long ago it was asked last; undefined: never. */
  readonly lastRequestMsAgo: number | undefined;
  readonly outcomes: Readonly<Record<RequestOutcome, number>>;
  /** Rows of the requests that were answered. */
  readonly inferences: number;
  /** Runs of the model that ended well: one for several requests that were computed together. */
  readonly executions: number;
  /** Of the requests that were answered, from the moment in which they came, or in which a model that rested was there for them. */
  readonly answered: Spent;
  /** Of all others. */
  readonly failed: Spent;
  /** The parts of `answered`: in the queue; until the inputs are with the model; the model; what is made of its outputs. */
  readonly queue: Spent;
  readonly computeInput: Spent;
  readonly computeInfer: Spent;
  readonly computeOutput: Spent;
  /** The runs by how many rows were computed at once, the first `batchSizesAtMost` sizes that came up. */
  readonly batches: readonly BatchStatistics[];
  /** Of the requests that were answered, in seconds. */
  readonly durations: HistogramSample;
  /** Requests that wait now. */
  readonly waiting: number;
}

export interface BatchStatistics {
  readonly rows: number;
  readonly computeInput: Spent;
  readonly computeInfer: Spent;
  readonly computeOutput: Spent;
}

/** Moments of a request on the clock that only goes up. */
export interface RequestTimes {
  readonly beganAt: number;
  /** Its inputs went to the model. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Its answer was ready. */
  readonly readyAt: number;
  readonly rows: number;
}

/** Of the runs of one size. What is made of a run's outputs is known last. */
export interface BatchSums {
  count: number;
  inputMs: number;
  inferMs: number;
  outputMs: number;
}

/** Callers choose how many rows they send: the sizes must not fill the memory. */
export const batchSizesAtMost = 64;

/** Seconds: what an inference takes on a fast machine to what it takes on a slow one, two to three steps to the power of ten. */
const durationEdges = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

/** The sums of one version. What it costs a request is a few additions. */
export class VersionCounts {
  readonly #outcomes: Record<RequestOutcome, number> = noOutcomes();
  readonly #durations = new DurationCounts(durationEdges);
  readonly #batches = new Map<number, BatchSums>();
  #lastRequestAt: number | undefined;
  #inferences = 0;
  #executions = 0;
  #answeredMs = 0;
  #failedMs = 0;
  #queueMs = 0;
  #inputMs = 0;
  #inferMs = 0;
  #outputMs = 0;

  countAnswer(arrivedAt: number, { beganAt, startedAt, endedAt, readyAt, rows }: RequestTimes): void {
    this.#lastRequestAt = arrivedAt;
    this.#outcomes.ok++;
    this.#inferences += rows;
    this.#answeredMs += readyAt - arrivedAt;
    this.#queueMs += beganAt - arrivedAt;
    this.#inputMs += startedAt - beganAt;
    this.#inferMs += endedAt - startedAt;
    this.#outputMs += readyAt - endedAt;
    this.#durations.add((readyAt - arrivedAt) / 1_000);
  }

  countFailure(outcome: Exclude<RequestOutcome, "ok">, arrivedAt: number, now: number): void {
    this.#lastRequestAt = arrivedAt;
    this.#outcomes[outcome]++;
    this.#failedMs += now - arrivedAt;
  }

  /** A run of the model, for one request or for several. Undefined where its size is one too many. */
  countExecution(rows: number, inputMs: number, inferMs: number): BatchSums | undefined {
    this.#executions++;
    const sums = this.#batches.get(rows) ?? this.#newBatch(rows);
    if (sums === undefined) return undefined;
    sums.count++;
    sums.inputMs += inputMs;
    sums.inferMs += inferMs;
    return sums;
  }

  #newBatch(rows: number): BatchSums | undefined {
    if (this.#batches.size >= batchSizesAtMost) return undefined;
    const sums = { count: 0, inputMs: 0, inferMs: 0, outputMs: 0 };
    this.#batches.set(rows, sums);
    return sums;
  }

  read(model: ModelName, version: ModelVersion, waiting: number, now: number): VersionStatistics {
    const { ok, ...failures } = this.#outcomes;
    const spent = (ms: number) => ({ count: ok, ms });
    return {
      model,
      version,
      lastRequestMsAgo: this.#lastRequestAt === undefined ? undefined : now - this.#lastRequestAt,
      outcomes: { ...this.#outcomes },
      inferences: this.#inferences,
      executions: this.#executions,
      answered: spent(this.#answeredMs),
      failed: { count: Object.values(failures).reduce((sum, count) => sum + count, 0), ms: this.#failedMs },
      queue: spent(this.#queueMs),
      computeInput: spent(this.#inputMs),
      computeInfer: spent(this.#inferMs),
      computeOutput: spent(this.#outputMs),
      batches: [...this.#batches]
        .toSorted(([a], [b]) => a - b)
        .map(([rows, { count, inputMs, inferMs, outputMs }]) => ({
          rows,
          computeInput: { count, ms: inputMs },
          computeInfer: { count, ms: inferMs },
          computeOutput: { count, ms: outputMs },
        })),
      durations: this.#durations.sample({}),
      waiting,
    };
  }
}

/** What a request that ended in `error` counts as. */
export function outcomeOf(error: unknown, signal: AbortSignal): Exclude<RequestOutcome, "ok"> {
  if (signal.aborted && error === signal.reason) return "cancelled";
  if (error instanceof InferenceError) return error.class;
  if (error instanceof QueueFullError || error instanceof SequencesFullError) return "overloaded";
  if (error instanceof DeadlineExceededError) return "deadline-exceeded";
  return error instanceof ModelUnavailableError ? "worker-lost" : "runtime";
}

function noOutcomes(): Record<RequestOutcome, number> {
  return {
    ok: 0,
    input: 0,
    runtime: 0,
    timeout: 0,
    "worker-lost": 0,
    overloaded: 0,
    "deadline-exceeded": 0,
    cancelled: 0,
  };
}
