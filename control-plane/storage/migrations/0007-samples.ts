import type { Kysely, Migration } from "kysely";
import { sql } from "kysely";

/** What of whose inferences may be sent back, and what came: sealed, as devices sent it. */
export const samples: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("sampling_settings")
      .addColumn("model", "text", (column) => column.primaryKey().notNull())
      .addColumn("settings_json", "text", (column) => column.notNull())
      .addColumn("changed_at", "integer", (column) => column.notNull())
      .addColumn("changed_by", "text", (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute();
    await db.schema
      .createTable("sample")
      .addColumn("id", "integer", (column) => column.primaryKey().autoIncrement().notNull())
      .addColumn("device", "text", (column) => column.notNull())
      .addColumn("model", "text", (column) => column.notNull())
      .addColumn("version", "text", (column) => column.notNull())
      .addColumn("package", "text", (column) => column.notNull())
      .addColumn("variant", "text", (column) => column.notNull())
      .addColumn("reason", "text", (column) => column.notNull())
      .addColumn("probability", "real", (column) => column.notNull())
      .addColumn("taken_at", "real", (column) => column.notNull())
      .addColumn("received_at", "integer", (column) => column.notNull())
      .addColumn("ephemeral_key", "blob", (column) => column.notNull())
      .addColumn("ciphertext", "blob", (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute();
    await db.schema.createIndex("sample_model").on("sample").columns(["model", "id"]).execute();
    await db.schema.createIndex("sample_received").on("sample").columns(["received_at"]).execute();
  },
};
