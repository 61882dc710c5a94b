import type { HistogramSample, MetricFamily, MetricLabels } from "./metric-family.ts";
import type { MetricsFormat } from "./metrics-format.ts";

/**
 * The families as a text that Prometheus reads: its own format, version 0.0.4, or OpenMetrics 1.0.0. The two differ in the name that
 * a counter's description goes under, in quotation marks of descriptions, and in the last line. Families without samples are left
 * out.
 *
 * Example: `{ kind: "counter", name: "sedge_inferences_total", help: "Inferences answered.", samples: [{ labels: { model: "digits" },
 * value: 3 }] }` is in the first format
 *
 *     # HELP sedge_inferences_total Inferences answered.
 *     # TYPE sedge_inferences_total counter
 *     sedge_inferences_total{model="digits"} 3
 */
export function metricsText(families: readonly MetricFamily[], format: MetricsFormat): string {
  const texts = families
    .filter((family) => family.samples.length > 0)
    .flatMap((family) => [...describing(family, format), ...samplesOf(family)]);
  if (format === "openmetrics") texts.push("# EOF\n");
  return texts.join("");
}

function describing(family: MetricFamily, format: MetricsFormat): readonly string[] {
  const name = format === "openmetrics" ? family.name.replace(/_total$/, "") : family.name;
  const help = format === "openmetrics" ? escaped(family.help) : family.help.replace(/[\\\n]/g, escapeOf);
  return [`# HELP ${name} ${help}\n`, `# TYPE ${name} ${family.kind}\n`];
}

function samplesOf(family: MetricFamily): readonly string[] {
  switch (family.kind) {
    case "counter":
    case "gauge":
      return family.samples.map(({ labels, value }) => line(family.name, labels, value));
    case "histogram":
      return family.samples.flatMap((sample) => histogramLines(family.name, sample));
  }
}

function histogramLines(name: string, { labels, edges, counts, sum }: HistogramSample): readonly string[] {
  let below = 0;
  const buckets = [...edges, Infinity].map((edge, i) => {
    below += counts[i] ?? 0;
    return line(`${name}_bucket`, { ...labels, le: edgeText(edge) }, below);
  });
  return [...buckets, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, below)];
}

function line(name: string, labels: MetricLabels | undefined, value: number): string {
  const pairs = Object.entries(labels ?? {}).map(([label, text]) => `${label}="${escaped(text)}"`);
  return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${numberText(value)}\n`;
}

function numberText(value: number): string {
  if (value === Infinity) return "+Inf";
  return value === -Infinity ? "-Inf" : String(value);
}

/** Always a fraction, as OpenMetrics has it: an edge is part of a series' name, which must not depend on the format. */
function edgeText(edge: number): string {
  const text = numberText(edge);
  return /^\d+$/.test(text) ? `${text}.0` : text;
}

function escaped(text: string): string {
  return text.replace(/["\\\n]/g, escapeOf);
}

function escapeOf(character: string): string {
  return character === "\n" ? "\\n" : `\\${character}`;
}
