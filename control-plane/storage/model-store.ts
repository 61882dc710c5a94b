import type { Selectable } from "kysely";
import type { Digest, ModelName, ModelVersion } from "../../proto/ids.ts";
import type { ModelStore } from "../application/stores.ts";
import type { ModelVersionRecord } from "../domain/model-version.ts";
import { fromJson, fromNull, toJson, toNull } from "./row-mapping.ts";
import type { ModelVersionTable } from "./schema.ts";
import type { Session } from "./session.ts";

export function createModelStore(session: Session): ModelStore {
  return {
    add: (record) =>
      session.write(async ({ sql }) => {
        const added = await sql
          .insertInto("model_version")
          .values({
            model: record.model,
            version: record.version,
            package: record.package,
            package_size: record.packageSize,
            manifest_json: toJson(record.manifest),
            publisher: record.publisher,
            pushed_at: record.pushedAtMs,
            pushed_by: toNull(record.pushedBy),
          })
          .onConflict((conflict) => conflict.columns(["model", "version"]).doNothing())
          .returning("model")
          .executeTakeFirst();
        return added !== undefined;
      }),
    get: (model, version) =>
      session.read(async ({ sql }) => {
        const row = await sql
          .selectFrom("model_version")
          .selectAll()
          .where("model", "=", model)
          .where("version", "=", version)
          .executeTakeFirst();
        return row && recordOf(row);
      }),
    byPackage: (digest) =>
      session.read(async ({ sql }) => {
        const row = await sql.selectFrom("model_version").selectAll().where("package", "=", digest).executeTakeFirst();
        return row && recordOf(row);
      }),
    list: () =>
      session.read(async ({ sql }) => {
        const rows = await sql.selectFrom("model_version").selectAll().orderBy("model").orderBy("pushed_at").execute();
        return rows.map(recordOf);
      }),
  };
}

function recordOf(row: Selectable<ModelVersionTable>): ModelVersionRecord {
  return {
    model: row.model as ModelName,
    version: row.version as ModelVersion,
    package: row.package as Digest,
    packageSize: row.package_size,
    manifest: fromJson(row.manifest_json),
    publisher: row.publisher,
    pushedAtMs: row.pushed_at,
    pushedBy: fromNull(row.pushed_by),
  };
}
