import type { Kysely, Migration } from "kysely";
import { sql } from "kysely";

/** Settings of devices: every version that was made, and which of them each device is to have. */
export const deviceSettings: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable("settings_version")
      .addColumn("name", "text", (column) => column.notNull())
      .addColumn("version", "integer", (column) => column.notNull())
      .addColumn("values_json", "text", (column) => column.notNull())
      .addColumn("selector", "text", (column) => column.notNull())
      .addColumn("priority", "integer", (column) => column.notNull())
      .addColumn("comment", "text", (column) => column.notNull())
      .addColumn("created_at", "integer", (column) => column.notNull())
      .addColumn("created_by", "text", (column) => column.notNull())
      .addPrimaryKeyConstraint("settings_version_key", ["name", "version"])
      .modifyEnd(sql`strict`)
      .execute();
    await db.schema
      .alterTable("desired_state")
      .addColumn("settings_json", "text", (column) => column.notNull().defaultTo("[]"))
      .execute();
    await db.schema.alterTable("desired_state").addColumn("models_wanted", "text").execute();
    // Until now a generation was raised by a wish for a model and by nothing else.
    await sql`update desired_state set models_wanted = 'yes' where generation > 0`.execute(db);
  },
};
