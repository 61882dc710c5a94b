import type { Kysely, Migration } from "kysely";
import { sql } from "kysely";

/** Which variant a device found bad, with which runtime; a row goes when the device runs the variant after all. */
export const quarantine: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("variant_quarantine")
      .addColumn("package", "text", (column) => column.notNull())
      .addColumn("variant", "text", (column) => column.notNull())
      .addColumn("device", "text", (column) => column.notNull())
      .addColumn("runtime", "text", (column) => column.notNull())
      .addColumn("device_class", "text", (column) => column.notNull())
      .addColumn("cause", "text", (column) => column.notNull())
      .addColumn("reason", "text", (column) => column.notNull())
      .addColumn("since", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("variant_quarantine_key", ["package", "variant", "device", "runtime"])
      .modifyEnd(sql`strict`)
      .execute();
  },
};
