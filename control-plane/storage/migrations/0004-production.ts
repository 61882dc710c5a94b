import type { Kysely, Migration } from "kysely";
import { sql } from "kysely";

/** From when to when a device ran a version: one row for each stretch. It grows with changes, not with time. */
export const production: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("production")
      .addColumn("seq", "integer", (column) => column.primaryKey().autoIncrement().notNull())
      .addColumn("device", "text", (column) => column.notNull())
      .addColumn("model", "text", (column) => column.notNull())
      .addColumn("version", "text", (column) => column.notNull())
      .addColumn("variant", "text", (column) => column.notNull())
      .addColumn("started_at", "integer", (column) => column.notNull())
      .addColumn("ended_at", "integer")
      .modifyEnd(sql`strict`)
      .execute();
    await db.schema
      .createIndex("production_device")
      .on("production")
      .columns(["device", "model", "ended_at"])
      .execute();
    await db.schema.createIndex("production_model").on("production").columns(["model", "version"]).execute();
  },
};
