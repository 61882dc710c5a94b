import type { FeedbackCounts, Tensor, Window } from "../../proto/messages.ts";
import type { Truth } from "./feedback.ts";
import { AnswerMemory } from "./feedback.ts";
import type { CallLimits } from "./inference-queue.ts";
import { InferenceQueue } from "./inference-queue.ts";
import type { RowListener } from "./metric-window.ts";
import { MetricWindow } from "./metric-window.ts";
import type { LoadedPackage } from "./package-store.ts";
import type { Clock, InferenceWorker } from "./ports.ts";
import { InferenceError } from "./ports.ts";
import type { ServiceRecord } from "./recent-service.ts";
import { RecentService } from "./recent-service.ts";
import type { ModelSampler } from "./sampling/model-sampler.ts";
import type { TrialHealth } from "./soak-gate.ts";

export interface RunningModelOptions {
  readonly loaded: LoadedPackage;
  readonly worker: InferenceWorker;
  readonly trial: boolean;
  readonly clock: Clock;
  /** How many requests may wait while one is worked on. */
  readonly queueCapacity: number;
  readonly sampler: ModelSampler;
  readonly onWindow: (window: Window) => void;
}

/** One worker that serves one version, with what it has shown so far. */
export class RunningModel implements AsyncDisposable {
  readonly loaded: LoadedPackage;
  readonly worker: InferenceWorker;
  /** On the clock that only goes up. */
  readonly startedAt: number;
  readonly #clock: Clock;
  readonly #sampler: ModelSampler;
  readonly #onWindow: (window: Window) => void;
  readonly #queue: InferenceQueue;
  readonly #answers: AnswerMemory;
  /** The model's work goes on when its caller leaves: it cannot be interrupted, and nobody else could be served sooner. */
  readonly #uninterrupted = new AbortController().signal;
  #trial: boolean;
  #window: MetricWindow;
  /** Callers who wait and work under way: work can outlast its caller. */
  #inFlight = 0;
  #onIdle: (() => void) | undefined;
  #lost: InferenceError | undefined;
  readonly #recent = new RecentService();
  readonly #total = { asked: 0, inferences: 0, answered: 0, workMs: 0 };
  #lastError = "";

  constructor({ loaded, worker, trial, clock, queueCapacity, sampler, onWindow }: RunningModelOptions) {
    this.loaded = loaded;
    this.worker = worker;
    this.startedAt = clock.monotonic();
    this.#trial = trial;
    this.#clock = clock;
    this.#sampler = sampler;
    this.#onWindow = onWindow;
    this.#queue = new InferenceQueue(clock, queueCapacity);
    this.#answers = new AnswerMemory(loaded.manifest);
    this.#window = this.#newWindow();
  }

  /** Since it serves. Errors that were the model's fault are among the inferences. */
  get shown(): Pick<TrialHealth, "asked" | "inferences" | "workMs"> {
    const { asked, inferences, answered, workMs } = this.#total;
    return { asked, inferences, workMs: answered === 0 ? undefined : workMs / answered };
  }

  /** In the last minutes. */
  get recent(): ServiceRecord {
    return this.#recent.at(this.#clock.monotonic());
  }

  get lastError(): string {
    return this.#lastError;
  }

  /** Rejects as the queue does, or with InferenceError. Under `id` the truth about the answer can be told later. */
  async infer(inputs: readonly Tensor[], limits: CallLimits, id: string | undefined): Promise<readonly Tensor[]> {
    const arrivedAt = this.#clock.monotonic();
    this.#total.asked++;
    this.#inFlight++;
    try {
      const outputs = await this.#queue.run(() => this.#work(inputs, arrivedAt), limits);
      if (id !== undefined) this.#answers.remember(id, inputs, outputs);
      return outputs;
    } catch (error) {
      if (error === this.#lost) this.#countError(error);
      throw error;
    } finally {
      this.#ended();
    }
  }

  /** Counts the truth about an answer. Throws UnknownAnswerError or FeedbackMismatchError. */
  takeFeedback(id: string, truth: Truth): FeedbackCounts {
    const counts = this.#answers.judge(id, truth);
    this.#window.countFeedback(counts);
    return counts;
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

  async #work(inputs: readonly Tensor[], arrivedAt: number): Promise<readonly Tensor[]> {
    this.#inFlight++;
    const beganAt = this.#clock.monotonic();
    try {
      const outputs = await this.worker.infer(inputs, this.#uninterrupted);
      const now = this.#clock.monotonic();
      this.#total.inferences++;
      this.#total.answered++;
      this.#total.workMs += now - beganAt;
      this.#recent.countAnswer(now - beganAt, now);
      this.#window.count(inputs, outputs, now - arrivedAt, this.#offering(inputs, outputs));
      return outputs;
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
    if (this.#inFlight > 0) return;
    if (this.#lost !== undefined) this.closeWindow();
    this.#onIdle?.();
  }

  #offering(inputs: readonly Tensor[], outputs: readonly Tensor[]): RowListener | undefined {
    const sampler = this.#sampler;
    return sampler.isOn ? (values, row, rows) => sampler.offer({ inputs, outputs, row, rows, values }) : undefined;
  }

  #countError(error: unknown): void {
    const errorClass = error instanceof InferenceError ? error.class : "runtime";
    this.#window.countError(errorClass);
    if (errorClass === "input") return;
    this.#total.inferences++;
    this.#recent.countError(this.#clock.monotonic());
    this.#lastError = error instanceof Error ? error.message : String(error);
  }

  #newWindow(): MetricWindow {
    return new MetricWindow(this.loaded.manifest, this.loaded.slot, this.#trial, this.#clock.now());
  }
}
