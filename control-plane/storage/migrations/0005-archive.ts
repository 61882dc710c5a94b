import type { Kysely, Migration } from "kysely";
import { sql } from "kysely";

/** Every step of a version into the archive or out of it is a row that stays; the newest says where it is now. */
export const archive: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("model_archive_step")
      .addColumn("seq", "integer", (column) => column.primaryKey().autoIncrement().notNull())
      .addColumn("model", "text", (column) => column.notNull())
      .addColumn("version", "text", (column) => column.notNull())
      .addColumn("kind", "text", (column) => column.notNull())
      .addColumn("at", "integer", (column) => column.notNull())
      .addColumn("actor", "text", (column) => column.notNull())
      .addColumn("comment", "text")
      .addCheckConstraint("model_archive_kind", sql`kind in ('archived', 'restored')`)
      .modifyEnd(sql`strict`)
      .execute();
    await db.schema
      .createIndex("model_archive_newest")
      .on("model_archive_step")
      .columns(["model", "version", "seq"])
      .execute();
  },
};
