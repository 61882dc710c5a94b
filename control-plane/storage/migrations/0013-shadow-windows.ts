import type { Kysely, Migration } from "kysely";
import { sql } from "kysely";

/**
 * Windows of a version in shadow are kept beside those in which it answered, under a number of their own: whoever asks for the one does
 * not find the other.
 */
export const shadowWindows: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable("telemetry_package").renameTo("telemetry_package_before").execute();
    await db.schema
      .createTable("telemetry_package")
      .addColumn("no", "integer", (column) => column.primaryKey().notNull())
      .addColumn("digest", "text", (column) => column.notNull())
      .addColumn("in_shadow", "integer", (column) => column.notNull())
      .addUniqueConstraint("telemetry_package_part", ["digest", "in_shadow"])
      .modifyEnd(sql`strict`)
      .execute();
    await sql`insert into telemetry_package select no, digest, 0 from telemetry_package_before`.execute(db);
    await db.schema.dropTable("telemetry_package_before").execute();
  },
};
