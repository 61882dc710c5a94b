import type { Selectable } from "kysely";
import type { DeviceId } from "../../proto/ids.ts";
import type { LogLevel } from "../../proto/telemetry-messages.ts";
import { logLevels } from "../../proto/telemetry-messages.ts";
import type { DeviceLogStore, StoredLogLine } from "../application/telemetry-stores.ts";
import { toJson } from "./row-mapping.ts";
import type { DeviceLogTable } from "./telemetry-schema.ts";
import type { Session } from "./session.ts";

/** Of one device; what is older gives way. */
const keptPerDevice = 5_000;
/** Rows that one deletion takes at most, so that writers behind it wait for milliseconds. */
const deletedPerSlice = 500;
const insertedAtOnce = 100;

export function createDeviceLogStore(session: Session): DeviceLogStore {
  return {
    add: (device, lines, receivedAtMs) =>
      session.write(async ({ sql }) => {
        const rows = lines.map(({ loggedAtMs, level, sentence, fields, leftOut }) => ({
          device,
          received_at: receivedAtMs,
          logged_at: loggedAtMs,
          level,
          sentence,
          fields_json: toJson(fields),
          left_out: leftOut,
        }));
        for (let at = 0; at < rows.length; at += insertedAtOnce)
          await sql
            .insertInto("device_log")
            .values(rows.slice(at, at + insertedAtOnce))
            .execute();
        const oldest = sql
          .selectFrom("device_log")
          .select("id")
          .where("device", "=", device)
          .orderBy("id", "desc")
          .limit(1)
          .offset(keptPerDevice);
        await sql.deleteFrom("device_log").where("device", "=", device).where("id", "<=", oldest).execute();
      }),
    newest: (device, { level, limit }) =>
      session.read(async ({ sql }) => {
        const rows = await sql
          .selectFrom("device_log")
          .selectAll()
          .where("device", "=", device)
          .where("level", "in", levelsFrom(level))
          .orderBy("id", "desc")
          .limit(limit)
          .execute();
        return rows.map(lineOf).reverse();
      }),
    after: (device, id, { level, limit }) =>
      session.read(async ({ sql }) => {
        const rows = await sql
          .selectFrom("device_log")
          .selectAll()
          .where("device", "=", device)
          .where("id", ">", id)
          .where("level", "in", levelsFrom(level))
          .orderBy("id")
          .limit(limit)
          .execute();
        return rows.map(lineOf);
      }),
    deleteBefore: (ms) =>
      session.write(async ({ sql }) => {
        const oldest = sql.selectFrom("device_log").select("id").where("received_at", "<", ms).limit(deletedPerSlice);
        const { numDeletedRows } = await sql.deleteFrom("device_log").where("id", "in", oldest).executeTakeFirst();
        return Number(numDeletedRows);
      }),
  };
}

function levelsFrom(least: LogLevel): readonly LogLevel[] {
  return logLevels.slice(logLevels.indexOf(least));
}

/** The JSON is of one line, and shared with nothing: it is not kept as others are. */
function lineOf(row: Selectable<DeviceLogTable>): StoredLogLine {
  return {
    id: row.id,
    device: row.device as DeviceId,
    receivedAtMs: row.received_at,
    loggedAtMs: row.logged_at,
    level: row.level as LogLevel,
    sentence: row.sentence,
    fields: JSON.parse(row.fields_json) as StoredLogLine["fields"],
    leftOut: row.left_out,
  };
}
