import type { Selectable } from "kysely";
import { sql as raw } from "kysely";
import type { DeviceId } from "../../proto/ids.ts";
import type { LogLevel } from "../../proto/telemetry-messages.ts";
import { logLevels } from "../../proto/telemetry-messages.ts";
import type { DeviceLogStore, StoredLogLine } from "../application/telemetry-stores.ts";
import { toJson } from "./row-mapping.ts";
import type { DeviceLogTable } from "./telemetry-schema.ts";
import type { Session } from "./session.ts";
import { amountOf, beyond, bytesStored, noteDeleted, noteStored, rowBytes } from "./stored-families.ts";

/** Of one device; what is older gives way. */
const keptPerDevice = 5_000;
/** Rows that one deletion takes at most, so that writers behind it wait for milliseconds. */
const deletedPerSlice = 500;
const insertedAtOnce = 100;

export function createDeviceLogStore(session: Session): DeviceLogStore {
  return {
    add: (device, lines, receivedAtMs) =>
      session.write(async (connection) => {
        const { sql } = connection;
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
        noteStored(connection, "logs", { rows: rows.length, bytes: rows.reduce((sum, row) => sum + bytesOf(row), 0) });
        const oldest = sql
          .selectFrom("device_log")
          .select("id")
          .where("device", "=", device)
          .orderBy("id", "desc")
          .limit(1)
          .offset(keptPerDevice);
        const gone = await sql
          .deleteFrom("device_log")
          .where("device", "=", device)
          .where("id", "<=", oldest)
          .returning(storedBytes)
          .execute();
        noteDeleted(connection, "logs", amountOf(gone));
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
      session.write(async (connection) => {
        const { sql } = connection;
        const oldest = sql.selectFrom("device_log").select("id").where("received_at", "<", ms).limit(deletedPerSlice);
        const gone = await sql.deleteFrom("device_log").where("id", "in", oldest).returning(storedBytes).execute();
        noteDeleted(connection, "logs", amountOf(gone));
        return gone.length;
      }),
    deleteBeyond: (bytes) =>
      session.write(async (connection) => {
        const stored = bytesStored(connection, "logs");
        if (stored <= bytes) return 0;
        const { sql } = connection;
        const oldest = sql.selectFrom("device_log").select(["id", storedBytes]).orderBy("id").limit(deletedPerSlice);
        const gone = beyond(await oldest.execute(), stored, bytes);
        await sql
          .deleteFrom("device_log")
          .where("id", "<=", gone.at(-1)?.id ?? 0)
          .execute();
        noteDeleted(connection, "logs", amountOf(gone));
        return gone.length;
      }),
  };
}

/** As bytesOf. */
const storedBytes = raw<number>`octet_length(sentence) + octet_length(fields_json) + ${rowBytes.logs}`.as("bytes");

function bytesOf(row: { readonly sentence: string; readonly fields_json: string }): number {
  return Buffer.byteLength(row.sentence) + Buffer.byteLength(row.fields_json) + rowBytes.logs;
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
