import { describe, expect, it } from "vitest";
import type { AgentStatus } from "../../../../edge-agent/core/agent-status.ts";
import { VersionCounts } from "../../../../edge-agent/core/version-statistics.ts";
import { agentMetrics } from "../../../../edge-agent/daemon/agent-metrics.ts";
import type { ModelVersion } from "../../../../proto/ids.ts";
import { metricsText } from "../../../../proto/metrics/metrics-text.ts";
import { aManifest } from "../../../support/manifests.ts";
import { readMetrics, valueIn } from "../../../support/read-metrics.ts";
import { scriptedLocalAgent } from "../../../support/scripted-local-agent.ts";

const manifest = aManifest();
const status = scriptedLocalAgent(manifest, async () => []).status();
const [digits] = status.models as readonly [AgentStatus["models"][number]];

function statisticsOf(version: string) {
  const counts = new VersionCounts();
  counts.countAnswer(0, { beganAt: 1, startedAt: 1, endedAt: 4, readyAt: 5, rows: 8 });
  counts.countExecution(8, 0, 3);
  counts.countFailure("overloaded", 6, 6);
  return counts.read(manifest.model, version as ModelVersion, 2, 10);
}

describe("the metrics of an agent", () => {
  it("tell what a version has answered, in seconds", () => {
    const read = readMetrics(metricsText(agentMetrics(status, [statisticsOf("2.0.0")], 1e12), "prometheus"));
    const of = { model: "digits", version: "2.0.0" };
    expect(valueIn(read, "sedge_agent_inferences_total", of)).toBe(8);
    expect(valueIn(read, "sedge_agent_executions_total", of)).toBe(1);
    expect(valueIn(read, "sedge_agent_requests_total", { ...of, outcome: "ok" })).toBe(1);
    expect(valueIn(read, "sedge_agent_requests_total", { ...of, outcome: "overloaded" })).toBe(1);
    expect(valueIn(read, "sedge_agent_requests_total", { ...of, outcome: "timeout" })).toBe(0);
    expect(valueIn(read, "sedge_agent_queue_requests", of)).toBe(2);
    expect(valueIn(read, "sedge_agent_compute_seconds_total", of)).toBe(0.003);
    expect(valueIn(read, "sedge_agent_request_duration_seconds_sum", of)).toBe(0.005);
    expect(valueIn(read, "sedge_agent_request_duration_seconds_bucket", { ...of, le: "0.0025" })).toBe(0);
    expect(valueIn(read, "sedge_agent_request_duration_seconds_bucket", { ...of, le: "0.005" })).toBe(1);
  });

  it("tell how the device stands", () => {
    const updating: AgentStatus = {
      ...status,
      connected: false,
      models: [{ ...digits, candidate: "3.0.0", phase: "trial", serving: undefined }],
    };
    const read = readMetrics(metricsText(agentMetrics(updating, [], 1e12), "openmetrics"), "openmetrics");
    expect(valueIn(read, "sedge_agent_connected")).toBe(0);
    expect(valueIn(read, "sedge_agent_spool_bytes", { lane: "lifecycle" })).toBe(100);
    expect(valueIn(read, "sedge_agent_model_ready", { model: "digits" })).toBe(0);
    expect(valueIn(read, "sedge_agent_update_phase", { model: "digits", phase: "trial" })).toBe(1);
    expect(valueIn(read, "sedge_agent_update_phase", { model: "digits", phase: "idle" })).toBe(0);
    expect(valueIn(read, "sedge_agent_model_slot_info", { model: "digits", slot: "candidate", version: "3.0.0" })).toBe(
      1,
    );
    expect(valueIn(read, "process_start_time_seconds")).toBe(1e9);
  });

  it("have names and units as Prometheus has them: base units, and _total for what only goes up", () => {
    for (const { name, kind } of agentMetrics(status, [statisticsOf("2.0.0")], 0)) {
      expect(name).toMatch(/^(sedge_agent|process)_[a-z_]+$/);
      expect(name.endsWith("_total")).toBe(kind === "counter");
      expect(name).not.toMatch(/_(ms|milliseconds|mib|kib|percent)(_|$)/);
    }
  });
});
