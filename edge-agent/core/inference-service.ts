import type { Digest, ModelName, ModelVersion } from "../../proto/ids.ts";
import type { FeedbackCounts, Window } from "../../proto/telemetry-messages.ts";
import type { Tensor } from "../../proto/tensors.ts";
import type { DetectorSettings } from "./detector-limits.ts";
import { usualDetectorSettings } from "./detector-limits.ts";
import type { Truth } from "./feedback.ts";
import type { WorkerUse } from "./memory-budget.ts";
import type { Places, Trial } from "./model-places.ts";
import { emptyPlaces, isAsleep, noTrial, rememberFormer, servingIn, workersIn } from "./model-places.ts";
import type { LoadedPackage } from "./package-store.ts";
import type { Clock, InferenceWorker, Logger } from "./ports.ts";
import { InferenceError } from "./ports.ts";
import type { ServingFacts } from "./reconcile.ts";
import type { AnswerOptions, ModelAnswer } from "./running-model.ts";
import { nothingServed } from "./recent-service.ts";
import { RunningModel } from "./running-model.ts";
import type { Sampling } from "./sampling/sampling.ts";
import type { TrialErrors } from "./soak-gate.ts";

export interface InferenceResult extends ModelAnswer {
  readonly version: ModelVersion;
  readonly variant: string;
  readonly package: Digest;
}

export interface InferenceCall extends AnswerOptions {
  /** Only this version may answer. */
  readonly version?: ModelVersion;
  /** On the clock that only goes up: what has not begun by then never begins. */
  readonly deadlineAt?: number;
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
  readonly detectors?: () => DetectorSettings;
  readonly onWindow: (window: Window) => void;
  readonly onStopped: (stopped: LoadedPackage, reason: string) => void;
  /** Something happened that the next comparison should see. */
  readonly onChange: () => void;
}

/** Two seconds of a camera at 30 frames a second: a stutter loses nothing, and no answer is old. */
export const defaultQueueCapacity = 64;

export interface RunningFacts {
  /** Why the model has no worker on purpose; undefined while it has one or should have one. */
  readonly rests: string | undefined;
  /** Of its workers, when they were measured last. */
  readonly memoryBytes: number;
  /** Open ones of a model that keeps state. */
  readonly sequences: number;
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

  /** Rejects with ModelUnavailableError, QueueFullError, SequencesFullError, DeadlineExceededError, InferenceError or the signal's reason. */
  async infer(
    model: ModelName,
    inputs: readonly Tensor[],
    signal: AbortSignal,
    call: InferenceCall = {},
  ): Promise<InferenceResult> {
    const places = this.#models.get(model);
    if (places !== undefined && isAsleep(places, call.version)) await this.#wakeUp(places, signal, call);
    const [first, other] = this.#servingOf(model, call.version);
    if (places === undefined || first === undefined) {
      const named = [model, call.version].filter(Boolean).join(" ");
      const reason = places?.resting === undefined ? "" : `: ${places.resting.reason}`;
      throw new ModelUnavailableError(`${named} is not served at the moment${reason}`);
    }
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
    const serving = this.#servingOf(model).map(({ loaded }) => loaded);
    const { resting } = this.#models.get(model) ?? {};
    return resting === undefined ? serving : [...serving, resting.loaded];
  }

  /** What is running of a model, for people to look at. */
  running(model: ModelName): RunningFacts {
    const places = this.#models.get(model);
    const workers = this.#servingOf(model);
    const { resting } = places ?? {};
    return {
      rests: workers.length === 0 && resting?.isWanted === false ? resting.reason : undefined,
      memoryBytes: workers.reduce((sum, { memoryBytes }) => sum + memoryBytes, 0),
      sequences: places?.sequences.open ?? 0,
    };
  }

