import type { Kysely, Migration } from "kysely";
import { sql } from "kysely";

/** Operators have names, and what they do carries them; null where it was not kept, or no operator did it. */
export const operators: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("operator")
      .addColumn("name", "text", (column) => column.primaryKey().notNull())
      .addColumn("token_hash", "blob", (column) => column.notNull().unique())
      .addColumn("added_at", "integer", (column) => column.notNull())
      .addColumn("added_by", "text", (column) => column.notNull())
      .modifyEnd(sql`strict`)
      .execute();
    await db.schema.alterTable("fleet_event").addColumn("actor", "text").execute();
    await db.schema.alterTable("model_version").addColumn("pushed_by", "text").execute();
  },
};
