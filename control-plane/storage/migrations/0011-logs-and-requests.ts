import type { Kysely, Migration } from "kysely";
import { sql } from "kysely";

/** Lines of their logs that devices were asked for, and inferences that somebody asked for. */
export const logsAndRequests: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("device_log")
      .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement().notNull())
      .addColumn("device", "text", (column) => column.notNull())
      .addColumn("received_at", "integer", (column) => column.notNull())
      .addColumn("logged_at", "real", (column) => column.notNull())
      .addColumn("level", "text", (column) => column.notNull())
      .addColumn("sentence", "text", (column) => column.notNull())
      .addColumn("fields_json", "text", (column) => column.notNull())
      .addColumn("left_out", "integer", (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute();
    await db.schema.createIndex("device_log_device").on("device_log").columns(["device", "id"]).execute();
    await db.schema.createIndex("device_log_received").on("device_log").column("received_at").execute();
    await db.schema
      .createTable("sample_request")
      .addColumn("id", "text", (column) => column.primaryKey().notNull())
      .addColumn("model", "text", (column) => column.notNull())
      .addColumn("selector", "text", (column) => column.notNull())
      .addColumn("count", "integer", (column) => column.notNull())
      .addColumn("until", "integer", (column) => column.notNull())
      .addColumn("asked_at", "integer", (column) => column.notNull())
      .addColumn("asked_by", "text", (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute();
    await db.schema.createIndex("sample_request_until").on("sample_request").column("until").execute();
  },
};
