import type { FeedbackCounts, Window } from "../../proto/telemetry-messages.ts";
import type { Tensor } from "../../proto/tensors.ts";
import type { AnsweredRequest } from "./answered-request.ts";
import { BatchedWorker } from "./batched-worker.ts";
import type { Truth } from "./feedback.ts";
import { AnswerMemory } from "./feedback.ts";
import type { DetectorSettings } from "./detector-limits.ts";
import type { CallLimits } from "./inference-queue.ts";
import { InferenceQueue } from "./inference-queue.ts";
import type { RowListener } from "./metric-window.ts";
import type { StreamDetectors } from "./metric-window.ts";
import { MetricWindow, streamDetectors } from "./metric-window.ts";
import { inputsWithState, parted } from "./model-state.ts";
import { ModelTurn } from "./model-turn.ts";
import type { LoadedPackage } from "./package-store.ts";
import type { Clock, InferenceWorker } from "./ports.ts";
import { InferenceError } from "./ports.ts";
import type { ServiceRecord } from "./recent-service.ts";
import type { ModelSampler } from "./sampling/model-sampler.ts";
import type { AnswerOptions, ModelAnswer } from "./model-answer.ts";
import type { SequenceStates } from "./sequence-states.ts";
import { errorClassOf, ShownService } from "./shown-service.ts";
import type { RequestTimes, VersionCounts } from "./version-statistics.ts";
import { outcomeOf } from "./version-statistics.ts";

export interface RunningModelOptions {
  readonly loaded: LoadedPackage;
  readonly worker: InferenceWorker;
  readonly trial: boolean;
  readonly clock: Clock;
  /** How many requests may wait while one is worked on. */
  readonly queueCapacity: number;
  readonly sampler: ModelSampler;
  readonly detectors: () => DetectorSettings;
  /** Of the model, whichever version answers. */
  readonly sequences: SequenceStates;
  /** Of the version, whichever of its workers answers. */
  readonly counts: VersionCounts;
  readonly onWindow: (window: Window) => void;
  /** Every answer, a moment before it goes out. */
  readonly onAnswered?: (answered: AnsweredRequest) => void;
}

interface Job {
  readonly inputs: readonly Tensor[];
  readonly options: AnswerOptions;
  readonly arrivedAt: number;
  /** Once it is answered. */
  times?: RequestTimes;
}

type Infer = (inputs: readonly Tensor[]) => Promise<readonly Tensor[]>;

/** One worker that serves one version, with what it has shown so far. */
export class RunningModel implements AsyncDisposable {
  readonly loaded: LoadedPackage;
  readonly worker: InferenceWorker;
  /** On the clock that only goes up. */
  readonly startedAt: number;
  readonly #clock: Clock;
  readonly #sampler: ModelSampler;
  readonly #sequences: SequenceStates;
  readonly #onWindow: (window: Window) => void;
  readonly #onAnswered: ((answered: AnsweredRequest) => void) | undefined;
  readonly #queue: InferenceQueue<Job, ModelAnswer>;
  readonly #batches: BatchedWorker;
  readonly #answers: AnswerMemory;
  /** The model's work goes on when its caller leaves: it cannot be interrupted, and nobody else could be served sooner. */
  readonly #uninterrupted = new AbortController().signal;
  #lastUsedAt = Number.NEGATIVE_INFINITY;
  #memoryBytes = 0;
  #trial: boolean;
  readonly #detectors: StreamDetectors;
  #window: MetricWindow;
  /** Callers who wait and work under way: work can outlast its caller. */
  #inFlight = 0;
  #onIdle: (() => void) | undefined;
  #lost: InferenceError | undefined;
  readonly #shown = new ShownService();
  readonly #counts: VersionCounts;
  readonly #turn: ModelTurn;

