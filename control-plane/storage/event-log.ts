import type { Selectable } from "kysely";
import type { DeviceId, RolloutId } from "../../proto/ids.ts";
import type { EventLog, FleetEvent } from "../application/ports.ts";
import { fromNull, toNull } from "./row-mapping.ts";
import type { FleetEventTable } from "./schema.ts";
import type { Session } from "./session.ts";

/** Rows that one call of `deleteBefore` takes at most. */
const deletedPerSlice = 1_000;

/** `added` is called once for each event, after its commit. */
export function createEventLog(session: Session, added: () => void): EventLog {
  return {
    add: (event) =>
      session.write(async ({ sql }, afterCommit) => {
        const { seq } = await sql
          .insertInto("fleet_event")
          .values({
            at: event.atMs,
            kind: event.kind,
            device: toNull(event.device),
            rollout: toNull(event.rollout),
            actor: toNull(event.by),
            text: event.text,
          })
          .returning("seq")
          .executeTakeFirstOrThrow();
        afterCommit(added);
        return { ...event, seq };
      }),
    after: (seq, limit) =>
      session.read(async ({ sql }) => {
        const rows = await sql
          .selectFrom("fleet_event")
          .selectAll()
          .where("seq", ">", seq)
          .orderBy("seq")
          .limit(limit)
          .execute();
        return rows.map(eventOf);
      }),
    last: (limit) =>
      session.read(async ({ sql }) => {
        const rows = await sql.selectFrom("fleet_event").selectAll().orderBy("seq", "desc").limit(limit).execute();
        return rows.reverse().map(eventOf);
      }),
    lastOf: (device, limit) =>
      session.read(async ({ sql }) => {
        const rows = await sql
          .selectFrom("fleet_event")
          .selectAll()
          .where("device", "=", device)
          .orderBy("seq", "desc")
          .limit(limit)
          .execute();
        return rows.reverse().map(eventOf);
      }),
    deleteBefore: (ms) =>
      session.write(async ({ sql }) => {
        const oldest = await sql
          .selectFrom("fleet_event")
          .select(["seq", "at"])
          .orderBy("seq")
          .limit(deletedPerSlice)
          .execute();
        // In the order in which they came: a clock that was set back cannot make it pass over the whole log.
        const kept = oldest.findIndex(({ at }) => at >= ms);
        const last = oldest[(kept === -1 ? oldest.length : kept) - 1];
        if (last === undefined) return 0;
        const { numDeletedRows } = await sql.deleteFrom("fleet_event").where("seq", "<=", last.seq).executeTakeFirst();
        return Number(numDeletedRows);
      }),
  };
}

function eventOf(row: Selectable<FleetEventTable>): FleetEvent {
  return {
    seq: row.seq,
    atMs: row.at,
    kind: row.kind,
    device: fromNull(row.device) as DeviceId | undefined,
    rollout: fromNull(row.rollout) as RolloutId | undefined,
    ...(row.actor !== null && { by: row.actor }),
    text: row.text,
  };
}
