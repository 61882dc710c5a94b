import type { Kysely, Migration } from "kysely";
import { sql } from "kysely";

/** Requests for samples that have a condition, a total and an end of their own, and what came for each of them. */
export const steeredRequests: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable("sample_request").addColumn("condition", "text").execute();
    await db.schema.alterTable("sample_request").addColumn("total", "integer").execute();
    await db.schema.alterTable("sample_request").addColumn("ended_at", "integer").execute();
    await db.schema.alterTable("sample_request").addColumn("ended_by", "text").execute();
    await db.schema
      .createTable("sample_request_device")
      .addColumn("request", "text", (column) => column.notNull())
      .addColumn("device", "text", (column) => column.notNull())
      .addColumn("came", "integer", (column) => column.notNull())
      .addPrimaryKeyConstraint("sample_request_device_key", ["request", "device"])
      .modifyEnd(sql`strict`)
      .execute();
    await db.schema.alterTable("sample").addColumn("request", "text").execute();
  },
};
