import type { Digest, ModelName, ModelVersion } from "../../proto/ids.ts";
import type { FeedbackCounts, Tensor, Window } from "../../proto/messages.ts";
import type { WorkerDeath } from "./crash-loop.ts";
import type { Truth } from "./feedback.ts";
import type { LoadedPackage } from "./package-store.ts";
import type { Clock, InferenceWorker, Logger } from "./ports.ts";
import { InferenceError } from "./ports.ts";
import type { ServingFacts } from "./reconcile.ts";
import type { ServiceRecord } from "./recent-service.ts";
import { nothingServed } from "./recent-service.ts";
import { RunningModel } from "./running-model.ts";
import type { Sampling } from "./sampling/sampling.ts";
import type { TrialErrors } from "./soak-gate.ts";

export interface InferenceResult {
  readonly outputs: readonly Tensor[];
  readonly version: ModelVersion;
  readonly variant: string;
  readonly package: Digest;
}

export interface InferenceCall {
  /** Only this version may answer. */
  readonly version?: ModelVersion;
  /** On the clock that only goes up: what has not begun by then never begins. */
  readonly deadlineAt?: number;
  /** Under this, the truth about the answer can be told later. */
  readonly id?: string;
}

/** This device has no such model, or its worker is just not running. */
export class ModelUnavailableError extends Error {
  override readonly name = "ModelUnavailableError";
}

export interface InferenceServiceOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** How many requests of one model may wait. */
  readonly queueCapacity?: number;
  readonly sampling: Pick<Sampling, "samplerFor">;
  readonly onWindow: (window: Window) => void;
  readonly onStopped: (stopped: LoadedPackage, reason: string) => void;
  /** Something happened that the next comparison should see. */
  readonly onChange: () => void;
}

/** Two seconds of a camera at 30 frames a second: a stutter loses nothing, and no answer is old. */
export const defaultQueueCapacity = 64;

/** What the candidate's worker got wrong, and what the active one showed before it came. */
interface Trial {
  readonly of: Digest | undefined;
  readonly before: ServiceRecord;
  errors: TrialErrors;
}

const noTrial: Trial = { of: undefined, before: nothingServed, errors: { own: 0, shared: 0, alone: 0 } };

interface Places {
  active: RunningModel | undefined;
  candidate: RunningModel | undefined;
  trial: Trial;
  deaths: readonly WorkerDeath[];
  candidateStopReason: string;
}

/**
 * Holds the workers and answers inferences. While a candidate is in trial it serves, and the active model's worker stays loaded
 * beside it: a request on which the candidate failed is answered by the active one, which shows whose fault it was, and going back
 * takes no time.
 */
export class InferenceService implements AsyncDisposable {
  readonly #options: InferenceServiceOptions;
  readonly #models = new Map<ModelName, Places>();
  readonly #retiring = new Set<Promise<void>>();

  constructor(options: InferenceServiceOptions) {
    this.#options = options;
  }

  /** Rejects with ModelUnavailableError, QueueFullError, DeadlineExceededError, InferenceError or the signal's reason. */
  async infer(
    model: ModelName,
    inputs: readonly Tensor[],
    signal: AbortSignal,
    call: InferenceCall = {},
  ): Promise<InferenceResult> {
    const places = this.#models.get(model);
    const [first, other] = this.#servingOf(model, call.version);
    if (places === undefined || first === undefined)
      throw new ModelUnavailableError(`${[model, call.version].filter(Boolean).join(" ")} is not served at the moment`);
    const trial = places.candidate === first ? places.trial : undefined;
    try {
      return await inferWith(first, inputs, signal, call);
    } catch (error) {
      if (signal.aborted || !isModelsFault(error)) throw error;
      // The one that is active now may have taken its place only in between.
      const second = call.version === undefined ? places.active : other;
      const isLost = error.class === "worker-lost" || error.class === "timeout";
      if (trial === undefined && !isLost) throw error;
      if (second === undefined || second === first) {
        this.#blame(trial, "alone");
        throw error;
      }
      return await this.#askAgain(trial, () => inferWith(second, inputs, signal, call), signal);
    }
  }

  /** What answers requests for the model now: the first of these, the others where they are asked for by their version. */
  serving(model: ModelName): readonly LoadedPackage[] {
    return this.#servingOf(model).map(({ loaded }) => loaded);
  }

  /** Counts the truth about an answer. Throws ModelUnavailableError, UnknownAnswerError or FeedbackMismatchError. */
  takeFeedback(model: ModelName, id: string, truth: Truth): FeedbackCounts {
    const running = this.#servingOf(model);
    const answerer = running.find((one) => one.hasAnswered(id)) ?? running[0];
    if (answerer === undefined) throw new ModelUnavailableError(`${model} is not served at the moment`);
    return answerer.takeFeedback(id, truth);
  }

  facts(model: ModelName): ServingFacts {
    const places = this.#models.get(model);
    const { active, candidate, trial = noTrial } = places ?? {};
    return {
      active: active?.loaded.slot.package,
      candidate: candidate?.loaded.slot.package,
      trial: candidate && {
        startedAt: candidate.startedAt,
        ...candidate.shown,
        lastError: candidate.lastError,
        errors: trial.errors,
        before: trial.before,
      },
      candidateStopReason: places?.candidateStopReason ?? "",
      deaths: places?.deaths ?? [],
    };
  }

  /**
   * The worker of the model that is active already. Another one may still be in its place: that of the model before, when the
   * candidate's worker died while its confirmation was saved.
   */
  activate(loaded: LoadedPackage, worker: InferenceWorker): void {
    const places = this.#placesOf(loaded.manifest.model);
    this.#retire(places.active);
    places.active = this.#run(loaded, worker, false);
  }