  /** All workers as they are now. */
  async memoryUses(expectedOf: (loaded: LoadedPackage) => number): Promise<readonly WorkerUse[]> {
    const all = [...this.#models].flatMap(([model, places]) => workersIn(places).map((one) => ({ model, ...one })));
    return await Promise.all(
      all.map(async ({ model, place, running }) => {
        const bytes = await running.measureMemory();
        return { model, place, bytes, expectedBytes: expectedOf(running.loaded), idleMs: running.idleMs };
      }),
    );
  }

  /** The active worker ends, when the requests under way have ended, until somebody asks for it. Resolves when it is gone. */
  async rest(model: ModelName, cause: "idle" | "trial"): Promise<void> {
    const places = this.#placesOf(model);
    const { active } = places;
    if (active === undefined) return;
    const reason = cause === "idle" ? "others need its memory" : "its next version is being tried in its place";
    places.resting = { loaded: active.loaded, cause, reason, isWanted: false };
    places.active = undefined;
    await this.#retire(places, active);
  }

  /** Somebody waits for the worker of a model that rests. */
  isWanted(model: ModelName): boolean {
    return this.#models.get(model)?.resting?.isWanted === true;
  }

  /** There is no room for its worker: the next request asks for it again. */
  restWithoutRoom(loaded: LoadedPackage, reason: string): void {
    const places = this.#placesOf(loaded.manifest.model);
    places.resting = { loaded, cause: "no-room", reason: `there is no memory for it: ${reason}`, isWanted: false };
    places.waiting.callAll();
  }

  /** The candidate for which the active model rests will not serve: the active one is started again. */
  endTrialRest(model: ModelName): void {
    const places = this.#placesOf(model);
    if (places.resting?.cause !== "trial" || places.candidate !== undefined) return;
    this.#want(places);
  }

  /** For a worker that lives and must not; it counts like one that stopped by itself. */
  endWorker(model: ModelName, place: "active" | "candidate", reason: string): void {
    const places = this.#placesOf(model);
    const running = places[place];
    if (running === undefined) return;
    this.#stopped(running, reason);
    void running.worker[Symbol.asyncDispose]();
  }

  /** Counts the truth about an answer. Throws ModelUnavailableError, UnknownAnswerError or FeedbackMismatchError. */
  takeFeedback(model: ModelName, id: string, truth: Truth): FeedbackCounts {
    const known = [...this.#servingOf(model), ...(this.#models.get(model)?.former ?? [])];
    const answerer = known.find((one) => one.hasAnswered(id)) ?? known[0];
    if (answerer === undefined) throw new ModelUnavailableError(`${model} is not served at the moment`);
    return answerer.takeFeedback(id, truth);
  }

  facts(model: ModelName): ServingFacts {
    const places = this.#models.get(model);
    const { active, candidate, resting, trial = noTrial } = places ?? {};
    // One that rests is where it should be.
    const inPlace = active ?? (resting?.isWanted === false ? resting : undefined);
    return {
      active: inPlace?.loaded.slot.package,
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
    void this.#retire(places, places.active);
    places.active = this.#run(loaded, worker, false);
    places.resting = undefined;
    places.waiting.callAll();
  }

  /** Another package becomes active: what the workers of the old one did no longer counts. */
  replaceActive(loaded: LoadedPackage, worker: InferenceWorker): void {
    const places = this.#placesOf(loaded.manifest.model);
    this.activate(loaded, worker);
    places.deaths = [];
  }

  tryOut(loaded: LoadedPackage, worker: InferenceWorker): void {
    const places = this.#placesOf(loaded.manifest.model);
    void this.#retire(places, places.candidate);
    places.candidateStopReason = "";
    const { package: digest } = loaded.slot;
    // While a candidate serves, the active one shows little: what counts is how it was before the first attempt.
    const before = places.trial.of === digest ? places.trial.before : (places.active?.recent ?? nothingServed);
    places.trial = { of: digest, before, errors: { own: 0, shared: 0, alone: 0 } };
    places.candidate = this.#run(loaded, worker, true);
    places.waiting.callAll();
  }

  confirm(model: ModelName): void {
    const places = this.#placesOf(model);
    if (places.candidate === undefined) return;
    void this.#retire(places, places.active);
    places.active = places.candidate;
    places.resting = undefined;
    places.active.confirmed();
    places.candidate = undefined;
    places.trial = noTrial;
    places.deaths = [];
  }

  dropCandidate(model: ModelName): void {
    const places = this.#placesOf(model);
    void this.#retire(places, places.candidate);
    places.candidate = undefined;
    places.trial = noTrial;
    places.candidateStopReason = "";
    this.endTrialRest(model);
  }

  dropActive(model: ModelName): void {
    const places = this.#placesOf(model);
    void this.#retire(places, places.active);
    places.active = undefined;
    places.resting = undefined;
    places.deaths = [];
  }

  remove(model: ModelName): void {
    this.dropCandidate(model);
    this.dropActive(model);
    const { former, waiting } = this.#placesOf(model);
    for (const running of former) running.closeWindow();
    this.#models.delete(model);
    waiting.callAll();
  }

  /** A worker that could not even be started counts like one that stopped. */
  countDeath(model: ModelName, reason: string): void {
    const places = this.#placesOf(model);
    places.deaths = [...places.deaths, { at: this.#options.clock.monotonic(), reason }].slice(-20);
  }

  closeWindows(): void {
    for (const { active, candidate, former } of this.#models.values())
      for (const running of [active, candidate, ...former]) running?.closeWindow();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const model of this.#models.keys()) this.remove(model);
    await Promise.all(this.#retiring);
  }

  /** A model that rests is brought back, and this request waits for it. */
  async #wakeUp(places: Places, signal: AbortSignal, { deadlineAt }: InferenceCall): Promise<void> {
    if (places.resting?.cause !== "trial") this.#want(places);
    await places.waiting.wait(signal, deadlineAt);
  }

  #want(places: Places): void {
    if (places.resting === undefined || places.resting.isWanted) return;
    places.resting = { ...places.resting, isWanted: true };
    this.#options.onChange();
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
    const places = this.#models.get(model);
    return places === undefined ? [] : servingIn(places, version);
  }

  #placesOf(model: ModelName): Places {
    const known = this.#models.get(model);
    if (known !== undefined) return known;
    const { clock, queueCapacity = defaultQueueCapacity } = this.#options;
    const places = emptyPlaces(clock, queueCapacity);
    this.#models.set(model, places);
    return places;
  }

  #run(loaded: LoadedPackage, worker: InferenceWorker, trial: boolean): RunningModel {
    const running = new RunningModel({
      queueCapacity: defaultQueueCapacity,
      detectors: () => usualDetectorSettings,
      ...this.#options,
      loaded,
      worker,
      trial,
      sampler: this.#options.sampling.samplerFor(loaded),
      sequences: this.#placesOf(loaded.manifest.model).sequences,
    });
    void running.measureMemory();
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
      this.endTrialRest(model);
    } else return;
    rememberFormer(places, running);
    running.end(reason);
    this.#options.log.warn({ model, version: running.loaded.slot.version, reason }, "a worker stopped");
    this.#options.onStopped(running.loaded, reason);
    this.#options.onChange();
  }

  /** It gets no new requests; its worker ends when the last one is answered. */
  async #retire(places: Places, running: RunningModel | undefined): Promise<void> {
    if (running === undefined) return;
    rememberFormer(places, running);
    const gone = running[Symbol.asyncDispose]()
      .catch((error: unknown) => this.#options.log.warn({ error: String(error) }, "a worker could not be stopped"))
      .finally(() => this.#retiring.delete(gone));
    this.#retiring.add(gone);
    await gone;
  }
}

function isModelsFault(error: unknown): error is InferenceError {
  return error instanceof InferenceError && error.class !== "input";
}

async function inferWith(
  running: RunningModel,
  inputs: readonly Tensor[],
  signal: AbortSignal,
  call: InferenceCall,
): Promise<InferenceResult> {
  const { outputs, sequence } = await running.infer(inputs, { signal, deadlineAt: call.deadlineAt }, call);
  const { version, variant, package: digest } = running.loaded.slot;
  return { outputs, sequence, version, variant, package: digest };
}
