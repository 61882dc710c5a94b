import type { Kysely, Migration } from "kysely";
import { sql } from "kysely";

/** Every move of an alias is a row that stays; where an alias points now is what its newest row says. */
export const aliases: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("model_alias_move")
      .addColumn("seq", "integer", (column) => column.primaryKey().autoIncrement().notNull())
      .addColumn("model", "text", (column) => column.notNull())
      .addColumn("alias", "text", (column) => column.notNull())
      .addColumn("version", "text")
      .addColumn("moved_at", "integer", (column) => column.notNull())
      .addColumn("moved_by", "text", (column) => column.notNull())
      .addColumn("comment", "text")
      .modifyEnd(sql`strict`)
      .execute();
    await db.schema
      .createIndex("model_alias_move_newest")
      .on("model_alias_move")
      .columns(["model", "alias", "seq"])
      .execute();
  },
};
