import type { Selectable } from "kysely";
import type { DeviceId, RolloutId } from "../../proto/ids.ts";
import type { RolloutStore } from "../application/stores.ts";
import type { DeviceUpdate, DeviceUpdateState, Incumbent, Rollout, RolloutPhase } from "../domain/rollout/rollout.ts";
import { fromJson, fromNull, fromOptionalJson, toJson, toNull, toOptionalJson } from "./row-mapping.ts";
import type { DeviceUpdateTable, RolloutTable } from "./schema.ts";
import type { Connection, Session } from "./session.ts";
import { noteDeleted } from "./stored-families.ts";

/** Rows of one statement: SQLite takes 32,766 values, a row has eight. */
const rowsPerStatement = 1_000;

/** Rollouts whose updates one deletion takes at most: each has one for every device. */
const deletedPerSlice = 2;

const overPhases: readonly RolloutPhase["kind"][] = ["complete", "aborted", "rolled-back"];

export function createRolloutStore(session: Session): RolloutStore {
  return {
    add: (rollout) =>
      session.write(async ({ sql }) => {
        await sql.insertInto("rollout").values(rolloutColumns(rollout)).execute();
      }),
    get: (id) =>
      session.read(async ({ sql }) => {
        const row = await sql.selectFrom("rollout").selectAll().where("id", "=", id).executeTakeFirst();
        return row && rolloutOf(row);
      }),
    list: () =>
      session.read(async ({ sql }) =>
        (await sql.selectFrom("rollout").selectAll().orderBy("created_at").orderBy("id").execute()).map(rolloutOf),
      ),
    page: (after, limit) =>
      session.read(async ({ sql }) => {
        let query = sql.selectFrom("rollout").selectAll().orderBy("created_at", "desc").orderBy("id", "desc");
        if (after !== undefined) {
          const last = await sql.selectFrom("rollout").selectAll().where("id", "=", after).executeTakeFirst();
          if (last === undefined) return undefined;
          query = query.where((is) =>
            is.or([
              is("created_at", "<", last.created_at),
              is.and([is("created_at", "=", last.created_at), is("id", "<", last.id)]),
            ]),
          );
        }
        return (await query.limit(limit).execute()).map(rolloutOf);
      }),
    live: () => session.read(async (connection) => (await liveRows(connection)).map(rolloutOf)),
    countByPhase: () =>
      session.read(async ({ sql }) => {
        const rows = await sql
          .selectFrom("rollout")
          .select((row) => ["phase", row.fn.countAll<number>().as("count")])
          .groupBy("phase")
          .execute();
        const counts = { running: 0, paused: 0, "rolling-back": 0, complete: 0, aborted: 0, "rolled-back": 0 };
        for (const { phase, count } of rows) counts[phase as keyof typeof counts] = count;
        return counts;
      }),
    save: (rollout) =>
      session.write(async ({ sql }) => {
        await sql.updateTable("rollout").set(rolloutColumns(rollout)).where("id", "=", rollout.id).execute();
      }),
    updates: (id) =>
      session.read(async ({ sql }) => {
        const rows = await sql
          .selectFrom("device_update")
          .selectAll()
          .where("rollout", "=", id)
          .orderBy("stage")
          .orderBy("device")
          .execute();
        return rows.map(updateOf);
      }),
    deleteUpdatesBefore: (ms) =>
      session.write(async (connection) => {
        const { sql } = connection;
        const live = (await liveRows(connection)).map(({ id }) => id);
        const over = await sql
          .selectFrom("rollout")
          .select("id")
          .where("created_at", "<", ms)
          .where("id", "not in", live)
          .where((row) =>
            row.exists(
              row
                .selectFrom("device_update")
                .select("device_update.device")
                .whereRef("device_update.rollout", "=", "rollout.id"),
            ),
          )
          .limit(deletedPerSlice)
          .execute();
        if (over.length === 0) return 0;
        const { numDeletedRows } = await sql
          .deleteFrom("device_update")
          .where(
            "rollout",
            "in",
            over.map(({ id }) => id),
          )
          .executeTakeFirst();
        noteDeleted(connection, "device-updates", { rows: Number(numDeletedRows), bytes: 0 });
        return over.length;
      }),
    saveUpdates: (id, updates) =>
      session.write(async ({ sql }) => {
        for (let start = 0; start < updates.length; start += rowsPerStatement) {
          const rows = updates.slice(start, start + rowsPerStatement).map((update) => updateColumns(id, update));
          await sql
            .insertInto("device_update")
            .values(rows)
            .onConflict((conflict) =>
              conflict.columns(["rollout", "device"]).doUpdateSet((row) => ({
                stage: row.ref("excluded.stage"),
                state: row.ref("excluded.state"),
                incumbent_json: row.ref("excluded.incumbent_json"),
                assigned_at: row.ref("excluded.assigned_at"),
                settled_at: row.ref("excluded.settled_at"),
                reason: row.ref("excluded.reason"),
              })),
            )
            .execute();
        }
      }),
  };
}

async function liveRows({ sql }: Connection): Promise<readonly Selectable<RolloutTable>[]> {
  const rows = await sql
    .selectFrom("rollout")
    .selectAll()
    .where(
      "phase",
      "not in",
      overPhases.filter((phase) => phase !== "complete"),
    )
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .execute();
  const completeModels = new Set<string>();
  const live = rows.filter((row) => {
    if (row.phase !== "complete") return true;
    if (completeModels.has(row.model)) return false;
    completeModels.add(row.model);
    return true;
  });
  return live.reverse();
}

function rolloutColumns(rollout: Rollout): RolloutTable {
  return {
    id: rollout.id,
    model: rollout.spec.kind === "model" ? rollout.spec.model : `settings/${rollout.spec.settings}`,
    created_at: rollout.createdAtMs,
    phase: rollout.phase.kind,
    rollout_json: toJson(rollout),
  };
}

/** While only models were rolled out, nothing was said of the kind. */
function rolloutOf(row: Selectable<RolloutTable>): Rollout {
  const stored = fromJson<Rollout>(row.rollout_json);
  return { ...stored, spec: ofModelUnlessSaid(stored.spec) };
}

function ofModelUnlessSaid<T extends { readonly kind: "model" | "settings" }>(
  stored: Omit<T, "kind"> & { readonly kind?: T["kind"] },
): T {
  return { kind: "model", ...stored } as T;
}

function updateColumns(rollout: RolloutId, update: DeviceUpdate): DeviceUpdateTable {
  return {
    rollout,
    device: update.device,
    stage: update.stage,
    state: update.state,
    incumbent_json: toOptionalJson(update.incumbent),
    assigned_at: toNull(update.assignedAtMs),
    settled_at: toNull(update.settledAtMs),
    reason: update.reason,
  };
}

function updateOf(row: Selectable<DeviceUpdateTable>): DeviceUpdate {
  const incumbent = fromOptionalJson<Incumbent>(row.incumbent_json);
  return {
    device: row.device as DeviceId,
    stage: row.stage,
    state: row.state as DeviceUpdateState,
    incumbent: incumbent && ofModelUnlessSaid(incumbent),
    assignedAtMs: fromNull(row.assigned_at),
    settledAtMs: fromNull(row.settled_at),
    reason: row.reason,
  };
}
