import type { Digest } from "../../proto/ids.ts";
import type { Window } from "../../proto/telemetry-messages.ts";
import type { Tensor } from "../../proto/tensors.ts";
import type { AnsweredRequest } from "./answered-request.ts";
import { AgreementCounts } from "./agreement-counts.ts";
import type { AnswerComparison } from "./agreement.ts";
import { comparisonOf } from "./agreement.ts";
import type { DetectorSettings } from "./detector-limits.ts";
import { NoLongerNeededError } from "./linked-abort.ts";
import { MetricWindow, streamDetectors } from "./metric-window.ts";
import { inputsWithState, parted } from "./model-state.ts";
import type { LoadedPackage } from "./package-store.ts";
import type { Clock, InferenceWorker } from "./ports.ts";
import { InferenceError } from "./ports.ts";
import type { DisagreementSampler } from "./sampling/disagreement-sampler.ts";
import type { SequenceStep, SequenceTurn } from "./sequence-states.ts";
import { SequencesFullError, SequenceStates } from "./sequence-states.ts";
import { ShadowChoice } from "./shadow-choice.ts";
import type { ShadowHealth } from "./shadow-gate.ts";

export interface ShadowRunOptions {
  readonly loaded: LoadedPackage;
  readonly worker: InferenceWorker;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /** Of the requests, as the assignment has it now. */
  readonly share: () => number;
  /** Why the device can just not afford it; undefined: it can. */
  readonly pause: () => string | undefined;
  readonly sampler: DisagreementSampler;
  readonly detectors: () => DetectorSettings;
  readonly onWindow: (window: Window) => void;
  /** It has failed on a request. */
  readonly onFailure: () => void;
}

/** What the device holds in memory for a candidate that is slower than the active model. */
const shadowQueueCapacity = 4;

/**
 * A candidate in shadow. It is offered each request that the active model has answered, and takes some of them: copies, a few at
 * most, that wait until the answer has gone out. It is asked one at a time, in a process of its own that gets what the others leave of
 * the processor. So the worst that it can do to the active model is to be skipped.
 */
export class ShadowRun implements AsyncDisposable {
  readonly loaded: LoadedPackage;
  readonly worker: InferenceWorker;
  readonly #options: ShadowRunOptions;
  readonly #startedAt: number;
  readonly #choice: ShadowChoice;
  /** Its own: the candidate's state is not that of the active model. */
  readonly #sequences: SequenceStates;
  readonly #counts = new AgreementCounts();
  readonly #detectors: ReturnType<typeof streamDetectors>;
  readonly #ended = new AbortController();
  #window: MetricWindow;
  #waiting: AnsweredRequest[] = [];
  #isWorking = false;
  #work = Promise.resolve();
  #answered = 0;
  #lastError = "";
  #lastUsedAt = Number.NEGATIVE_INFINITY;
  #memoryBytes = 0;
  #comparison: { readonly of: Digest; readonly compare: AnswerComparison } | undefined;

  constructor(options: ShadowRunOptions) {
    this.#options = options;
    this.loaded = options.loaded;
    this.worker = options.worker;
    this.#startedAt = options.clock.monotonic();
    this.#choice = new ShadowChoice(options.random, options.share);
    this.#sequences = new SequenceStates(options.clock);
    this.#detectors = streamDetectors(options.loaded.manifest, options.detectors);
    this.#window = this.#newWindow();
  }

  get health(): ShadowHealth {
    return {
      startedAt: this.#startedAt,
      answered: this.#answered,
      counts: this.#counts.total,
      lastError: this.#lastError,
      paused: this.#options.pause(),
    };
  }

  get idleMs(): number {
    return this.#isWorking ? 0 : this.#options.clock.monotonic() - this.#lastUsedAt;
  }

  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  async measureMemory(): Promise<number> {
    this.#memoryBytes = await this.worker.memoryBytes().catch(() => 0);
    return this.#memoryBytes;
  }

