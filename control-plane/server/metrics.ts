import { stat, statfs } from "node:fs/promises";
import type { MetricFamily } from "../../proto/metrics/metric-family.ts";
import type { ControlPlaneFigures } from "../application/control-plane-metrics.ts";
import { controlPlaneMetrics } from "../application/control-plane-metrics.ts";
import type { TelemetryIngest } from "../application/telemetry-ingest.ts";
import type { BoundDeviceMessages } from "../messaging/bind-device-messages.ts";
import type { EmbeddedBroker } from "../messaging/embedded-broker.ts";
import type { SqliteDatabase } from "../storage/database.ts";
import type { RefusedConnections } from "./http-binding.ts";
import type { ProcessMetrics } from "./process-metrics.ts";

export interface MetricSources extends Pick<ControlPlaneFigures, "version" | "commits" | "ticks"> {
  readonly database: Pick<SqliteDatabase, "devices" | "rollouts" | "drift" | "usage" | "isFull">;
  readonly broker: Pick<EmbeddedBroker, "counters" | "connectedDevices">;
  readonly messages: Pick<BoundDeviceMessages, "counters">;
  readonly ingest: Pick<TelemetryIngest, "counters" | "backlog">;
  readonly http: { refused(): RefusedConnections };
  readonly process: Pick<ProcessMetrics, "families">;
  readonly files: { readonly database: string };
}

/** All that `GET /metrics` answers. Sums come from the database as sums: a scrape of a large fleet costs no more than one of a small one. */
export async function gatherMetrics(sources: MetricSources): Promise<readonly MetricFamily[]> {
  const { database, broker, messages, ingest, http, files } = sources;
  const figures = {
    version: sources.version,
    commits: sources.commits,
    ticks: sources.ticks,
    devices: await database.devices.count(),
    connections: broker.connectedDevices().length,
    rollouts: await database.rollouts.countByPhase(),
    openAlerts: await database.drift.countOpenAlerts(),
    messages: messages.counters(),
    broker: broker.counters(),
    http: { refused: http.refused() },
    ingest: ingest.counters(),
    backlog: ingest.backlog(),
    stored: await database.usage.families(),
    disk: {
      isFull: database.isFull(),
      freeBytes: await freeBytes(files.database),
      databaseBytes: await sizeOf(files.database),
      logBytes: await sizeOf(`${files.database}-wal`),
    },
  };
  return [...controlPlaneMetrics(figures), ...(await sources.process.families())];
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}

async function freeBytes(file: string): Promise<number | undefined> {
  return statfs(file).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => undefined,
  );
}
