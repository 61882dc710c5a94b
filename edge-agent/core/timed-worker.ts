import type { Manifest } from "../../proto/manifest.ts";
import type { Tensor } from "../../proto/tensors.ts";
import type { Clock, InferenceWorker } from "./ports.ts";
import type { RequestTimes, VersionCounts } from "./version-statistics.ts";

/** One time that the model was run, and ended well. */
type ModelRun = Pick<RequestTimes, "startedAt" | "endedAt" | "rows">;

/** Notes when the model works, for requests that are worked on together: those of one turn. */
export class TimedWorker implements Pick<InferenceWorker, "infer"> {
  readonly #worker: Pick<InferenceWorker, "infer">;
  readonly #clock: Pick<Clock, "monotonic">;
  /** The input whose first dimension says how many rows there are; undefined: always one. */
  readonly #rowsInput: string | undefined;
  #beganAt = 0;
  #runs: ModelRun[] = [];

  constructor(
    worker: Pick<InferenceWorker, "infer">,
    { inputs }: Pick<Manifest, "inputs">,
    clock: Pick<Clock, "monotonic">,
  ) {
    this.#worker = worker;
    this.#clock = clock;
    this.#rowsInput = inputs.find(({ shape }) => typeof shape[0] === "string")?.name;
  }

  /** The turn that was before is forgotten. When it began. */
  beginTurn(): number {
    this.#runs = [];
    this.#beganAt = this.#clock.monotonic();
    return this.#beganAt;
  }

  async infer(inputs: readonly Tensor[], signal: AbortSignal): Promise<readonly Tensor[]> {
    const startedAt = this.#clock.monotonic();
    const outputs = await this.#worker.infer(inputs, signal);
    this.#runs.push({ startedAt, endedAt: this.#clock.monotonic(), rows: this.#rowsIn(inputs) });
    return outputs;
  }

  /** Of a request that is answered now: the run that has just ended was its own, or the last that was made for all of the turn. */
  timesOf(inputs: readonly Tensor[]): RequestTimes {
    const readyAt = this.#clock.monotonic();
    const { startedAt, endedAt } = this.#runs.at(-1) ?? { startedAt: this.#beganAt, endedAt: readyAt };
    return { beganAt: this.#beganAt, startedAt, endedAt, readyAt, rows: this.#rowsIn(inputs) };
  }

  /** Each run begins where the one before has ended. */
  endTurn(counts: VersionCounts): void {
    let beganAt = this.#beganAt;
    for (const [i, run] of this.#runs.entries()) {
      const readyAt = i === this.#runs.length - 1 ? this.#clock.monotonic() : run.endedAt;
      counts.countExecution({ ...run, beganAt, readyAt });
      beganAt = run.endedAt;
    }
  }

  #rowsIn(inputs: readonly Tensor[]): number {
    return inputs.find(({ name }) => name === this.#rowsInput)?.dims[0] ?? 1;
  }
}
