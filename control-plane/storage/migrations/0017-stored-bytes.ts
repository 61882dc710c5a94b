import type { Kysely, Migration } from "kysely";
import { sql } from "kysely";

/**
 * How much there is of what devices send, and how much of it was deleted: to add it up anew for every look would read the whole database.
 * And when each cursor of telemetry began, so that the oldest epochs of a device can be put together.
 */
export const storedBytes: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("stored_family")
      .addColumn("family", "text", (column) => column.primaryKey().notNull())
      .addColumn("rows", "integer", (column) => column.notNull())
      .addColumn("bytes", "integer", (column) => column.notNull())
      .addColumn("deleted_rows", "integer", (column) => column.notNull())
      .addColumn("deleted_bytes", "integer", (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute();
    await sql`insert into stored_family
      select 'telemetry', count(*), coalesce(sum(octet_length(payload) + 96), 0), 0, 0 from telemetry_record
      union all
      select 'samples', count(*), coalesce(sum(octet_length(ciphertext) + 256), 0), 0, 0 from sample
      union all
      select 'logs', count(*), coalesce(sum(octet_length(sentence) + octet_length(fields_json) + 96), 0), 0, 0 from device_log
      union all
      select 'events', count(*), coalesce(sum(octet_length(text) + 96), 0), 0, 0 from fleet_event`.execute(db);
    await db.schema
      .alterTable("telemetry_cursor")
      .addColumn("begun_at", "integer", (column) => column.notNull().defaultTo(0))
      .execute();
    await db.schema.createIndex("drift_alert_opened").on("drift_alert").columns(["opened_at", "id"]).execute();
  },
};