  /** Costs the request that was answered a copy at most. */
  offer(answered: AnsweredRequest): void {
    this.#options.sampler.countAnswered();
    const choice = this.#choice.of(answered.sequence);
    if (choice === "not-chosen") return;
    const hasRoom = this.#waiting.length < shadowQueueCapacity && this.#options.pause() === undefined;
    if (choice === "lost" || !hasRoom || this.#ended.signal.aborted) return this.#skip(answered);
    // The memory of a request is used again when it is answered.
    this.#waiting.push({ ...answered, given: answered.given.map(copied), outputs: answered.outputs.map(copied) });
    if (!this.#isWorking) this.#work = this.#workThroughAll();
  }

  /** Hands the window out, unless nothing was counted, and begins the next. */
  closeWindow(): void {
    const closed = this.#window;
    this.#window = this.#newWindow();
    if (!closed.isEmpty || !this.#counts.isEmpty)
      this.#options.onWindow({ ...closed.close(this.#options.clock.now()), shadow: this.#counts.take() });
    this.#options.sampler.closeWindow();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended.abort(new NoLongerNeededError("the candidate leaves the shadow"));
    for (const waiting of this.#waiting.splice(0)) this.#skip(waiting);
    // What was under way counts as skipped, in the last window.
    await Promise.race([this.#work, this.worker.stopped]);
    this.closeWindow();
    await this.worker[Symbol.asyncDispose]();
  }

  async #workThroughAll(): Promise<void> {
    this.#isWorking = true;
    try {
      for (;;) {
        // In a later turn of the event loop: the answer goes out first.
        await this.#options.clock.sleep(0, this.#ended.signal);
        const next = this.#waiting.shift();
        if (next === undefined) return;
        await this.#answer(next);
      }
    } catch (error) {
      if (!this.#ended.signal.aborted) throw error;
    } finally {
      this.#isWorking = false;
    }
  }

  async #answer(asked: AnsweredRequest): Promise<void> {
    const { clock } = this.#options;
    const { manifest } = this.loaded;
    const isStateful = manifest.state.length > 0;
    const turn = isStateful && asked.sequence ? this.#turnOf(asked.sequence) : undefined;
    if (turn === "lost") return this.#skip(asked);
    const beganAt = clock.monotonic();
    try {
      const inputs = isStateful ? inputsWithState(manifest, asked.given, turn?.state) : asked.given;
      const outputs = await this.worker.infer(inputs, this.#ended.signal);
      const workMs = clock.monotonic() - beganAt;
      const { answer, next } = parted(manifest, outputs);
      turn?.keep(next);
      this.#count(asked, inputs, outputs, answer, workMs);
    } catch (error) {
      // The next step may wait here already: it would be compared with another history.
      turn?.drop();
      if (this.#ended.signal.aborted) this.#skip(asked);
      else this.#countFailure(asked, error);
    } finally {
      this.#lastUsedAt = clock.monotonic();
    }
  }

  /** "lost" where the candidate has no state to go on from, as the active model had, or no room for another sequence. */
  #turnOf(step: SequenceStep): SequenceTurn | "lost" {
    try {
      this.#sequences.admit(step);
    } catch (error) {
      if (!(error instanceof SequencesFullError)) throw error;
      return "lost";
    }
    const turn = this.#sequences.begin(step, this.loaded.slot);
    return turn.state === undefined && !step.start ? "lost" : turn;
  }

  #count(
    asked: AnsweredRequest,
    inputs: readonly Tensor[],
    outputs: readonly Tensor[],
    answer: readonly Tensor[],
    workMs: number,
  ): void {
    const rows = this.#comparisonWith(asked.by)(asked.given, asked.outputs, answer);
    this.#answered++;
    this.#window.count(inputs, outputs, workMs);
    const work = asked.workMs === undefined ? undefined : { activeMs: asked.workMs, candidateMs: workMs };
    this.#counts.countPair(rows, work);
    this.#options.sampler.offer({ ...asked, theirs: answer, rows });
  }

  #countFailure(asked: AnsweredRequest, error: unknown): void {
    this.#window.countError(error instanceof InferenceError ? error.class : "runtime");
    this.#counts.countFailed();
    this.#choice.lose(asked.sequence);
    this.#lastError = error instanceof Error ? error.message : String(error);
    this.#options.onFailure();
  }

  #skip({ sequence }: AnsweredRequest): void {
    this.#counts.countSkipped();
    this.#choice.lose(sequence);
  }

  /** Another model may become active while the candidate is in shadow. */
  #comparisonWith({ slot, manifest }: LoadedPackage): AnswerComparison {
    if (this.#comparison?.of !== slot.package)
      this.#comparison = { of: slot.package, compare: comparisonOf(manifest, this.loaded.manifest) };
    return this.#comparison.compare;
  }

  #newWindow(): MetricWindow {
    const { manifest, slot } = this.loaded;
    return new MetricWindow(manifest, slot, false, this.#options.clock.now(), this.#detectors);
  }
}

function copied(tensor: Tensor): Tensor {
  return { ...tensor, rawData: new Uint8Array(tensor.rawData) };
}
