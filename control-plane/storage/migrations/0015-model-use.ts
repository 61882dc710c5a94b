import type { Kysely, Migration } from "kysely";
import { sql } from "kysely";

/** How models are used on each device: what is usual there. */
export const modelUse: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("model_use")
      .addColumn("device", "text", (column) => column.notNull())
      .addColumn("model", "text", (column) => column.notNull())
      .addColumn("use_json", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("model_use_key", ["device", "model"])
      .modifyEnd(sql`strict`)
      .execute();
  },
};
