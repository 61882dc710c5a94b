import type { EnrolmentTokenStore } from "../application/stores.ts";
import { fromJson, toJson } from "./row-mapping.ts";
import type { Session } from "./session.ts";

export function createEnrolmentTokenStore(session: Session): EnrolmentTokenStore {
  return {
    add: (token) =>
      session.write(async ({ sql }) => {
        await sql
          .insertInto("enrolment_token")
          .values({
            hash: token.hash,
            labels_json: toJson(token.labels),
            created_at: token.createdAtMs,
            expires_at: token.expiresAtMs,
          })
          .execute();
      }),
    // One statement finds and uses the token, so two callers cannot both find it unused.
    take: (hash, device, atMs) =>
      session.write(async ({ sql }) => {
        const row = await sql
          .updateTable("enrolment_token")
          .set({ used_at: atMs, used_by: device })
          .where("hash", "=", hash)
          .where("used_at", "is", null)
          .where("expires_at", ">", atMs)
          .returning("labels_json")
          .executeTakeFirst();
        return row && { labels: fromJson(row.labels_json) };
      }),
  };
}
