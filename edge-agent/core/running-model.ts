import type { Tensor, Window } from "../../proto/messages.ts";
import { MetricWindow } from "./metric-window.ts";
import type { LoadedPackage } from "./package-store.ts";
import type { Clock, InferenceWorker } from "./ports.ts";
import { InferenceError } from "./ports.ts";

/** One worker that serves one version, with what it has shown so far. */
export class RunningModel implements AsyncDisposable {
  readonly loaded: LoadedPackage;
  readonly worker: InferenceWorker;
  /** On the clock that only goes up. */
  readonly startedAt: number;
  readonly #clock: Clock;
  readonly #onWindow: (window: Window) => void;
  #trial: boolean;
  #window: MetricWindow;
  #inFlight = 0;
  #onIdle: (() => void) | undefined;
  #isOver = false;
  #inferences = 0;
  #errors = 0;
  #lastError = "";

  constructor(
    loaded: LoadedPackage,
    worker: InferenceWorker,
    trial: boolean,
    clock: Clock,
    onWindow: (window: Window) => void,
  ) {
    this.loaded = loaded;
    this.worker = worker;
    this.startedAt = clock.monotonic();
    this.#trial = trial;
    this.#clock = clock;
    this.#onWindow = onWindow;
    this.#window = this.#newWindow();
  }

  get inferences(): number {
    return this.#inferences;
  }

  /** Those that were the model's fault. */
  get errors(): number {
    return this.#errors;
  }

  get lastError(): string {
    return this.#lastError;
  }

  async infer(inputs: readonly Tensor[], signal: AbortSignal): Promise<readonly Tensor[]> {
    this.#inFlight++;
    const startedAt = this.#clock.monotonic();
    try {
      const outputs = await this.worker.infer(inputs, signal);
      this.#inferences++;
      this.#window.count(inputs, outputs, this.#clock.monotonic() - startedAt);
      return outputs;
    } catch (error) {
      // A caller who gave up says nothing about the model.
      if (!signal.aborted) this.#countError(error);
      throw error;
    } finally {
      this.#inFlight--;
      if (this.#inFlight === 0) {
        if (this.#isOver) this.closeWindow();
        this.#onIdle?.();
      }
    }
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
  }

  /**
   * Closes the last window: no new requests come. Those that died with the worker are told a moment after its end; what they count
   * goes out in a window of its own when all of them have ended.
   */
  end(): void {
    this.#isOver = true;
    this.closeWindow();
  }

  /** Lets the requests under way end, as long as the worker lives, and stops it. New ones must not come any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#inFlight > 0) {
      const idle = new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
      await Promise.race([idle, this.worker.stopped]);
    }
    this.end();
    await this.worker[Symbol.asyncDispose]();
  }

  #countError(error: unknown): void {
    const errorClass = error instanceof InferenceError ? error.class : "runtime";
    this.#window.countError(errorClass);
    if (errorClass === "input") return;
    this.#inferences++;
    this.#errors++;
    this.#lastError = error instanceof Error ? error.message : String(error);
  }

  #newWindow(): MetricWindow {
    return new MetricWindow(this.loaded.manifest, this.loaded.slot, this.#trial, this.#clock.now());
  }
}
