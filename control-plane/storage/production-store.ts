import type { Kysely, Selectable } from "kysely";
import type { DeviceId, ModelName, ModelVersion } from "../../proto/ids.ts";
import type { ProductionStore } from "../application/stores.ts";
import type { ProductionStretch } from "../domain/production.ts";
import { fromNull } from "./row-mapping.ts";
import type { ProductionTable, Schema } from "./schema.ts";
import type { Session } from "./session.ts";

/** Kept of each device: years of one that gets another version every day. */
const stretchesOfDevice = 2_000;

export function createProductionStore(session: Session): ProductionStore {
  return {
    running: (device) =>
      session.read(async ({ sql }) => {
        const rows = await sql
          .selectFrom("production")
          .selectAll()
          .where("device", "=", device)
          .where("ended_at", "is", null)
          .orderBy("seq")
          .execute();
        return rows.map(stretchOf);
      }),
    change: (device, { ended, begun }, atMs) =>
      session.write(async ({ sql }) => {
        for (const model of ended)
          await sql
            .updateTable("production")
            .set({ ended_at: atMs })
            .where("device", "=", device)
            .where("model", "=", model)
            .where("ended_at", "is", null)
            .execute();
        for (const { model, version, variant } of begun)
          await sql
            .insertInto("production")
            .values({ device, model, version, variant, started_at: atMs, ended_at: null })
            .execute();
        if (begun.length > 0) await forgetOldest(sql, device);
      }),
    of: (model) =>
      session.read(async ({ sql }) => {
        const rows = await sql.selectFrom("production").selectAll().where("model", "=", model).orderBy("seq").execute();
        return rows.map(stretchOf);
      }),
  };
}

/** It begins as many as it likes, with whatever names: that must not fill a table that is kept for ever. */
async function forgetOldest(sql: Kysely<Schema>, device: DeviceId): Promise<void> {
  const newest = sql.selectFrom("production").select("seq").where("device", "=", device).orderBy("seq", "desc");
  await sql
    .deleteFrom("production")
    .where("device", "=", device)
    .where("ended_at", "is not", null)
    .where("seq", "<=", newest.limit(1).offset(stretchesOfDevice))
    .execute();
}

function stretchOf(row: Selectable<ProductionTable>): ProductionStretch {
  return {
    device: row.device as DeviceId,
    model: row.model as ModelName,
    version: row.version as ModelVersion,
    variant: row.variant,
    startedAtMs: row.started_at,
    endedAtMs: fromNull(row.ended_at),
  };
}
