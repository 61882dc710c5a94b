import type { ModelName } from "../../proto/ids.ts";
import type { Window } from "../../proto/telemetry-messages.ts";
import type { DetectorSettings } from "./detector-limits.ts";
import { usualDetectorSettings } from "./detector-limits.ts";
import type { WorkerPlace } from "./memory-budget.ts";
import type { Places } from "./model-places.ts";
import { countsOf, emptyPlaces, noTrial, rememberFormer } from "./model-places.ts";
import type { LoadedPackage } from "./package-store.ts";
import type { Clock, InferenceWorker, Logger } from "./ports.ts";
import { nothingServed } from "./recent-service.ts";
import { RunningModel } from "./running-model.ts";
import type { Sampling } from "./sampling/sampling.ts";
import type { ShadowRunOptions } from "./shadow-run.ts";
import { ShadowRun } from "./shadow-run.ts";

/** What candidates in shadow need of the agent. */
export interface ShadowNeeds extends Pick<ShadowRunOptions, "random" | "pause"> {
  /** Of the model's requests that its candidate is given, as the assignment has it now. */
  readonly share: (model: ModelName) => number;
}

const noShadow: ShadowNeeds = { random: () => 0, pause: () => undefined, share: () => 0 };

export interface ModelWorkersOptions {
  readonly clock: Clock;
  readonly log: Logger;
  /** How many requests of one model may wait. */
  readonly queueCapacity?: number;
  readonly sampling: Pick<Sampling, "samplerFor" | "disagreementsFor">;
  readonly detectors?: () => DetectorSettings;
  /** Absent: candidates in shadow are given nothing. */
  readonly shadow?: ShadowNeeds;
  readonly onWindow: (window: Window) => void;
  readonly onStopped: (stopped: LoadedPackage, reason: string) => void;
  /** Something happened that the next comparison should see. */
  readonly onChange: () => void;
}

/** Two seconds of a camera at 30 frames a second: a stutter loses nothing, and no answer is old. */
export const defaultQueueCapacity = 64;

/**
 * The workers of all models, each in its place. While a candidate is in trial it serves, and the active model's worker stays loaded
 * beside it: going back takes no time. One in shadow runs beside the active one and answers nobody.
 */
export class ModelWorkers implements AsyncDisposable {
  protected readonly options: ModelWorkersOptions;
  protected readonly models = new Map<ModelName, Places>();
  readonly #retiring = new Set<Promise<void>>();

