import type { Selectable } from "kysely";
import type { ModelName, ModelVersion } from "../../proto/ids.ts";
import type { AliasStore } from "../application/stores.ts";
import type { AliasMove } from "../domain/model-alias.ts";
import { fromNull, toNull } from "./row-mapping.ts";
import type { ModelAliasMoveTable } from "./schema.ts";
import type { Session } from "./session.ts";

export function createAliasStore(session: Session): AliasStore {
  return {
    add: (move) =>
      session.write(async ({ sql }) => {
        await sql
          .insertInto("model_alias_move")
          .values({
            model: move.model,
            alias: move.alias,
            version: toNull(move.version),
            moved_at: move.movedAtMs,
            moved_by: move.movedBy,
            comment: toNull(move.comment),
          })
          .execute();
      }),
    moves: (model) =>
      session.read(async ({ sql }) => {
        const all = sql.selectFrom("model_alias_move").selectAll().orderBy("seq");
        const rows = await (model === undefined ? all : all.where("model", "=", model)).execute();
        return rows.map(moveOf);
      }),
  };
}

function moveOf(row: Selectable<ModelAliasMoveTable>): AliasMove {
  return {
    seq: row.seq,
    model: row.model as ModelName,
    alias: row.alias,
    version: fromNull(row.version) as ModelVersion | undefined,
    movedAtMs: row.moved_at,
    movedBy: row.moved_by,
    comment: fromNull(row.comment),
  };
}
