import type { SequenceId, SequenceStep } from "./sequence-states.ts";
import { defaultSequenceLimits } from "./sequence-states.ts";

/** `lost`: chosen, but the candidate has missed a step of it: what it answers to the next ones would be compared with another history. */
export type SequenceChoice = "chosen" | "not-chosen" | "lost";

/**
 * Which requests a candidate in shadow is given. Single requests are drawn one by one; a sequence as a whole, when it begins: an
 * answer in the middle of it depends on all requests before. A sequence that began before the shadow did is never chosen.
 */
export class ShadowChoice {
  readonly #random: () => number;
  readonly #share: () => number;
  /** The one that began the longest ago comes first. */
  readonly #sequences = new Map<SequenceId, SequenceChoice>();

  /** `random`: uniform in [0, 1). */
  constructor(random: () => number, share: () => number) {
    this.#random = random;
    this.#share = share;
  }

  /** Of a request that the active model has answered; `start` is said where it answered from zeros. */
  of(sequence: SequenceStep | undefined): SequenceChoice {
    if (sequence === undefined) return this.#draw();
    const { id, start, end } = sequence;
    const choice = start ? this.#draw() : (this.#sequences.get(id) ?? "not-chosen");
    this.#sequences.delete(id);
    if (!end) this.#remember(id, choice);
    return choice;
  }

  lose(sequence: SequenceStep | undefined): void {
    if (sequence !== undefined && this.#sequences.has(sequence.id)) this.#sequences.set(sequence.id, "lost");
  }

  #draw(): SequenceChoice {
    return this.#random() < this.#share() ? "chosen" : "not-chosen";
  }

  #remember(id: SequenceId, choice: SequenceChoice): void {
    this.#sequences.set(id, choice);
    for (const [oldest] of this.#sequences) {
      if (this.#sequences.size <= defaultSequenceLimits.sequences) return;
      this.#sequences.delete(oldest);
    }
  }
}
