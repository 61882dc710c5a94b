import type { DurationCounts } from "../../proto/metrics/duration-counts.ts";
import type { CounterFamily, GaugeFamily, HistogramFamily, MetricFamily } from "../../proto/metrics/metric-family.ts";
import type { Device } from "../domain/device.ts";
import type { Rollout } from "../domain/rollout/rollout.ts";
import type { StoredFamily } from "./stores.ts";
import type { IngestBacklog, IngestCounters } from "./telemetry-ingest.ts";

type Counts<Name extends string = string> = Readonly<Record<Name, number>>;

/** What a control plane knows of itself at one moment. Counters are since its start, those of `stored` since the database was made. */
export interface ControlPlaneFigures {
  readonly version: string;
  readonly devices: Counts<Device["presence"]["kind"] | "revoked">;
  readonly connections: number;
  readonly rollouts: Counts<Rollout["phase"]["kind"]>;
  readonly openAlerts: number;
  readonly messages: {
    readonly received: Counts;
    readonly undecodable: number;
    readonly misplaced: number;
    readonly unknown: number;
    readonly telemetryBytes: number;
  };
  readonly broker: {
    readonly refused: Counts;
    readonly dropped: Counts;
    readonly slowed: number;
    readonly takeovers: number;
    readonly pushed: number;
  };
  readonly http: { readonly refused: Counts };
  readonly ingest: IngestCounters;
  readonly backlog: IngestBacklog;
  readonly commits: DurationCounts;
  /** How long each loop worked between two rests. */
  readonly ticks: ReadonlyMap<string, DurationCounts>;
  readonly stored: readonly StoredFamily[];
  readonly disk: {
    readonly isFull: boolean;
    /** Undefined where the system does not say. */
    readonly freeBytes: number | undefined;
    readonly databaseBytes: number;
    readonly logBytes: number;
  };
}

/** In the units and words of Prometheus. */
export function controlPlaneMetrics(figures: ControlPlaneFigures): readonly MetricFamily[] {
  const { messages, broker, http, ingest, backlog, disk, stored } = figures;
  const { undecodable, misplaced, unknown } = messages;
  const { duplicates, holes, conflicts, shed, overBudget } = ingest;
  return [
    gauge("sedge_build_info", "Version of the control plane; always 1.", [
      { labels: { version: figures.version }, value: 1 },
    ]),
    gauge("sedge_devices", "Enrolled devices by what is believed of their presence.", by("presence", figures.devices)),
    gauge("sedge_device_connections", "Devices that are connected to the broker.", one(figures.connections)),
    gauge("sedge_rollouts", "Rollouts by phase.", by("phase", figures.rollouts)),
    gauge("sedge_drift_alerts_open", "Alerts of drift and silence that are open.", one(figures.openAlerts)),
    counter("sedge_messages_received_total", "Messages of devices by topic.", by("leaf", messages.received)),
    counter(
      "sedge_messages_refused_total",
      "Messages of devices that went no further than their decoding.",
      by("reason", { undecodable, misplaced, unknown }),
    ),
    counter("sedge_messages_pushed_total", "Messages that were handed to a device's connection.", one(broker.pushed)),
    counter(
      "sedge_broker_refused_total",
      "Clients and wishes that the broker turned away.",
      by("reason", broker.refused),
    ),
    counter("sedge_broker_dropped_total", "Messages that the broker dropped.", by("reason", broker.dropped)),
    counter(
      "sedge_broker_slowed_total",
      "Messages that waited because their device sent too many.",
      one(broker.slowed),
    ),
    counter(
      "sedge_broker_takeovers_total",
      "Connections that took the place of another one of the same device.",
      one(broker.takeovers),
    ),
    counter(
      "sedge_http_connections_refused_total",
      "HTTP connections that were ended as they came.",
      by("reason", http.refused),
    ),
    counter(
      "sedge_telemetry_received_bytes_total",
      "Telemetry as it came, repetitions too.",
      one(messages.telemetryBytes),
    ),
    counter("sedge_telemetry_batches_total", "Telemetry batches that came.", one(ingest.batches)),
    counter(
      "sedge_telemetry_batches_not_stored_total",
      "Telemetry batches of which nothing was stored; but for duplicates they come again.",
      by("reason", { duplicate: duplicates, hole: holes, conflict: conflicts, shed, "over-budget": overBudget }),
    ),
    counter("sedge_telemetry_gaps_total", "Ranges of telemetry that can never come.", one(ingest.gaps)),
    counter(
      "sedge_telemetry_records_stored_total",
      "Telemetry records stored by lane.",
      by("lane", ingest.storedOfLane),
    ),
    counter("sedge_telemetry_failed_commits_total", "Commits of telemetry that failed.", one(ingest.failedCommits)),
    histogram("sedge_telemetry_commit_duration_seconds", "Transactions of telemetry.", [figures.commits.sample({})]),
    gauge("sedge_telemetry_backlog_records", "Telemetry records that wait for a commit.", one(backlog.records)),
    gauge("sedge_telemetry_backlog_bytes", "Memory of telemetry that waits for a commit.", one(backlog.bytes)),
    gauge("sedge_telemetry_lag_seconds", "Age of the oldest telemetry that waits.", one(backlog.lagMs / 1_000)),
    histogram(
      "sedge_tick_duration_seconds",
      "How long a loop worked between two rests.",
      [...figures.ticks].map(([loop, durations]) => durations.sample({ loop })),
    ),
    gauge("sedge_stored_rows", "Rows in the database by what they are.", ofFamilies(stored, "rows")),
    gauge("sedge_stored_bytes", "Bytes of their content.", ofFamilies(stored, "bytes")),
    counter(
      "sedge_deleted_rows_total",
      "Rows deleted because they were old, or to make room, since the database was made.",
      ofFamilies(stored, "deletedRows"),
    ),
    counter("sedge_deleted_bytes_total", "Bytes of their content.", ofFamilies(stored, "deletedBytes")),
    gauge(
      "sedge_database_file_bytes",
      "Size of the database's files.",
      by("file", { database: disk.databaseBytes, log: disk.logBytes }),
    ),
    gauge(
      "sedge_disk_free_bytes",
      "Room on the disk of the data directory.",
      disk.freeBytes === undefined ? [] : one(disk.freeBytes),
    ),
    gauge("sedge_storage_full", "1 while nothing can be stored because no space is left.", one(disk.isFull ? 1 : 0)),
  ];
}

type Samples = GaugeFamily["samples"];

function gauge(name: string, help: string, samples: Samples): GaugeFamily {
  return { kind: "gauge", name, help, samples };
}

function counter(name: CounterFamily["name"], help: string, samples: Samples): CounterFamily {
  return { kind: "counter", name, help, samples };
}

function histogram(name: string, help: string, samples: HistogramFamily["samples"]): HistogramFamily {
  return { kind: "histogram", name, help, samples };
}

function one(value: number): Samples {
  return [{ value }];
}

function by(label: string, counts: Counts): Samples {
  return Object.entries(counts).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

/** Of those that are only counted when they are deleted, nothing is known of what is there. */
function ofFamilies(families: readonly StoredFamily[], what: Exclude<keyof StoredFamily, "family">): Samples {
  const known = what === "rows" || what === "bytes" ? families.filter(({ family }) => isCounted(family)) : families;
  return known.map((one) => ({ labels: { family: one.family }, value: one[what] }));
}

const counted: ReadonlySet<StoredFamily["family"]> = new Set(["telemetry", "samples", "logs", "events"]);

function isCounted(family: StoredFamily["family"]): boolean {
  return counted.has(family);
}
