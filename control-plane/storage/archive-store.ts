import type { Selectable } from "kysely";
import type { ModelName, ModelVersion } from "../../proto/ids.ts";
import type { ArchiveStore } from "../application/stores.ts";
import type { ArchiveStep } from "../domain/model-archive.ts";
import { fromNull, toNull } from "./row-mapping.ts";
import type { ModelArchiveStepTable } from "./schema.ts";
import type { Session } from "./session.ts";

export function createArchiveStore(session: Session): ArchiveStore {
  return {
    add: (step) =>
      session.write(async ({ sql }) => {
        await sql
          .insertInto("model_archive_step")
          .values({
            model: step.model,
            version: step.version,
            kind: step.kind,
            at: step.atMs,
            actor: step.by,
            comment: toNull(step.comment),
          })
          .execute();
      }),
    steps: (model) =>
      session.read(async ({ sql }) => {
        const all = sql.selectFrom("model_archive_step").selectAll().orderBy("seq");
        const rows = await (model === undefined ? all : all.where("model", "=", model)).execute();
        return rows.map(stepOf);
      }),
  };
}

function stepOf(row: Selectable<ModelArchiveStepTable>): ArchiveStep {
  return {
    seq: row.seq,
    model: row.model as ModelName,
    version: row.version as ModelVersion,
    kind: row.kind as ArchiveStep["kind"],
    atMs: row.at,
    by: row.actor,
    comment: fromNull(row.comment),
  };
}
