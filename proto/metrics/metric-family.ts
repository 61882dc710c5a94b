/**
 * What is measured under one name, as Prometheus and OpenMetrics have it. The units are theirs: seconds, bytes, ratios from 0 to 1,
 * and the name says which ("sedge_inference_duration_seconds").
 */
export type MetricFamily = CounterFamily | GaugeFamily | HistogramFamily;

/** What only goes up while the program runs. */
export interface CounterFamily {
  readonly kind: "counter";
  readonly name: `${string}_total`;
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

/** What goes up and down. */
export interface GaugeFamily {
  readonly kind: "gauge";
  readonly name: string;
  readonly help: string;
  readonly samples: readonly MetricSample[];
}

export interface HistogramFamily {
  readonly kind: "histogram";
  readonly name: string;
  readonly help: string;
  readonly samples: readonly HistogramSample[];
}

/** Names of labels are of letters, digits and underscores; the values may be any text. No two samples of a family have the same. */
export type MetricLabels = Readonly<Record<string, string>>;

export interface MetricSample {
  readonly labels?: MetricLabels;
  readonly value: number;
}

/**
 * Counts between edges: `counts[i]` of values above `edges[i - 1]` and not above `edges[i]`, one more than there are edges for what
 * is above the last. They are not added up: the writer does that.
 */
export interface HistogramSample {
  readonly labels?: MetricLabels;
  readonly edges: readonly number[];
  readonly counts: ArrayLike<number>;
  readonly sum: number;
}
