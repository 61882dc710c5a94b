import type { HistogramSample, MetricLabels } from "./metric-family.ts";

/** Durations counted between edges, since the program started. */
export class DurationCounts {
  readonly #edges: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;

  /** `edges` in seconds, rising. */
  constructor(edges: readonly number[]) {
    this.#edges = edges;
    this.#counts = new Float64Array(edges.length + 1);
  }

  add(seconds: number): void {
    let bin = 0;
    while (bin < this.#edges.length && seconds > (this.#edges[bin] as number)) bin++;
    (this.#counts[bin] as number)++;
    this.#sum += seconds;
  }

  sample(labels: MetricLabels): HistogramSample {
    return { labels, edges: this.#edges, counts: this.#counts, sum: this.#sum };
  }
}
