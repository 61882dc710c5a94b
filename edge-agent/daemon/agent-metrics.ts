import type { MetricFamily, MetricLabels, MetricSample } from "../../proto/metrics/metric-family.ts";
import { updatePhases } from "../../proto/messages.ts";
import type { AgentStatus, ModelStatus } from "../core/agent-status.ts";
import type { VersionStatistics } from "../core/version-statistics.ts";
import { requestOutcomes } from "../core/version-statistics.ts";

/**
 * What Prometheus is told of an agent. Each series is of a model that the device has, and of a version of it that serves here, so there
 * are as many as the device has models, whatever its updates and its callers do.
 */
export function agentMetrics(
  status: AgentStatus,
  statistics: readonly VersionStatistics[],
  startedAtMs: number,
): readonly MetricFamily[] {
  return [...deviceMetrics(status, startedAtMs), ...modelMetrics(status.models), ...versionMetrics(statistics)];
}

function deviceMetrics(status: AgentStatus, startedAtMs: number): readonly MetricFamily[] {
  const { device, agentVersion: version, runtime, memory, spool } = status;
  const lanes = Object.entries(spool);
  return [
    gauge("sedge_agent_info", "The agent; always 1.", [
      { labels: { device, version, runtime: runtime.name, runtime_version: runtime.version }, value: 1 },
    ]),
    gauge("process_start_time_seconds", "When the agent started, since 1970.", [{ value: startedAtMs / 1_000 }]),
    gauge("sedge_agent_connected", "1 while the agent is connected with the control plane.", [
      { value: Number(status.connected) },
    ]),
    counter("sedge_agent_connections_total", "Connections with the control plane.", [{ value: status.connections }]),
    gauge("sedge_agent_assignment_generation", "Generation of the assignment that was accepted last; 0: none yet.", [
      { value: status.generation },
    ]),
    gauge("sedge_agent_saving_energy", "1 while neither samples nor candidates in shadow are worked on.", [
      { value: Number(status.saving !== "") },
    ]),
    gauge("sedge_agent_models_memory_bytes", "Memory of the processes of all models, when they were measured last.", [
      { value: memory.usedBytes },
    ]),
    gauge("sedge_agent_models_memory_budget_bytes", "What the processes of all models may take together.", [
      { value: memory.budgetBytes },
    ]),
    gauge(
      "sedge_agent_spool_bytes",
      "Telemetry that waits on the disk.",
      lanes.map(([lane, { bytes }]) => ({ labels: { lane }, value: bytes })),
    ),
    gauge(
      "sedge_agent_spool_records",
      "Records of telemetry that wait on the disk.",
      lanes.map(([lane, { records }]) => ({ labels: { lane }, value: records })),
    ),
  ];
}

function modelMetrics(models: readonly ModelStatus[]): readonly MetricFamily[] {
  const ofEach = (value: (model: ModelStatus) => number) =>
    models.map((one) => ({ labels: { model: one.model }, value: value(one) }));
  return [
    gauge("sedge_agent_model_ready", "1 while the model can answer.", ofEach(readyOf)),
    gauge("sedge_agent_model_slot_info", "The version in each place of a model; always 1.", models.flatMap(slotsOf)),
    gauge(
      "sedge_agent_model_memory_bytes",
      "Memory of the model's processes, when they were measured last.",
      ofEach(({ running }) => running.memoryBytes),
    ),
    gauge(
      "sedge_agent_model_sequences",
      "Open sequences of a model that keeps state.",
      ofEach(({ running }) => running.sequences),
    ),
    gauge("sedge_agent_update_phase", "1 for the phase in which the model's update is.", models.flatMap(phasesOf)),
    gauge(
      "sedge_agent_update_failed",
      "1 where the last update did not succeed, until another one is tried.",
      ofEach(({ failure }) => Number(failure !== undefined)),
    ),
    gauge(
      "sedge_agent_quarantined_variants",
      "Variants that this device does not try again.",
      ofEach(({ quarantined }) => quarantined.length),
    ),
  ];
}

function versionMetrics(statistics: readonly VersionStatistics[]): readonly MetricFamily[] {
  const labelsOf = ({ model, version }: VersionStatistics): MetricLabels => ({ model, version });
  const ofEach = (value: (one: VersionStatistics) => number) =>
    statistics.map((one) => ({ labels: labelsOf(one), value: value(one) }));
  return [
    counter(
      "sedge_agent_requests_total",
      "Requests for inferences by how they ended.",
      statistics.flatMap((one) =>
        requestOutcomes.map((outcome) => ({ labels: { ...labelsOf(one), outcome }, value: one.outcomes[outcome] })),
      ),
    ),
    counter(
      "sedge_agent_inferences_total",
      "Rows of the requests that were answered.",
      ofEach(({ inferences }) => inferences),
    ),
    counter(
      "sedge_agent_executions_total",
      "Runs of the model: one for requests that were computed together.",
      ofEach(({ executions }) => executions),
    ),
    counter(
      "sedge_agent_queue_seconds_total",
      "What requests that were answered have waited for their turn.",
      ofEach(({ queue }) => queue.ms / 1_000),
    ),
    counter(
      "sedge_agent_compute_seconds_total",
      "What the model took for requests that were answered; the whole run for each that was computed with others.",
      ofEach(({ computeInfer }) => computeInfer.ms / 1_000),
    ),
    gauge(
      "sedge_agent_queue_requests",
      "Requests that wait for their turn.",
      ofEach(({ waiting }) => waiting),
    ),
    {
      kind: "histogram",
      name: "sedge_agent_request_duration_seconds",
      help: "Of requests that were answered, from the moment in which their model was there.",
      samples: statistics.map((one) => ({ ...one.durations, labels: labelsOf(one) })),
    },
  ];
}

function readyOf({ serving }: ModelStatus): number {
  return Number(serving !== undefined);
}

function slotsOf({ model, active, candidate, previous, factory }: ModelStatus): readonly MetricSample[] {
  return Object.entries({ active, candidate, previous, factory }).flatMap(([slot, version]) =>
    version === undefined ? [] : [{ labels: { model, slot, version }, value: 1 }],
  );
}

function phasesOf({ model, phase }: ModelStatus): readonly MetricSample[] {
  return updatePhases.map((one) => ({ labels: { model, phase: one }, value: Number(one === phase) }));
}

function gauge(name: string, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { kind: "gauge", name, help, samples };
}

function counter(name: `${string}_total`, help: string, samples: readonly MetricSample[]): MetricFamily {
  return { kind: "counter", name, help, samples };
}
