import type { Selectable } from "kysely";
import type { ModelName, SampleRequestId } from "../../proto/ids.ts";
import type { SampleCondition } from "../../proto/sample-condition.ts";
import type { SampleRequestStore } from "../application/telemetry-stores.ts";
import type { SampleRequestProgress, StoredSampleRequest } from "../domain/sample-request.ts";
import type { SampleRequestTable } from "./sample-schema.ts";
import type { Session } from "./session.ts";
import { noteDeleted } from "./stored-families.ts";

/** Requests that one deletion takes at most: each may have a row for every device. */
const deletedPerSlice = 10;

/** Requests for samples, and what came for each. */
export function sampleRequestStore(session: Session): SampleRequestStore {
  return {
    addRequest: (request) =>
      session.write(async ({ sql }) => {
        const { id, model, selector, count, total, where, untilMs, askedAtMs, askedBy } = request;
        await sql
          .insertInto("sample_request")
          .values({
            id,
            model,
            selector,
            count,
            total: total ?? null,
            condition: where ?? null,
            until: untilMs,
            asked_at: askedAtMs,
            asked_by: askedBy,
            ended_at: null,
            ended_by: null,
          })
          .execute();
      }),
    endRequest: (id, atMs, by) =>
      session.write(async ({ sql }) => {
        await sql
          .updateTable("sample_request")
          .set({ ended_at: atMs, ended_by: by ?? null })
          .where("id", "=", id)
          .where("ended_at", "is", null)
          .execute();
      }),
    countForRequest: (id, device) =>
      session.write(async ({ sql }) => {
        const { came } = await sql
          .insertInto("sample_request_device")
          .values({ request: id, device, came: 1 })
          .onConflict((conflict) =>
            conflict.columns(["request", "device"]).doUpdateSet((builder) => ({
              came: builder("sample_request_device.came", "+", 1),
            })),
          )
          .returning("came")
          .executeTakeFirstOrThrow();
        await sql
          .updateTable("sample_request")
          .set((builder) => ({
            came: builder("came", "+", 1),
            devices: builder("devices", "+", came === 1 ? 1 : 0),
          }))
          .where("id", "=", id)
          .execute();
      }),
    deleteRequestsBefore: (ms) =>
      session.write(async (connection) => {
        const { sql } = connection;
        const old = await sql
          .selectFrom("sample_request")
          .select("id")
          .where((row) => row.or([row("until", "<", ms), row("ended_at", "<", ms)]))
          .limit(deletedPerSlice)
          .execute();
        const ids = old.map(({ id }) => id);
        if (ids.length === 0) return 0;
        await sql.deleteFrom("sample_request_device").where("request", "in", ids).execute();
        await sql.deleteFrom("sample_request").where("id", "in", ids).execute();
        noteDeleted(connection, "sample-requests", { rows: ids.length, bytes: 0 });
        return ids.length;
      }),
    cameForRequest: (id, device) =>
      session.read(async ({ sql }) => {
        const row = await sql
          .selectFrom("sample_request_device")
          .select("came")
          .where("request", "=", id)
          .where("device", "=", device)
          .executeTakeFirst();
        return row?.came ?? 0;
      }),
    request: (id) =>
      session.read(async ({ sql }) => {
        const row = await sql.selectFrom("sample_request").selectAll().where("id", "=", id).executeTakeFirst();
        return row && progressOf(row);
      }),
    requests: (atMs) =>
      session.read(async ({ sql }) => {
        const rows = await sql
          .selectFrom("sample_request")
          .selectAll()
          .where("until", ">", atMs)
          .where("ended_at", "is", null)
          .orderBy("asked_at")
          .orderBy("id")
          .execute();
        return rows.map(requestOf);
      }),
    newestRequests: ({ model, openAtMs, limit }) =>
      session.read(async ({ sql }) => {
        let rows = sql
          .selectFrom("sample_request")
          .selectAll()
          .orderBy("asked_at", "desc")
          .orderBy("id", "desc")
          .limit(limit);
        if (model !== undefined) rows = rows.where("model", "=", model);
        if (openAtMs !== undefined) rows = rows.where("until", ">", openAtMs).where("ended_at", "is", null);
        return (await rows.execute()).map(progressOf);
      }),
  };
}

function progressOf(row: Selectable<SampleRequestTable>): SampleRequestProgress {
  return { ...requestOf(row), came: row.came, devices: row.devices };
}

function requestOf(row: Selectable<SampleRequestTable>): StoredSampleRequest {
  return {
    id: row.id as SampleRequestId,
    model: row.model as ModelName,
    selector: row.selector,
    count: row.count,
    total: row.total ?? undefined,
    where: (row.condition ?? undefined) as SampleCondition | undefined,
    untilMs: row.until,
    askedAtMs: row.asked_at,
    askedBy: row.asked_by,
    ended: row.ended_at === null ? undefined : { atMs: row.ended_at, by: row.ended_by ?? undefined },
  };
}
