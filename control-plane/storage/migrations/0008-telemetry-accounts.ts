import type { Kysely, Migration } from "kysely";
import { sql } from "kysely";

/**
 * How devices were, and what became of every record that a lane has numbered: that as a promise that the table itself keeps: a cursor that moves over records
 * without accounting for them cannot be stored. For lanes that are there already the account begins where they stand.
 */
export const telemetryAccounts: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable("telemetry_cursor").renameTo("telemetry_cursor_before").execute();
    await db.schema
      .createTable("telemetry_cursor")
      .addColumn("device", "text", (column) => column.notNull())
      .addColumn("lane", "text", (column) => column.notNull())
      .addColumn("epoch", "text", (column) => column.notNull())
      .addColumn("through", "integer", (column) => column.notNull())
      .addColumn("counted_from", "integer", (column) => column.notNull())
      .addColumn("received", "integer", (column) => column.notNull())
      .addColumn("dropped", "integer", (column) => column.notNull())
      .addColumn("lost", "integer", (column) => column.notNull())
      .addColumn("last_mark", "text")
      .addColumn("conflict_at", "integer")
      .addPrimaryKeyConstraint("telemetry_account_key", ["device", "lane", "epoch"])
      .addCheckConstraint("telemetry_equation", sql`received + dropped + lost = through - counted_from`)
      .modifyEnd(sql`strict`)
      .execute();
    await sql`insert into telemetry_cursor
      select device, lane, epoch, through, through, 0, 0, 0, null, null from telemetry_cursor_before`.execute(db);
    await db.schema.dropTable("telemetry_cursor_before").execute();
    await db.schema
      .createTable("telemetry_gap")
      .addColumn("id", "integer", (column) => column.primaryKey().notNull())
      .addColumn("device", "text", (column) => column.notNull())
      .addColumn("lane", "text", (column) => column.notNull())
      .addColumn("epoch", "text", (column) => column.notNull())
      .addColumn("from_seq", "integer", (column) => column.notNull())
      .addColumn("through", "integer", (column) => column.notNull())
      .addColumn("noted_at", "integer", (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute();
    await db.schema
      .createTable("device_health")
      .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement().notNull())
      .addColumn("device", "text", (column) => column.notNull())
      .addColumn("received_at", "integer", (column) => column.notNull())
      .addColumn("started_at", "real", (column) => column.notNull())
      .addColumn("ended_at", "real", (column) => column.notNull())
      .addColumn("measures_json", "text", (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute();
    await db.schema.createIndex("device_health_device").on("device_health").columns(["device", "id"]).execute();
    await db.schema
      .createTable("device_clock")
      .addColumn("device", "text", (column) => column.primaryKey().notNull())
      .addColumn("offset_ms", "real", (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute();
  },
};
