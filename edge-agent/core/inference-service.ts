import type { ModelName, ModelVersion } from "../../proto/ids.ts";
import type { FeedbackCounts } from "../../proto/telemetry-messages.ts";
import type { Tensor } from "../../proto/tensors.ts";
import { askServing } from "./ask-serving.ts";
import type { Truth } from "./feedback.ts";
import type { InferenceCall, InferenceResult } from "./inference-call.ts";
import { ModelUnavailableError } from "./inference-call.ts";
import type { WorkerUse } from "./memory-budget.ts";
import type { Places, RunningFacts } from "./model-places.ts";
import { isAsleep, runningFactsOf, servingFactsOf, servingIn, workersIn } from "./model-places.ts";
import { ModelWorkers } from "./model-workers.ts";
import type { LoadedPackage } from "./package-store.ts";
import type { ServingFacts } from "./reconcile.ts";
import type { RunningModel } from "./running-model.ts";
import type { VersionStatistics } from "./version-statistics.ts";

/**
 * Answers inferences with the workers. A request on which a candidate in trial failed is answered by the active model, which shows whose
 * fault it was.
 */
export class InferenceService extends ModelWorkers {
  /** Rejects with ModelUnavailableError, QueueFullError, SequencesFullError, DeadlineExceededError, InferenceError or the signal's reason. */
  async infer(
    model: ModelName,
    inputs: readonly Tensor[],
    signal: AbortSignal,
    call: InferenceCall = {},
  ): Promise<InferenceResult> {
    const places = this.models.get(model);
    if (places !== undefined && isAsleep(places, call.version)) await this.#wakeUp(places, signal, call);
    const [first, other] = this.#servingOf(model, call.version);
    if (places === undefined || first === undefined) {
      const named = [model, call.version].filter(Boolean).join(" ");
      const reason = places?.resting === undefined ? "" : `: ${places.resting.reason}`;
      throw new ModelUnavailableError(`${named} is not served at the moment${reason}`);
    }
    return await askServing({
      inputs,
      signal,
      call,
      first,
      // The one that is active now may have taken its place only in between.
      second: () => (call.version === undefined ? places.active : other),
      trial: places.candidate === first ? places.trial : undefined,
      onBlame: this.options.onChange,
    });
  }

  /** What answers requests for the model now: the first of these, the others where they are asked for by their version. */
  serving(model: ModelName): readonly LoadedPackage[] {
    const serving = this.#servingOf(model).map(({ loaded }) => loaded);
    const { resting } = this.models.get(model) ?? {};
    return resting === undefined ? serving : [...serving, resting.loaded];
  }

  /** There was no memory for the active worker when it was wanted last. */
  lacksRoom(model: ModelName): boolean {
    return this.models.get(model)?.resting?.cause === "no-room";
  }

  /** What is active and has no worker on purpose. */
  resting(model: ModelName): LoadedPackage | undefined {
    return this.models.get(model)?.resting?.loaded;
  }

  /** What is running of a model, for people to look at. */
  running(model: ModelName): RunningFacts {
    return runningFactsOf(this.models.get(model));
  }

  /** All workers as they are now. */
  async memoryUses(expectedOf: (loaded: LoadedPackage) => number): Promise<readonly WorkerUse[]> {
    const all = [...this.models].flatMap(([model, places]) => workersIn(places).map((one) => ({ model, ...one })));
    return await Promise.all(
      all.map(async ({ model, place, running }) => {
        const bytes = await running.measureMemory();
        return { model, place, bytes, expectedBytes: expectedOf(running.loaded), idleMs: running.idleMs };
      }),
    );
  }

  /** Counts the truth about an answer. Throws ModelUnavailableError, UnknownAnswerError or FeedbackMismatchError. */
  takeFeedback(model: ModelName, id: string, truth: Truth): FeedbackCounts {
    const known = [...this.#servingOf(model), ...(this.models.get(model)?.former ?? [])];
    const answerer = known.find((one) => one.hasAnswered(id)) ?? known[0];
    if (answerer === undefined) throw new ModelUnavailableError(`${model} is not served at the moment`);
    return answerer.takeFeedback(id, truth);
  }

  /** What those of the versions that have served have done since the agent started. */
  statistics(model: ModelName, versions: readonly ModelVersion[]): readonly VersionStatistics[] {
    const places = this.models.get(model);
    const now = this.options.clock.monotonic();
    return [...(places?.counts ?? [])]
      .filter(([version]) => versions.includes(version))
      .map(([version, counts]) => {
        const serving = places === undefined ? [] : servingIn(places, version);
        const waiting = serving.reduce((sum, running) => sum + running.waiting, 0);
        return counts.read(model, version, waiting, now);
      });
  }

  facts(model: ModelName): ServingFacts {
    return servingFactsOf(this.models.get(model));
  }

  /** A model that rests is brought back, and this request waits for it. */
  async #wakeUp(places: Places, signal: AbortSignal, { deadlineAt }: InferenceCall): Promise<void> {
    if (places.resting?.cause !== "trial") this.want(places);
    await places.waiting.wait(signal, deadlineAt);
  }

  #servingOf(model: ModelName, version?: ModelVersion): readonly RunningModel[] {
    const places = this.models.get(model);
    return places === undefined ? [] : servingIn(places, version);
  }
}
