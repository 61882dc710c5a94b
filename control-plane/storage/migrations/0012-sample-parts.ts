import type { Kysely, Migration } from "kysely";
import { sql } from "kysely";

/** Samples that come in parts, until the last is here. */
export const sampleParts: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("sample_part")
      .addColumn("device", "text", (column) => column.notNull())
      .addColumn("part", "integer", (column) => column.notNull())
      .addColumn("received_at", "integer", (column) => column.notNull())
      .addColumn("ephemeral_key", "blob", (column) => column.notNull())
      .addColumn("ciphertext", "blob", (column) => column.notNull())
      .addPrimaryKeyConstraint("sample_part_key", ["device", "part"])
      .modifyEnd(sql`strict`)
      .execute();
  },
};
