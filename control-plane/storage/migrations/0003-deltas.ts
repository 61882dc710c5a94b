import type { Kysely, Migration } from "kysely";
import { sql } from "kysely";

/** See schema.ts for the words. A migration that has been published is never changed. */
export const deltas: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("delta")
      .addColumn("base", "text", (column) => column.notNull())
      .addColumn("target", "text", (column) => column.notNull())
      .addColumn("digest", "text")
      .addColumn("size", "integer")
      .addColumn("reason", "text")
      .addColumn("made_at", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("delta_key", ["base", "target"])
      .addCheckConstraint(
        "delta_outcome",
        sql`(digest is null) = (size is null) and (digest is null) <> (reason is null)`,
      )
      .modifyEnd(sql`strict`)
      .execute();
  },
};