  /** Another package becomes active: what the workers of the old one did no longer counts. */
  replaceActive(loaded: LoadedPackage, worker: InferenceWorker): void {
    const places = this.#placesOf(loaded.manifest.model);
    this.#retire(places.active);
    places.active = this.#run(loaded, worker, false);
    places.deaths = [];
  }

  tryOut(loaded: LoadedPackage, worker: InferenceWorker): void {
    const places = this.#placesOf(loaded.manifest.model);
    this.#retire(places.candidate);
    places.candidateStopReason = "";
    const { package: digest } = loaded.slot;
    // While a candidate serves, the active one shows little: what counts is how it was before the first attempt.
    const before = places.trial.of === digest ? places.trial.before : (places.active?.recent ?? nothingServed);
    places.trial = { of: digest, before, errors: { own: 0, shared: 0, alone: 0 } };
    places.candidate = this.#run(loaded, worker, true);
  }

  confirm(model: ModelName): void {
    const places = this.#placesOf(model);
    if (places.candidate === undefined) return;
    this.#retire(places.active);
    places.active = places.candidate;
    places.active.confirmed();
    places.candidate = undefined;
    places.trial = noTrial;
    places.deaths = [];
  }

  dropCandidate(model: ModelName): void {
    const places = this.#placesOf(model);
    this.#retire(places.candidate);
    places.candidate = undefined;
    places.trial = noTrial;
    places.candidateStopReason = "";
  }

  dropActive(model: ModelName): void {
    const places = this.#placesOf(model);
    this.#retire(places.active);
    places.active = undefined;
    places.deaths = [];
  }

  remove(model: ModelName): void {
    this.dropCandidate(model);
    this.dropActive(model);
    this.#models.delete(model);
  }

  /** A worker that could not even be started counts like one that stopped. */
  countDeath(model: ModelName, reason: string): void {
    const places = this.#placesOf(model);
    places.deaths = [...places.deaths, { at: this.#options.clock.monotonic(), reason }].slice(-20);
  }

  closeWindows(): void {
    for (const { active, candidate } of this.#models.values()) {
      active?.closeWindow();
      candidate?.closeWindow();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const model of this.#models.keys()) this.remove(model);
    await Promise.all(this.#retiring);
  }

  /** A request on which the first model failed. */
  async #askAgain(trial: Trial | undefined, ask: () => Promise<InferenceResult>, signal: AbortSignal) {
    try {
      const result = await ask();
      this.#blame(trial, "own");
      return result;
    } catch (error) {
      if (!signal.aborted) this.#blame(trial, isModelsFault(error) ? "shared" : "alone");
      throw error;
    }
  }

  #blame(trial: Trial | undefined, by: keyof TrialErrors): void {
    if (trial === undefined) return;
    trial.errors = { ...trial.errors, [by]: trial.errors[by] + 1 };
    this.#options.onChange();
  }

  #servingOf(model: ModelName, version?: ModelVersion): readonly RunningModel[] {
    const { candidate, active } = this.#models.get(model) ?? {};
    return [candidate, active]
      .filter((running) => running !== undefined)
      .filter(({ loaded }) => version === undefined || loaded.slot.version === version);
  }

  #placesOf(model: ModelName): Places {
    const known = this.#models.get(model);
    if (known !== undefined) return known;
    const places: Places = {
      active: undefined,
      candidate: undefined,
      trial: noTrial,
      deaths: [],
      candidateStopReason: "",
    };
    this.#models.set(model, places);
    return places;
  }

  #run(loaded: LoadedPackage, worker: InferenceWorker, trial: boolean): RunningModel {
    const { clock, sampling, onWindow, queueCapacity = defaultQueueCapacity } = this.#options;
    const sampler = sampling.samplerFor(loaded);
    const running = new RunningModel({ loaded, worker, trial, clock, queueCapacity, sampler, onWindow });
    void worker.stopped.then((reason) => this.#stopped(running, reason));
    return running;
  }

  #stopped(running: RunningModel, reason: string): void {
    const { model } = running.loaded.manifest;
    const places = this.#models.get(model);
    if (places?.active === running) {
      places.active = undefined;
      this.countDeath(model, reason);
    } else if (places?.candidate === running) {
      places.candidate = undefined;
      places.candidateStopReason = reason;
    } else return;
    running.end(reason);
    this.#options.log.warn({ model, version: running.loaded.slot.version, reason }, "a worker stopped");
    this.#options.onStopped(running.loaded, reason);
    this.#options.onChange();
  }

  /** It gets no new requests; its worker ends when the last one is answered. */
  #retire(running: RunningModel | undefined): void {
    if (running === undefined) return;
    const gone = running[Symbol.asyncDispose]()
      .catch((error: unknown) => this.#options.log.warn({ error: String(error) }, "a worker could not be stopped"))
      .finally(() => this.#retiring.delete(gone));
    this.#retiring.add(gone);
  }
}

function isModelsFault(error: unknown): error is InferenceError {
  return error instanceof InferenceError && error.class !== "input";
}

async function inferWith(
  running: RunningModel,
  inputs: readonly Tensor[],
  signal: AbortSignal,
  { deadlineAt, id }: InferenceCall,
): Promise<InferenceResult> {
  const outputs = await running.infer(inputs, { signal, deadlineAt }, id);
  const { version, variant, package: digest } = running.loaded.slot;
  return { outputs, version, variant, package: digest };
}
