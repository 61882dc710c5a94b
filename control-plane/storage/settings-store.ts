import type { Selectable } from "kysely";
import type { SettingsName } from "../../proto/ids.ts";
import type { SettingsStore } from "../application/stores.ts";
import type { SettingsVersion } from "../domain/settings-version.ts";
import { fromJson, toJson } from "./row-mapping.ts";
import type { SettingsVersionTable } from "./schema.ts";
import type { Session } from "./session.ts";

export function createSettingsStore(session: Session): SettingsStore {
  return {
    add: ({ name, version, values, selector, priority, comment, createdAtMs, createdBy }) =>
      session.write(async ({ sql }) => {
        const { numInsertedOrUpdatedRows } = await sql
          .insertInto("settings_version")
          .values({
            name,
            version,
            values_json: toJson(values),
            selector,
            priority,
            comment,
            created_at: createdAtMs,
            created_by: createdBy,
          })
          .onConflict((conflict) => conflict.doNothing())
          .executeTakeFirst();
        return Number(numInsertedOrUpdatedRows) === 1;
      }),
    get: (name, version) =>
      session.read(async ({ sql }) => {
        const row = await sql
          .selectFrom("settings_version")
          .selectAll()
          .where("name", "=", name)
          .where("version", "=", version)
          .executeTakeFirst();
        return row && versionOf(row);
      }),
    versions: (name) =>
      session.read(async ({ sql }) => {
        const rows = sql.selectFrom("settings_version").selectAll().where("name", "=", name).orderBy("version");
        return (await rows.execute()).map(versionOf);
      }),
    newest: () =>
      session.read(async ({ sql }) => {
        const rows = await sql.selectFrom("settings_version").selectAll().orderBy("name").orderBy("version").execute();
        return [...new Map(rows.map((row) => [row.name, versionOf(row)])).values()];
      }),
  };
}

function versionOf(row: Selectable<SettingsVersionTable>): SettingsVersion {
  return {
    name: row.name as SettingsName,
    version: row.version,
    values: fromJson(row.values_json),
    selector: row.selector,
    priority: row.priority,
    comment: row.comment,
    createdAtMs: row.created_at,
    createdBy: row.created_by,
  };
}