  constructor(options: ModelWorkersOptions) {
    this.options = options;
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

  /** The candidate runs beside the active model, and answers nobody. */
  runInShadow(loaded: LoadedPackage, worker: InferenceWorker): void {
    const places = this.#placesOf(loaded.manifest.model);
    void this.#retire(places, places.candidate ?? places.shadow);
    places.candidate = undefined;
    places.candidateStopReason = "";
    places.gaveWay = false;
    const { sampling, shadow: needs = noShadow, onChange } = this.options;
    const share = () => needs.share(loaded.manifest.model);
    const sampler = sampling.disagreementsFor(loaded);
    const shadow = new ShadowRun({
      detectors: () => usualDetectorSettings,
      ...this.options,
      ...needs,
      loaded,
      worker,
      share,
      sampler,
      onFailure: onChange,
    });
    places.shadow = shadow;
    void shadow.measureMemory();
    void worker.stopped.then((reason) => this.#stopped(shadow, reason));
  }

  /** Resolves when the candidate's worker in shadow is gone, if there is one. */
  async endShadow(model: ModelName): Promise<void> {
    const places = this.models.get(model);
    const shadow = places?.shadow;
    if (places === undefined || shadow === undefined) return;
    places.shadow = undefined;
    await this.#retire(places, shadow);
  }

  tryOut(loaded: LoadedPackage, worker: InferenceWorker): void {
    const places = this.#placesOf(loaded.manifest.model);
    void this.#retire(places, places.candidate);
    places.candidateStopReason = "";
    places.gaveWay = false;
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
    void this.endShadow(model);
    places.candidate = undefined;
    places.trial = noTrial;
    places.candidateStopReason = "";
    places.gaveWay = false;
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
    this.models.delete(model);
    waiting.callAll();
  }

  /** A worker that could not even be started counts like one that stopped. */
  countDeath(model: ModelName, reason: string): void {
    const places = this.#placesOf(model);
    places.deaths = [...places.deaths, { at: this.options.clock.monotonic(), reason }].slice(-20);
  }

  closeWindows(): void {
    for (const { active, candidate, shadow, former } of this.models.values())
      for (const running of [active, candidate, shadow, ...former]) running?.closeWindow();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const model of this.models.keys()) this.remove(model);
    await Promise.all(this.#retiring);
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
    return this.models.get(model)?.resting?.isWanted === true;
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
    this.want(places);
  }

  /** For a worker that lives and must not; it counts like one that stopped by itself. */
  endWorker(model: ModelName, place: WorkerPlace, reason: string): void {
    const running = this.#placesOf(model)[place];
    if (running === undefined) return;
    this.#stopped(running, reason);
    void running.worker[Symbol.asyncDispose]();
  }

  /** Candidates in shadow give way to whatever needs their memory. Resolves when they are gone. */
  async endShadows(reason: string): Promise<void> {
    const shaded = [...this.models.values()].flatMap((places) => {
      const { shadow } = places;
      places.gaveWay ||= shadow !== undefined;
      return shadow ?? [];
    });
    for (const shadow of shaded) this.#stopped(shadow, reason);
    // Not for all that retires: an active worker first answers what it has taken.
    await Promise.all(shaded.map(({ worker }) => worker.stopped));
  }

  protected want(places: Places): void {
    if (places.resting === undefined || places.resting.isWanted) return;
    places.resting = { ...places.resting, isWanted: true };
    this.options.onChange();
  }

  #placesOf(model: ModelName): Places {
    const known = this.models.get(model);
    if (known !== undefined) return known;
    const { clock, queueCapacity = defaultQueueCapacity } = this.options;
    const places = emptyPlaces(clock, queueCapacity);
    this.models.set(model, places);
    return places;
  }

  #run(loaded: LoadedPackage, worker: InferenceWorker, trial: boolean): RunningModel {
    const { sampling } = this.options;
    const places = this.#placesOf(loaded.manifest.model);
    const running = new RunningModel({
      queueCapacity: defaultQueueCapacity,
      detectors: () => usualDetectorSettings,
      ...this.options,
      loaded,
      worker,
      trial,
      sampler: sampling.samplerFor(loaded),
      sequences: places.sequences,
      counts: countsOf(places, loaded.slot.version),
      onAnswered: (answered) => places.shadow?.offer(answered),
    });
    void running.measureMemory();
    void worker.stopped.then((reason) => this.#stopped(running, reason));
    return running;
  }

  #stopped(running: RunningModel | ShadowRun, reason: string): void {
    const { model } = running.loaded.manifest;
    const places = this.models.get(model);
    if (places?.active === running) {
      places.active = undefined;
      this.countDeath(model, reason);
    } else if (places?.candidate === running) {
      places.candidate = undefined;
      places.candidateStopReason = reason;
      this.endTrialRest(model);
    } else if (places?.shadow === running) {
      places.shadow = undefined;
      places.candidateStopReason = reason;
    } else return;
    if (running instanceof RunningModel) {
      rememberFormer(places, running);
      running.end(reason);
    } else void this.#retire(places, running);
    this.options.log.warn({ model, version: running.loaded.slot.version, reason }, "a worker stopped");
    this.options.onStopped(running.loaded, reason);
    this.options.onChange();
  }

  /** It gets no new requests; its worker ends when the last one is answered. */
  async #retire(places: Places, running: RunningModel | ShadowRun | undefined): Promise<void> {
    if (running === undefined) return;
    if (running instanceof RunningModel) rememberFormer(places, running);
    const gone = running[Symbol.asyncDispose]()
      .catch((error: unknown) => this.options.log.warn({ error: String(error) }, "a worker could not be stopped"))
      .finally(() => this.#retiring.delete(gone));
    this.#retiring.add(gone);
    await gone;
  }
}
