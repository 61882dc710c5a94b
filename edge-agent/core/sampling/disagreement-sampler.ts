import type { Digest } from "../../../proto/ids.ts";
import type { Tensor } from "../../../proto/tensors.ts";
import type { RowAgreement } from "../agreement.ts";
import type { LoadedPackage } from "../package-store.ts";
import type { ModelSampler } from "./model-sampler.ts";

/** A request that the active model and a candidate in shadow have answered. */
export interface ComparedRequest {
  /** The active model's package. */
  readonly by: LoadedPackage;
  readonly given: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** What the candidate made of it. */
  readonly theirs: readonly Tensor[];
  readonly rows: readonly RowAgreement[];
}

/** Nothing that disagrees weighs less: also two classes of nearly the same score may be taken some time. */
const leastWeight = 0.01;

/**
 * The weight of an inference for the reason "disagreement": nothing where the versions agree, else their distance, and at most 1: from
 * there on two answers have nothing to do with each other.
 *
 * Example: another class with the scores (0.9, 0.1) and (0.2, 0.8) weighs 0.7, with (0.51, 0.49) and (0.49, 0.51) only 0.02.
 */
export function disagreementWeight({ distance, disagrees }: RowAgreement): number {
  return disagrees ? Math.min(1, Math.max(leastWeight, distance)) : 0;
}

/**
 * Chooses among the inferences about which a candidate in shadow and the active model disagree. A sample is the active model's.
 *
 * The chance that a request is compared at all is counted, not taken from the share that is wanted: a candidate that is slow, or paused,
 * is given less, and the share may change. Example: of 1,000 requests 200 were chosen and 50 compared: each has the chance 0.05.
 */
export class DisagreementSampler {
  readonly #candidate: LoadedPackage;
  readonly #samplerOf: (active: LoadedPackage) => ModelSampler;
  /** While another model becomes active, what was chosen beside the one before is still to be handed out. */
  readonly #samplers = new Map<Digest, ModelSampler>();
  /** Requests since something was chosen last, or since samples are wanted. */
  #answered = 0;
  #compared = 0;

  constructor(candidate: LoadedPackage, samplerOf: (active: LoadedPackage) => ModelSampler) {
    this.#candidate = candidate;
    this.#samplerOf = samplerOf;
  }

  /** The active model has answered a request, whether the candidate is given it or not. */
  countAnswered(): void {
    this.#answered++;
  }

  offer({ by, given, outputs, theirs, rows }: ComparedRequest): void {
    const sampler = this.#samplers.get(by.slot.package) ?? this.#samplerOf(by);
    this.#samplers.set(by.slot.package, sampler);
    this.#compared++;
    if (!sampler.isOn) return;
    const { version } = this.#candidate.slot;
    for (const [row, agreement] of rows.entries())
      sampler.offer({
        inputs: given,
        outputs,
        theirs: { version, outputs: theirs },
        row,
        rows: rows.length,
        values: [disagreementWeight(agreement)],
        detectors: [],
      });
  }

  closeWindow(): void {
    // Of those that wait for the candidate, some were answered before the count began.
    const chance = Math.min(1, this.#compared / Math.max(1, this.#answered));
    const samplers = [...this.#samplers.values()];
    const chosen = samplers.filter((sampler) => sampler.closeWindow(chance));
    const areOff = samplers.length > 0 && samplers.every(({ isOn }) => !isOn);
    if (chosen.length === 0 && !areOff) return;
    this.#answered = 0;
    this.#compared = 0;
  }
}
