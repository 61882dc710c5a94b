import type { PublisherStore } from "../application/stores.ts";
import type { Session } from "./session.ts";

export function createPublisherStore(session: Session): PublisherStore {
  return {
    list: () =>
      session.read(async ({ sql }) => {
        const rows = await sql.selectFrom("publisher").selectAll().orderBy("added_at").orderBy("key_id").execute();
        return rows.map((row) => ({ keyId: row.key_id, publicKey: row.public_key, addedAtMs: row.added_at }));
      }),
    add: (key) =>
      session.write(async ({ sql }) => {
        await sql
          .insertInto("publisher")
          .values({ key_id: key.keyId, public_key: key.publicKey, added_at: key.addedAtMs })
          .onConflict((conflict) => conflict.column("key_id").doNothing())
          .execute();
      }),
  };
}
