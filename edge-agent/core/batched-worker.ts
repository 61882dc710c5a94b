import type { Manifest } from "../../proto/manifest.ts";
import type { Tensor } from "../../proto/tensors.ts";
import type { BatchLimits } from "./batching.ts";
import { batchLimitsOf, batchPartOf, joinedInputs, planBatch, splitOutputs } from "./batching.ts";
import type { LoadedPackage } from "./package-store.ts";
import type { Clock, InferenceWorker } from "./ports.ts";
import { InferenceError } from "./ports.ts";

type Outcome = PromiseSettledResult<readonly Tensor[]>;

/** How much the newest run weighs in the mean time of a row. */
const newestWeight = 0.2;

/** The model was run once, between two moments of the clock that only goes up. */
export type RunListener = (inputs: readonly Tensor[], startedAt: number, endedAt: number) => void;

/** A worker that computes several requests as one where its model allows it. What is decided about it is in batching.ts. */
export class BatchedWorker {
  readonly #worker: Pick<InferenceWorker, "infer">;
  readonly #manifest: Manifest;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #onRun: RunListener | undefined;
  #limits: BatchLimits | undefined;
  #msPerRow = 0;

  constructor(
    worker: Pick<InferenceWorker, "infer">,
    { manifest, variant, joining }: Pick<LoadedPackage, "manifest" | "variant" | "joining">,
    clock: Pick<Clock, "monotonic">,
    onRun?: RunListener,
  ) {
    this.#onRun = onRun;
    this.#worker = worker;
    this.#manifest = manifest;
    this.#clock = clock;
    if (joining?.kind !== "proved") return;
    const limits = batchLimitsOf(manifest, variant);
    this.#limits = limits && { ...limits, rows: Math.min(limits.rows, joining.rows) };
  }

  /** How many of those that wait, from the first on, are computed together. */
  howMany(waiting: readonly (readonly Tensor[])[]): number {
    if (this.#limits === undefined || waiting.length < 2) return 1;
    const parts = waiting.map((inputs) => batchPartOf(this.#manifest, inputs));
    return planBatch(parts, this.#limits, this.#msPerRow);
  }

  /** One outcome for each set of inputs; rejects when `signal` is aborted. */
  async infer(all: readonly (readonly Tensor[])[], signal: AbortSignal): Promise<readonly Outcome[]> {
    if (all.length > 1) {
      const together = await this.#together(all, signal);
      if (together !== undefined) return together;
    }
    const outcomes: Outcome[] = [];
    for (const inputs of all) outcomes.push(...(await Promise.allSettled([this.inferAlone(inputs, signal)])));
    return outcomes;
  }

  /** One set of inputs in a run of its own. */
  async inferAlone(inputs: readonly Tensor[], signal: AbortSignal): Promise<readonly Tensor[]> {
    const startedAt = this.#clock.monotonic();
    const outputs = await this.#worker.infer(inputs, signal);
    const endedAt = this.#clock.monotonic();
    this.#onRun?.(inputs, startedAt, endedAt);
    if (this.#limits === undefined) return outputs;
    const tookMs = (endedAt - startedAt) / Math.max(1, inputs[0]?.dims[0] ?? 1);
    this.#msPerRow = this.#msPerRow === 0 ? tookMs : this.#msPerRow + newestWeight * (tookMs - this.#msPerRow);
    return outputs;
  }

  /** Undefined where each has to be computed alone. */
  async #together(all: readonly (readonly Tensor[])[], signal: AbortSignal): Promise<readonly Outcome[] | undefined> {
    try {
      const rows = all.map((inputs) => inputs[0]?.dims[0] ?? 1);
      const answers = splitOutputs(await this.inferAlone(joinedInputs(all), signal), rows);
      // Such a model is not asked for rows of several any more.
      if (answers === undefined) this.#limits = undefined;
      return answers?.map((value) => ({ status: "fulfilled", value }));
    } catch (error) {
      // There is no worker any more that could find out whose fault it was.
      const isGone = error instanceof InferenceError && (error.class === "worker-lost" || error.class === "timeout");
      return isGone ? all.map(() => ({ status: "rejected", reason: error })) : undefined;
    }
  }
}
