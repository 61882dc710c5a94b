import { mebibytes } from "../../proto/units.ts";
import type { Clock, Logger } from "../application/ports.ts";
import type { Retention, RetentionRule } from "../application/retention.ts";
import { createRetention } from "../application/retention.ts";
import type { Database } from "../application/stores.ts";
import type { SqliteDatabase } from "../storage/database.ts";
import type { ServerConfig } from "./config.ts";

export function retentionOf(database: SqliteDatabase, config: ServerConfig, clock: Clock, log: Logger): Retention {
  return createRetention({
    rules: retentionRules(database, config),
    database,
    clock,
    log,
    // What was deleted, and a burst of telemetry, made it long; a backup that reads just now is left in peace until the next time.
    deleted: () => void database.truncateLog(),
  });
}

/** How long everything is kept that grows with time, and how much of it. What only people make (versions, settings, rollouts) is kept for ever. */
export function retentionRules(
  database: Pick<Database, "telemetry" | "logs" | "events" | "samples" | "drift" | "rollouts">,
  { telemetry, deviceLogs, events, samples }: Pick<ServerConfig, "telemetry" | "deviceLogs" | "events" | "samples">,
): readonly RetentionRule[] {
  const { drift, rollouts } = database;
  const room = (count: number, setting: string, deleteBeyond: (bytes: number) => Promise<number>) => ({
    bytes: mebibytes(count),
    setting,
    deleteBeyond,
  });
  return [
    {
      what: "telemetry records",
      ageMs: telemetry.retention,
      deleteBefore: (ms) => database.telemetry.deleteWindowsBefore(ms),
      room: room(telemetry.mebibytes, "--telemetry-mebibytes", (bytes) => database.telemetry.deleteBeyond(bytes)),
    },
    {
      what: "lines of devices' logs",
      ageMs: telemetry.retention,
      deleteBefore: (ms) => database.logs.deleteBefore(ms),
      room: room(deviceLogs.mebibytes, "deviceLogs.mebibytes", (bytes) => database.logs.deleteBeyond(bytes)),
    },
    {
      what: "samples",
      ageMs: samples.retention,
      deleteBefore: (ms) => database.samples.deleteBefore(ms),
      room: room(samples.mebibytes, "samples.mebibytes", (bytes) => database.samples.deleteBeyond(bytes)),
    },
    {
      what: "events",
      ageMs: events.retention,
      deleteBefore: (ms) => database.events.deleteBefore(ms),
      room: room(events.mebibytes, "events.mebibytes", (bytes) => database.events.deleteBeyond(bytes)),
    },
    {
      what: "notes of gaps",
      ageMs: telemetry.retention,
      deleteBefore: (ms) => database.telemetry.deleteGapsBefore(ms),
    },
    { what: "closed alerts", ageMs: events.retention, deleteBefore: (ms) => drift.deleteClosedBefore(ms) },
    {
      what: "ended requests for samples",
      ageMs: events.retention,
      deleteBefore: (ms) => database.samples.deleteRequestsBefore(ms),
    },
    {
      what: "rollouts' device updates",
      ageMs: events.retention,
      deleteBefore: (ms) => rollouts.deleteUpdatesBefore(ms),
    },
  ];
}
