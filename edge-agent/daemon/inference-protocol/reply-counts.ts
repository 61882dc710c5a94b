import type { MetricFamily } from "../../../proto/metrics/metric-family.ts";

/** Answers of the local port by their status: a few, because this program chooses them. */
export class ReplyCounts {
  readonly #counts = new Map<number, number>();

  add(status: number): void {
    this.#counts.set(status, (this.#counts.get(status) ?? 0) + 1);
  }

  family(): MetricFamily {
    const samples = [...this.#counts]
      .toSorted(([a], [b]) => a - b)
      .map(([status, value]) => ({ labels: { code: String(status) }, value }));
    return {
      kind: "counter",
      name: "sedge_agent_http_requests_total",
      help: "Requests to the local port by the status of their answer.",
      samples,
    };
  }
}
