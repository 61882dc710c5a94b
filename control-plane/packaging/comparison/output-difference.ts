import { wilsonInterval } from "../../domain/rollout/wilson-interval.ts";
import type { TensorValue } from "../../../proto/streams.ts";

/** How the outputs of one name differ between two models over many samples. */
export interface OutputDifference {
  readonly name: string;
  readonly samples: number;
  readonly largestAbsolute: number;
  /** Root of the summed squared differences over that of the summed squared values of A; 0 where both are zero throughout. */
  readonly relativeRmse: number;
  /** Of all values as one vector: 1 is the same direction. */
  readonly cosine: number;
  /** Elements that are a number in one model only. */
  readonly notFinite: number;
  /** Samples whose outputs have other shapes: they are counted nowhere else. */
  readonly otherShape: number;
  /** Undefined where the last dimension offers no choice. */
  readonly decisions: DecisionAgreement | undefined;
}

/** The largest element of each row (the last dimension) is a decision. */
export interface DecisionAgreement {
  readonly decisions: number;
  readonly agreed: number;
  /** Samples in which all decisions agree, with Wilson's 95 % interval: decisions of one sample are not independent. */
  readonly samples: number;
  readonly samplesAgreed: number;
  readonly lower: number;
  readonly upper: number;
}

/** Adds up differences, sample by sample, without keeping the outputs. */
export class OutputComparison {
  readonly #name: string;
  #samples = 0;
  #largest = 0;
  #differences = 0;
  #squaresA = 0;
  #squaresB = 0;
  #products = 0;
  #notFinite = 0;
  #otherShape = 0;
  #decisions = 0;
  #agreed = 0;
  #decided = 0;
  #samplesAgreed = 0;

  constructor(name: string) {
    this.#name = name;
  }

  add(a: TensorValue, b: TensorValue): void {
    if (a.dims.join() !== b.dims.join()) {
      this.#otherShape += 1;
      return;
    }
    this.#samples += 1;
    for (let i = 0; i < a.data.length; i++) this.#addElement(a.data[i] as number, b.data[i] as number);
    const width = a.dims.at(-1) ?? 1;
    if (width >= 2) this.#addDecisions(a, b, width);
  }

  #addElement(a: number, b: number): void {
    if (!Number.isFinite(a) || !Number.isFinite(b)) {
      if (!Object.is(a, b)) this.#notFinite += 1;
      return;
    }
    this.#largest = Math.max(this.#largest, Math.abs(a - b));
    this.#differences += (a - b) ** 2;
    this.#squaresA += a * a;
    this.#squaresB += b * b;
    this.#products += a * b;
  }

  #addDecisions(a: TensorValue, b: TensorValue, width: number): void {
    const rows = a.data.length / width;
    if (rows === 0) return;
    let agreed = 0;
    for (let row = 0; row < rows; row++)
      if (largestOf(a.data, row * width, width) === largestOf(b.data, row * width, width)) agreed += 1;
    this.#decisions += rows;
    this.#agreed += agreed;
    this.#decided += 1;
    if (agreed === rows) this.#samplesAgreed += 1;
  }

  result(): OutputDifference {
    const norms = Math.sqrt(this.#squaresA) * Math.sqrt(this.#squaresB);
    const interval = wilsonInterval(this.#samplesAgreed, this.#decided);
    return {
      name: this.#name,
      samples: this.#samples,
      largestAbsolute: this.#largest,
      relativeRmse: this.#differences === 0 ? 0 : Math.sqrt(this.#differences / this.#squaresA),
      cosine: this.#differences === 0 ? 1 : norms === 0 ? 0 : Math.min(1, this.#products / norms),
      notFinite: this.#notFinite,
      otherShape: this.#otherShape,
      decisions:
        this.#decided === 0
          ? undefined
          : {
              decisions: this.#decisions,
              agreed: this.#agreed,
              samples: this.#decided,
              samplesAgreed: this.#samplesAgreed,
              ...interval,
            },
    };
  }
}

/** The index of the first largest element, from `start` on. */
export function largestOf(data: ArrayLike<number>, start: number, width: number): number {
  let best = start;
  for (let i = start + 1; i < start + width; i++) if ((data[i] as number) > (data[best] as number)) best = i;
  return best - start;
}