  constructor(options: RunningModelOptions) {
    const { loaded, worker, trial, clock, queueCapacity, sampler, detectors, sequences, counts } = options;
    const { onWindow, onAnswered } = options;
    this.loaded = loaded;
    this.worker = worker;
    this.startedAt = clock.monotonic();
    this.#trial = trial;
    this.#clock = clock;
    this.#sampler = sampler;
    this.#sequences = sequences;
    this.#onWindow = onWindow;
    this.#onAnswered = onAnswered;
    this.#counts = counts;
    const turn = new ModelTurn(loaded.manifest, counts, clock);
    this.#turn = turn;
    const batches = new BatchedWorker(worker, loaded, clock, (...run) => turn.ran(...run));
    this.#batches = batches;
    this.#queue = new InferenceQueue(clock, queueCapacity, {
      howMany: (waiting) => batches.howMany(waiting.map(({ inputs }) => inputs)),
      work: (jobs) => this.#workTogether(jobs),
    });
    this.#answers = new AnswerMemory(loaded.manifest);
    this.#detectors = streamDetectors(loaded.manifest, detectors);
    this.#window = this.#newWindow();
  }

  /** Since it serves. */
  get shown(): ShownService["health"] {
    return this.#shown.health;
  }

  /** In the last minutes. */
  get recent(): ServiceRecord {
    return this.#shown.recentAt(this.#clock.monotonic());
  }

  /** Requests for which it has not begun to work. */
  get waiting(): number {
    return this.#queue.waiting;
  }

  /** How long nobody has asked for it; 0 while it works, without end before the first request. */
  get idleMs(): number {
    return this.#inFlight > 0 ? 0 : this.#clock.monotonic() - this.#lastUsedAt;
  }

  /** When it was measured last; 0 before. */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  async measureMemory(): Promise<number> {
    // A process that is just ending takes nothing any more.
    this.#memoryBytes = await this.worker.memoryBytes().catch(() => 0);
    return this.#memoryBytes;
  }

  /** Rejects as the queue does, with InferenceError or SequencesFullError. */
  async infer(inputs: readonly Tensor[], limits: CallLimits, options: AnswerOptions = {}): Promise<ModelAnswer> {
    const arrivedAt = this.#clock.monotonic();
    let isAdmitted = false;
    try {
      if (options.sequence !== undefined) this.#sequences.admit(options.sequence);
      isAdmitted = true;
      this.#shown.countAsked();
      this.#inFlight++;
      const job: Job = { inputs, options, arrivedAt };
      const answer = await this.#queue.run(job, limits);
      if (job.times !== undefined) this.#counts.countAnswer(arrivedAt, job.times);
      return answer;
    } catch (error) {
      if (error === this.#lost) this.#countError(error);
      this.#counts.countFailure(outcomeOf(error, limits.signal), arrivedAt, this.#clock.monotonic());
      throw error;
    } finally {
      if (isAdmitted) this.#ended();
    }
  }

  /** Counts the truth about an answer. Throws UnknownAnswerError or FeedbackMismatchError. */
  takeFeedback(id: string, truth: Truth): FeedbackCounts {
    const counts = this.#answers.judge(id, truth);
    this.#window.countFeedback(counts);
    return counts;
  }

  /** Answers are known about which the truth may be told, also after the worker has gone. */
  get awaitsFeedback(): boolean {
    return !this.#answers.isEmpty;
  }

  hasAnswered(id: string): boolean {
    return this.#answers.has(id);
  }

  /** The trial has ended well: what is counted from now on is not the trial's. */
  confirmed(): void {
    this.closeWindow();
    this.#trial = false;
    this.#window = this.#newWindow();
  }

  /** Hands the window out, unless nothing was counted, and begins the next. */
  closeWindow(): void {
    const closed = this.#window;
    this.#window = this.#newWindow();
    if (!closed.isEmpty) this.#onWindow(closed.close(this.#clock.now()));
    this.#sampler.closeWindow();
  }

  /**
   * Closes the last window: no new requests come. Those that died with the worker are told a moment after its end; what they count
   * goes out in a window of its own when all of them have ended.
   */
  end(reason: string): void {
    this.#lost ??= new InferenceError("worker-lost", reason);
    this.closeWindow();
    this.#queue.close(this.#lost);
  }

  /** Lets the requests under way end, as long as the worker lives, and stops it. New ones must not come any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#inFlight > 0) {
      const idle = new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
      await Promise.race([idle, this.worker.stopped]);
    }
    this.end("the model is no longer served");
    await this.worker[Symbol.asyncDispose]();
  }

  async #workTogether(jobs: readonly Job[]): Promise<readonly PromiseSettledResult<ModelAnswer>[]> {
    const beganAt = this.#turn.begin();
    const answers = await Promise.allSettled(this.#answersOf(jobs, beganAt));
    this.#turn.end();
    return answers;
  }

  #answersOf(jobs: readonly Job[], beganAt: number): readonly Promise<ModelAnswer>[] {
    const [first, ...others] = jobs;
    if (first === undefined) return [];
    const batches = this.#batches;
    const signal = this.#uninterrupted;
    if (others.length === 0) return [this.#work(first, 1, beganAt, (inputs) => batches.inferAlone(inputs, signal))];
    const outcomes = batches.infer(
      jobs.map(({ inputs }) => inputs),
      signal,
    );
    return jobs.map((job, i) => this.#work(job, jobs.length, beganAt, async () => valueOf((await outcomes)[i])));
  }

  /** `together`: how many share the work, and so its time. */
  async #work(job: Job, together: number, beganAt: number, infer: Infer): Promise<ModelAnswer> {
    const { inputs: given, options, arrivedAt } = job;
    const { id, sequence } = options;
    this.#inFlight++;
    try {
      const { manifest, slot } = this.loaded;
      const isStateful = manifest.state.length > 0;
      if (sequence !== undefined && !isStateful)
        throw new InferenceError("input", "this model keeps no state between requests: it knows no sequence_id");
      const turn = sequence && this.#sequences.begin(sequence, slot);
      const inputs = isStateful ? inputsWithState(manifest, given, turn?.state) : given;
      const outputs = await infer(inputs);
      const now = this.#clock.monotonic();
      this.#shown.countAnswer((now - beganAt) / together, now);
      this.#window.count(inputs, outputs, now - arrivedAt, this.#offering(inputs, outputs));
      if (id !== undefined) this.#answers.remember(id, inputs, outputs);
      const { answer, next } = parted(manifest, outputs);
      turn?.keep(next);
      const step = turn && sequence && { ...sequence, start: turn.state === undefined };
      const workMs = together === 1 ? now - beganAt : undefined;
      this.#onAnswered?.({ by: this.loaded, given, outputs: answer, workMs, sequence: step });
      job.times = this.#turn.timesOf(inputs);
      return { outputs: answer, sequence: step };
    } catch (error) {
      // Whoever still waited when the worker was lost has counted it.
      if (this.#lost === undefined) this.#countError(error);
      throw error;
    } finally {
      this.#ended();
    }
  }

  #ended(): void {
    this.#inFlight--;
    this.#lastUsedAt = this.#clock.monotonic();
    if (this.#inFlight > 0) return;
    if (this.#lost !== undefined) this.closeWindow();
    this.#onIdle?.();
  }

  #offering(inputs: readonly Tensor[], outputs: readonly Tensor[]): RowListener | undefined {
    const sampler = this.#sampler;
    return sampler.isOn
      ? (values, row, rows) => sampler.offer({ inputs, outputs, row, rows, values, detectors: this.#detectors })
      : undefined;
  }

  #countError(error: unknown): void {
    const errorClass = errorClassOf(error);
    this.#window.countError(errorClass);
    this.#shown.countError(error, errorClass, this.#clock.monotonic());
  }

  #newWindow(): MetricWindow {
    const { manifest, slot } = this.loaded;
    return new MetricWindow(manifest, slot, this.#trial, this.#clock.now(), this.#detectors);
  }
}

function valueOf<T>(outcome: PromiseSettledResult<T> | undefined): T {
  if (outcome?.status === "fulfilled") return outcome.value;
  throw outcome?.reason;
}
