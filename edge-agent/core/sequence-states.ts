import type { Tensor } from "../../proto/tensors.ts";
import { mebibytes, minutes } from "../../proto/units.ts";
import type { Slot } from "./agent-state.ts";
import type { Clock } from "./ports.ts";

// A recurrent model hears, say, a microphone: what it answers to one piece of sound depends on the pieces before. The requests of
// one microphone are a sequence, and between them the agent keeps what the model has given as its state.
//
// A sequence is there from its first request until one says that it ends, until nobody has asked for a while, or until all states
// together are too large and others were used later. State belongs to the package and the variant that made it: another
// version, also the one before during a trial or after a rollback, begins from zeros; a worker that is started again goes on. Whoever sends the next request learns from its answer that the
// sequence has started anew.

/** A request's place in a sequence, as the sequence extension of Triton's protocol has it. */
export interface SequenceStep {
  readonly id: SequenceId;
  /** From zeros, whatever was before. */
  readonly start: boolean;
  /** The last one: the state is forgotten. */
  readonly end: boolean;
}

/** 7 and "7" are two sequences. */
export type SequenceId = string | number;

/** A new sequence would be one too many. */
export class SequencesFullError extends Error {
  override readonly name = "SequencesFullError";
  /** By then the one that was used longest ago has expired, unless it is used. */
  readonly retryAfterMs: number;

  constructor(open: number, retryAfterMs: number) {
    super(`${open} sequences of this model are open; end one with sequence_end, or wait until one has expired`);
    this.retryAfterMs = retryAfterMs;
  }
}

export interface SequenceLimits {
  readonly sequences: number;
  /** Of the states of all sequences of a model together. */
  readonly bytes: number;
  readonly idleMs: number;
}

export const defaultSequenceLimits: SequenceLimits = {
  sequences: 256,
  bytes: mebibytes(32),
  idleMs: minutes(10),
};

/** What one inference of a sequence begins with. */
export interface SequenceTurn {
  /** Undefined: from zeros. */
  readonly state: readonly Tensor[] | undefined;
  /** What the next one begins with. */
  keep(next: readonly Tensor[]): void;
  /** The inference has failed, and what was kept before it is no good without it. */
  drop(): void;
}

type Maker = Pick<Slot, "package" | "file">;

interface Kept {
  readonly madeBy: Maker;
  readonly state: readonly Tensor[];
  readonly bytes: number;
  readonly usedAt: number;
}

/** The states of the sequences of one model. */
export class SequenceStates {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #limits: SequenceLimits;
  /** The one that was used longest ago comes first. */
  readonly #kept = new Map<SequenceId, Kept>();
  #bytes = 0;

  constructor(clock: Pick<Clock, "monotonic">, limits: SequenceLimits = defaultSequenceLimits) {
    this.#clock = clock;
    this.#limits = limits;
  }

  get open(): number {
    return this.#kept.size;
  }

  /** Throws SequencesFullError where the step would open one sequence too many. */
  admit({ id }: SequenceStep): void {
    const now = this.#clock.monotonic();
    for (const [known, { usedAt }] of this.#kept) {
      if (now - usedAt < this.#limits.idleMs) break;
      this.#forget(known);
    }
    if (this.#kept.has(id) || this.#kept.size < this.#limits.sequences) return;
    const [oldest] = this.#kept.values();
    throw new SequencesFullError(this.#kept.size, (oldest?.usedAt ?? now) + this.#limits.idleMs - now);
  }

  /** Turns of one sequence follow each other: the next begins when this one has kept, or has failed. */
  begin({ id, start, end }: SequenceStep, by: Maker): SequenceTurn {
    const before = this.#kept.get(id);
    const isOwn = before?.madeBy.package === by.package && before.madeBy.file === by.file;
    const state = !start && isOwn ? before.state : undefined;
    return {
      state,
      keep: (next) => {
        // Another version has taken the sequence over while this one worked.
        if (this.#kept.get(id) !== before) return;
        this.#forget(id);
        if (!end) this.#keep(id, by, next);
      },
      drop: () => {
        if (this.#kept.get(id) === before) this.#forget(id);
      },
    };
  }

  #keep(id: SequenceId, madeBy: Maker, state: readonly Tensor[]): void {
    const bytes = state.reduce((sum, { rawData }) => sum + rawData.length, 0);
    this.#kept.set(id, { madeBy, state, bytes, usedAt: this.#clock.monotonic() });
    this.#bytes += bytes;
    for (const [oldest] of this.#kept) {
      if (this.#bytes <= this.#limits.bytes) return;
      this.#forget(oldest);
    }
  }

  #forget(id: SequenceId): void {
    this.#bytes -= this.#kept.get(id)?.bytes ?? 0;
    this.#kept.delete(id);
  }
}
