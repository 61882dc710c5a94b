import type { Selectable } from "kysely";
import type { ModelName, ModelVersion } from "../../proto/ids.ts";
import type { DriftAlertRecord, DriftStore } from "../application/telemetry-stores.ts";
import { fromJson, fromNull, toJson, toNull } from "./row-mapping.ts";
import type { DriftAlertTable } from "./telemetry-schema.ts";
import type { Session } from "./session.ts";
import { noteDeleted } from "./stored-families.ts";

/** Rows that one deletion takes at most. */
const deletedPerSlice = 500;

export function createDriftStore(session: Session): DriftStore {
  return {
    load: () =>
      session.read(async ({ sql }) => {
        const rows = await sql.selectFrom("drift_monitor").selectAll().orderBy("stream").execute();
        return rows.map((row) => ({ stream: row.stream, state: fromJson(row.state_json) }));
      }),
    save: (states) =>
      session.write(async ({ sql }) => {
        for (const { stream, state } of states) {
          const state_json = toJson(state);
          await sql
            .insertInto("drift_monitor")
            .values({ stream, state_json })
            .onConflict((conflict) => conflict.column("stream").doUpdateSet({ state_json }))
            .execute();
        }
      }),
    addAlert: (alert) =>
      session.write(async ({ sql }) => {
        await sql
          .insertInto("drift_alert")
          .values({
            id: alert.id,
            model: alert.model,
            version: alert.version,
            scope: alert.scope,
            scope_kind: alert.scopeKind,
            stream: alert.stream,
            opened_at: alert.openedAtMs,
            closed_at: toNull(alert.closedAtMs),
            reason: alert.reason,
            score: alert.score,
          })
          .execute();
      }),
    closeAlert: (id, atMs, reason) =>
      session.write(async ({ sql }) => {
        await sql
          .updateTable("drift_alert")
          .set({ closed_at: atMs, reason })
          .where("id", "=", id)
          .where("closed_at", "is", null)
          .execute();
      }),
    alerts: ({ state, model, before, limit } = {}) =>
      session.read(async ({ sql }) => {
        let rows = sql.selectFrom("drift_alert").selectAll().orderBy("opened_at", "desc").orderBy("id", "desc");
        if (state !== undefined) rows = rows.where("closed_at", state === "open" ? "is" : "is not", null);
        if (model !== undefined) rows = rows.where("model", "=", model);
        if (before !== undefined)
          rows = rows.where((row) =>
            row(row.refTuple("opened_at", "id"), "<", row.tuple(before.openedAtMs, before.id)),
          );
        if (limit !== undefined) rows = rows.limit(limit);
        return (await rows.execute()).map(alertOf);
      }),
    countOpenAlerts: () =>
      session.read(async ({ sql }) => {
        const { count } = await sql
          .selectFrom("drift_alert")
          .select((row) => row.fn.countAll<number>().as("count"))
          .where("closed_at", "is", null)
          .executeTakeFirstOrThrow();
        return count;
      }),
    deleteClosedBefore: (ms) =>
      session.write(async (connection) => {
        const { sql } = connection;
        const old = sql.selectFrom("drift_alert").select("id").where("closed_at", "<", ms).limit(deletedPerSlice);
        const gone = await sql.deleteFrom("drift_alert").where("id", "in", old).executeTakeFirst();
        noteDeleted(connection, "alerts", { rows: Number(gone.numDeletedRows), bytes: 0 });
        return Number(gone.numDeletedRows);
      }),
    openAlertsOf: (stream) =>
      session.read(async ({ sql }) => {
        const rows = await sql
          .selectFrom("drift_alert")
          .selectAll()
          .where("stream", "=", stream)
          .where("closed_at", "is", null)
          .orderBy("opened_at")
          .orderBy("id")
          .execute();
        return rows.map(alertOf);
      }),
  };
}

function alertOf(row: Selectable<DriftAlertTable>): DriftAlertRecord {
  return {
    id: row.id,
    model: row.model as ModelName,
    version: row.version as ModelVersion,
    scope: row.scope,
    scopeKind: row.scope_kind as DriftAlertRecord["scopeKind"],
    stream: row.stream,
    openedAtMs: row.opened_at,
    closedAtMs: fromNull(row.closed_at),
    reason: row.reason,
    score: row.score,
  };
}
