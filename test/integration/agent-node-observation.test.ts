import { describe, expect, it } from "vitest";
import { systemClock } from "../../edge-agent/adapters/node/system-clock.ts";
import type { LocalHttp } from "../../edge-agent/daemon/local-http.ts";
import { startLocalHttp } from "../../edge-agent/daemon/local-http.ts";
import type { MetricsFormat } from "../../proto/metrics/metrics-format.ts";
import { logLines } from "../support/log-lines.ts";
import { readMetrics, valueIn } from "../support/read-metrics.ts";
import type { ServedModelAgent } from "../support/served-model.ts";
import { servedModel } from "../support/served-model.ts";
import { doubling } from "../support/tiny-models.ts";

async function serve({ agent }: ServedModelAgent): Promise<LocalHttp & { readonly url: string }> {
  const server = await startLocalHttp({
    endpoints: [{ host: "127.0.0.1", port: 0 }],
    agent,
    agentVersion: "0.1.0",
    clock: systemClock,
    log: logLines(),
  });
  const [endpoint] = server.endpoints;
  if (endpoint === undefined || "socket" in endpoint) throw new Error("a port was asked for");
  return { ...server, url: `http://127.0.0.1:${endpoint.port}` };
}

async function infer(url: string, data: unknown): Promise<number> {
  const body = JSON.stringify({ inputs: [{ name: "x", shape: [1], datatype: "FP32", data }] });
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/v2/models/digits/infer`, { method: "POST", headers, body });
  await response.text();
  return response.status;
}

async function scrape(url: string, accept: string, format: MetricsFormat) {
  const response = await fetch(`${url}/metrics`, { headers: { accept } });
  return { type: response.headers.get("content-type"), read: readMetrics(await response.text(), format) };
}

interface DurationStat {
  readonly count: number;
  readonly ns: number;
}

interface ModelStats {
  readonly model_stats: readonly [
    {
      readonly last_inference: number;
      readonly inference_stats: Readonly<Record<string, DurationStat>>;
      readonly batch_stats: readonly [Readonly<Record<string, DurationStat>>];
    },
  ];
}

describe("an agent that has answered", () => {
  it("tells it as Triton's statistics extension has it", async () => {
    await using served = await servedModel({ graph: doubling });
    await using server = await serve(served);
    const before = Date.now();
    for (const data of [[1], [2], [3]]) expect(await infer(server.url, data)).toBe(200);
    // Wrong for the model, not for the protocol: it comes as far as the model's queue.
    const wrong = JSON.stringify({ inputs: [{ name: "x", shape: [2], datatype: "FP32", data: [1, 2] }] });
    await fetch(`${server.url}/v2/models/digits/infer`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: wrong,
    });
    const response = await fetch(`${server.url}/v2/models/digits/versions/2.0.0/stats`);
    const said = (await response.json()) as ModelStats;
    const [{ last_inference: last, inference_stats: sums, batch_stats: batches }] = said.model_stats;
    const whole = { count: 3, ns: expect.any(Number) as number };
    expect(said).toEqual({
      model_stats: [
        {
          name: "digits",
          version: "2.0.0",
          last_inference: last,
          inference_count: 3,
          execution_count: 3,
          inference_stats: {
            success: whole,
            fail: { count: 1, ns: expect.any(Number) as number },
            queue: whole,
            compute_input: whole,
            compute_infer: whole,
            compute_output: whole,
            cache_hit: { count: 0, ns: 0 },
            cache_miss: { count: 0, ns: 0 },
          },
          batch_stats: [{ batch_size: 1, compute_input: whole, compute_infer: whole, compute_output: whole }],
        },
      ],
    });
    const ns = (name: string) => sums[name]?.ns ?? Number.NaN;
    for (const { ns: sum } of Object.values(sums)) expect(Number.isInteger(sum) && sum >= 0).toBe(true);
    const parts = ns("queue") + ns("compute_input") + ns("compute_infer") + ns("compute_output");
    // Each part is rounded to a nanosecond.
    expect(Math.abs(ns("success") - parts)).toBeLessThan(5);
    expect(batches[0]["compute_infer"]).toEqual(sums["compute_infer"]);
    // The clock of the day shows whole milliseconds, the one by which the request is dated does not.
    expect(last).toBeGreaterThanOrEqual(before - 2);
    expect(last).toBeLessThanOrEqual(Date.now() + 2);
  });

  it.each([
    ["*/*", "prometheus", "text/plain; version=0.0.4; charset=utf-8"],
    ["application/openmetrics-text", "openmetrics", "application/openmetrics-text; version=1.0.0; charset=utf-8"],
  ] as const)("tells it to whoever asks for %s in %s's format", async (accept, format, type) => {
    await using served = await servedModel({ graph: doubling });
    await using server = await serve(served);
    expect(await infer(server.url, [1])).toBe(200);
    expect(await infer(server.url, "none")).toBe(400);
    const scraped = await scrape(server.url, accept, format);
    expect(scraped.type).toBe(type);
    const { read } = scraped;
    const of = { model: "digits", version: "2.0.0" };
    expect(valueIn(read, "sedge_agent_requests_total", { ...of, outcome: "ok" })).toBe(1);
    expect(valueIn(read, "sedge_agent_request_duration_seconds_count", of)).toBe(1);
    expect(valueIn(read, "sedge_agent_http_requests_total", { code: "200" })).toBe(1);
    expect(valueIn(read, "sedge_agent_http_requests_total", { code: "400" })).toBe(1);
    expect(valueIn(read, "process_resident_memory_bytes")).toBeGreaterThan(0);
    expect(valueIn(read, "process_cpu_seconds_total")).toBeGreaterThan(0);
  });
});
