import type { Manifest } from "../../proto/manifest.ts";
import type { Tensor } from "../../proto/tensors.ts";
import type { Clock } from "./ports.ts";
import type { BatchSums, RequestTimes, VersionCounts } from "./version-statistics.ts";

/** The requests that a model works on together, one turn after the other: how often the model is run for them, and when. */
export class ModelTurn {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #counts: VersionCounts;
  /** The input whose first dimension says how many rows there are; undefined: always one. */
  readonly #rowsInput: string | undefined;
  #beganAt = 0;
  #startedAt = 0;
  #endedAt = 0;
  /** Of the last run; undefined before the first, and where there are too many sizes of batches. */
  #batch: BatchSums | undefined;

  constructor({ inputs }: Pick<Manifest, "inputs">, counts: VersionCounts, clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
    this.#counts = counts;
    this.#rowsInput = inputs.find(({ shape }) => typeof shape[0] === "string")?.name;
  }

  /** When it began. */
  begin(): number {
    const now = this.#clock.monotonic();
    this.#beganAt = now;
    this.#startedAt = now;
    this.#endedAt = now;
    this.#batch = undefined;
    return now;
  }

  /** The model was run, and has answered. What was done since the run before was done for this one. */
  ran(inputs: readonly Tensor[], startedAt: number, endedAt: number): void {
    this.#batch = this.#counts.countExecution(this.#rowsIn(inputs), startedAt - this.#endedAt, endedAt - startedAt);
    this.#startedAt = startedAt;
    this.#endedAt = endedAt;
  }

  /** Of a request that is answered now: the run that has just ended was its own, or the last that was made for all of the turn. */
  timesOf(inputs: readonly Tensor[]): RequestTimes {
    return {
      beganAt: this.#beganAt,
      startedAt: this.#startedAt,
      endedAt: this.#endedAt,
      readyAt: this.#clock.monotonic(),
      rows: this.#rowsIn(inputs),
    };
  }

  /** All answers are ready. */
  end(): void {
    if (this.#batch !== undefined) this.#batch.outputMs += this.#clock.monotonic() - this.#endedAt;
  }

  #rowsIn(inputs: readonly Tensor[]): number {
    if (this.#rowsInput === undefined) return 1;
    for (const { name, dims } of inputs) if (name === this.#rowsInput) return dims[0] ?? 1;
    return 1;
  }
}
