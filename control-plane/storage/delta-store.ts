import type { Selectable } from "kysely";
import type { Digest } from "../../proto/ids.ts";
import type { DeltaRecord, DeltaStore } from "../application/ports.ts";
import type { DeltaTable } from "./schema.ts";
import type { Session } from "./session.ts";

export function createDeltaStore(session: Session): DeltaStore {
  return {
    get: (base, target) =>
      session.read(async ({ sql }) => {
        const row = await sql
          .selectFrom("delta")
          .selectAll()
          .where("base", "=", base)
          .where("target", "=", target)
          .executeTakeFirst();
        return row && recordOf(row);
      }),
    put: (record) =>
      session.write(async ({ sql }) => {
        const found = {
          digest: record.kind === "made" ? record.digest : null,
          size: record.kind === "made" ? record.size : null,
          reason: record.kind === "useless" ? record.reason : null,
          made_at: record.madeAtMs,
        };
        await sql
          .insertInto("delta")
          .values({ base: record.base, target: record.target, ...found })
          .onConflict((conflict) => conflict.columns(["base", "target"]).doUpdateSet(found))
          .execute();
      }),
  };
}

function recordOf({ base, target, digest, size, reason, made_at }: Selectable<DeltaTable>): DeltaRecord {
  const about = { base: base as Digest, target: target as Digest, madeAtMs: made_at };
  return digest === null || size === null
    ? { ...about, kind: "useless", reason: reason ?? "" }
    : { ...about, kind: "made", digest: digest as Digest, size };
}
