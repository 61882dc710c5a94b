import type { Kysely, Migration } from "kysely";
import { sql } from "kysely";

/**
 * What came for a request stands in its own row too: with ten thousand devices, to add it up anew for every sample that comes and for
 * every line of a list would hold up everybody. And indexes for what is asked often: the samples of one request, the alerts that are open.
 */
export const countedRequests: Migration = {
  async up(db: Kysely<unknown>) {
    for (const column of ["came", "devices"])
      await db.schema
        .alterTable("sample_request")
        .addColumn(column, "integer", (definition) => definition.notNull().defaultTo(0))
        .execute();
    await sql`update sample_request set
      came = (select coalesce(sum(came), 0) from sample_request_device where request = sample_request.id),
      devices = (select count(*) from sample_request_device where request = sample_request.id)`.execute(db);
    await sql`create index sample_asked on sample (request, id) where request is not null`.execute(db);
    await sql`create index drift_alert_open on drift_alert (stream, opened_at, id) where closed_at is null`.execute(db);
  },
};
