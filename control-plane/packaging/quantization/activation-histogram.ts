/** Bins of a histogram, half of them below zero. */
export const histogramBins = 4_096;

const half = histogramBins / 2;
/** The smallest float32 above zero. */
const smallestReach = 2 ** -149;

/** What calibration keeps of a value, however often it was seen. */
export interface ActivationHistogram {
  readonly min: number;
  readonly max: number;
  /** The smallest power of two above every |value|. */
  readonly reach: number;
  /** How many values lay in each of the equal bins from -reach to +reach. */
  readonly counts: Float64Array;
  /** The mean of each channel, where it was asked for. */
  readonly channelMeans?: readonly number[];
}

/**
 * Counts values as they come, in one pass: when one lies beyond the histogram, its reach doubles and its bins are merged in pairs. Because
 * reaches are powers of two, the bins of a smaller reach fit exactly into those of a larger one: the order in which values come changes
 * nothing. Between 2,048 and 4,096 of the bins lie within the values' peak.
 */
export class HistogramBuilder {
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  #reach = smallestReach;
  #counts = new Float64Array(histogramBins);

  /** Returns false, and counts nothing, when a value is infinite or no number. */
  add(values: Float32Array): boolean {
    let min = this.#min;
    let max = this.#max;
    let isNumber = true;
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as number;
      if (value < min) min = value;
      if (value > max) max = value;
      if (Number.isNaN(value)) isNumber = false;
    }
    if (values.length === 0) return true;
    if (!isNumber || !Number.isFinite(min) || !Number.isFinite(max)) return false;
    this.#min = min;
    this.#max = max;
    this.#growOver(Math.max(-min, max));
    this.#count(values);
    return true;
  }

  /** Undefined when no value was counted. */
  histogram(): ActivationHistogram | undefined {
    if (this.#min > this.#max) return undefined;
    return { min: this.#min, max: this.#max, reach: this.#reach, counts: this.#counts };
  }

  #growOver(peak: number): void {
    let factor = 1;
    while (this.#reach * factor <= peak) factor *= 2;
    if (factor === 1) return;
    const merged = new Float64Array(histogramBins);
    for (let bin = 0; bin < histogramBins; bin++) {
      const into = half + Math.floor((bin - half) / factor);
      merged[into] = (merged[into] as number) + (this.#counts[bin] as number);
    }
    this.#counts = merged;
    this.#reach *= factor;
  }

  #count(values: Float32Array): void {
    const counts = this.#counts;
    // A power of two: the product is exact, and no value lies on the wrong side of an edge.
    const binsPerUnit = half / this.#reach;
    for (let i = 0; i < values.length; i++) {
      const bin = half + Math.floor((values[i] as number) * binsPerUnit);
      counts[bin] = (counts[bin] as number) + 1;
    }
  }
}
