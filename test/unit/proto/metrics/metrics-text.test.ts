import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DurationCounts } from "../../../../proto/metrics/duration-counts.ts";
import type { MetricFamily } from "../../../../proto/metrics/metric-family.ts";
import { metricsText } from "../../../../proto/metrics/metrics-text.ts";
import { readMetrics, valueIn } from "../../../support/read-metrics.ts";

const inferences: MetricFamily = {
  kind: "counter",
  name: "sedge_inferences_total",
  help: 'Inferences, "answered" or not.',
  samples: [
    { labels: { model: "digits", outcome: "ok" }, value: 3 },
    { labels: { model: "digits", outcome: "failed" }, value: 0 },
  ],
};

const connected: MetricFamily = { kind: "gauge", name: "sedge_connected", help: "1 or 0.", samples: [{ value: 1 }] };

describe("metrics as text", () => {
  it("in Prometheus' own format", () => {
    expect(metricsText([inferences, connected], "prometheus")).toBe(
      [
        '# HELP sedge_inferences_total Inferences, "answered" or not.',
        "# TYPE sedge_inferences_total counter",
        'sedge_inferences_total{model="digits",outcome="ok"} 3',
        'sedge_inferences_total{model="digits",outcome="failed"} 0',
        "# HELP sedge_connected 1 or 0.",
        "# TYPE sedge_connected gauge",
        "sedge_connected 1",
        "",
      ].join("\n"),
    );
  });

  it("in OpenMetrics a counter is described without its ending, and the last line says that nothing was cut off", () => {
    expect(metricsText([inferences, connected], "openmetrics")).toBe(
      [
        '# HELP sedge_inferences Inferences, \\"answered\\" or not.',
        "# TYPE sedge_inferences counter",
        'sedge_inferences_total{model="digits",outcome="ok"} 3',
        'sedge_inferences_total{model="digits",outcome="failed"} 0',
        "# HELP sedge_connected 1 or 0.",
        "# TYPE sedge_connected gauge",
        "sedge_connected 1",
        "# EOF",
        "",
      ].join("\n"),
    );
  });

  it("adds up what was counted between edges; a value on an edge is not above it", () => {
    const counts = new DurationCounts([0.001, 0.5, 1]);
    for (const seconds of [0.0005, 0.001, 0.25, 7]) counts.add(seconds);
    const samples = [counts.sample({ model: "digits" })];
    expect(metricsText([{ kind: "histogram", name: "d_seconds", help: "Duration.", samples }], "prometheus")).toBe(
      [
        "# HELP d_seconds Duration.",
        "# TYPE d_seconds histogram",
        'd_seconds_bucket{model="digits",le="0.001"} 2',
        'd_seconds_bucket{model="digits",le="0.5"} 3',
        'd_seconds_bucket{model="digits",le="1.0"} 3',
        'd_seconds_bucket{model="digits",le="+Inf"} 4',
        'd_seconds_sum{model="digits"} 7.2515',
        'd_seconds_count{model="digits"} 4',
        "",
      ].join("\n"),
    );
  });

  it("leaves out a family that has no samples", () => {
    expect(metricsText([{ ...connected, samples: [] }], "prometheus")).toBe("");
  });

  it("has words for numbers that have no digits", () => {
    const samples = [Infinity, -Infinity, Number.NaN].map((value, i) => ({ labels: { i: String(i) }, value }));
    expect(metricsText([{ ...connected, samples }], "prometheus")).toMatch(/ \+Inf\n.* -Inf\n.* NaN\n$/);
  });

  it("whatever stands in labels and descriptions is read back as it was, in both formats", () => {
    const text = fc.string({ unit: fc.oneof(fc.constantFrom('"', "\\", "\n", "{", "}", ",", "=", " "), fc.string()) });
    fc.assert(
      fc.property(
        text,
        text,
        fc.double(),
        fc.constantFrom("prometheus", "openmetrics"),
        (help, label, value, format) => {
          const families: MetricFamily[] = [
            { kind: "gauge", name: "g", help, samples: [{ labels: { label }, value }] },
          ];
          const read = readMetrics(metricsText(families, format), format);
          expect(read.get("g")?.help).toBe(help);
          // -0 is written "0", as it is the same number to everybody who adds up.
          expect(valueIn(read, "g", { label })).toBe(value === 0 ? 0 : value);
        },
      ),
    );
  });
});
