import type { Selectable } from "kysely";
import type { DeviceId } from "../../proto/ids.ts";
import type { DeviceHealth, HealthStore } from "../application/telemetry-stores.ts";
import { toJson } from "./row-mapping.ts";
import type { DeviceHealthTable } from "./telemetry-schema.ts";
import type { Session } from "./session.ts";

/** About ten days at four windows an hour. */
const keptPerDevice = 1_000;

export function createHealthStore(session: Session): HealthStore {
  return {
    add: (device, { startedAtMs, endedAtMs, measures }, receivedAtMs) =>
      session.write(async ({ sql }) => {
        await sql
          .insertInto("device_health")
          .values({
            device,
            received_at: receivedAtMs,
            started_at: startedAtMs,
            ended_at: endedAtMs,
            measures_json: toJson(measures),
          })
          .execute();
        const oldest = sql
          .selectFrom("device_health")
          .select("id")
          .where("device", "=", device)
          .orderBy("id", "desc")
          .limit(1)
          .offset(keptPerDevice);
        await sql.deleteFrom("device_health").where("device", "=", device).where("id", "<=", oldest).execute();
      }),
    setClockOffset: (device, offsetMs) =>
      session.write(async ({ sql }) => {
        await sql
          .insertInto("device_clock")
          .values({ device, offset_ms: offsetMs })
          .onConflict((conflict) => conflict.column("device").doUpdateSet({ offset_ms: offsetMs }))
          .execute();
      }),
    latestOf: (devices) =>
      session.read(async ({ sql }) => {
        const newest = sql
          .selectFrom("device_health")
          .select((of) => of.fn.max("id").as("id"))
          .where("device", "in", devices)
          .groupBy("device");
        const rows = await sql.selectFrom("device_health").selectAll().where("id", "in", newest).execute();
        return rows.map(healthOf);
      }),
    of: (device, limit) =>
      session.read(async ({ sql }) => {
        const rows = await sql
          .selectFrom("device_health")
          .selectAll()
          .where("device", "=", device)
          .orderBy("id", "desc")
          .limit(limit)
          .execute();
        return rows.map(healthOf);
      }),
    clockOffset: (device) =>
      session.read(async ({ sql }) => {
        const row = await sql
          .selectFrom("device_clock")
          .select("offset_ms")
          .where("device", "=", device)
          .executeTakeFirst();
        return row?.offset_ms;
      }),
  };
}

/** The JSON is of one window, and shared with nothing: it is not kept as others are. */
function healthOf(row: Selectable<DeviceHealthTable>): DeviceHealth {
  return {
    device: row.device as DeviceId,
    receivedAtMs: row.received_at,
    startedAtMs: row.started_at,
    endedAtMs: row.ended_at,
    measures: JSON.parse(row.measures_json) as DeviceHealth["measures"],
  };
}
