import type { OperatorStore } from "../application/stores.ts";
import type { Session } from "./session.ts";

export function createOperatorStore(session: Session): OperatorStore {
  return {
    add: ({ name, addedAtMs, addedBy }, tokenHash) =>
      session.write(async ({ sql }) => {
        const added = await sql
          .insertInto("operator")
          .values({ name, token_hash: tokenHash, added_at: addedAtMs, added_by: addedBy })
          .onConflict((conflict) => conflict.column("name").doNothing())
          .returning("name")
          .executeTakeFirst();
        return added !== undefined;
      }),
    remove: (name) =>
      session.write(async ({ sql }) => {
        const { numDeletedRows } = await sql.deleteFrom("operator").where("name", "=", name).executeTakeFirst();
        return numDeletedRows > 0n;
      }),
    named: (tokenHash) =>
      session.read(async ({ sql }) => {
        const row = await sql
          .selectFrom("operator")
          .select("name")
          .where("token_hash", "=", tokenHash)
          .executeTakeFirst();
        return row?.name;
      }),
    list: () =>
      session.read(async ({ sql }) => {
        const rows = await sql.selectFrom("operator").selectAll().orderBy("name").execute();
        return rows.map((row) => ({ name: row.name, addedAtMs: row.added_at, addedBy: row.added_by }));
      }),
  };
}
