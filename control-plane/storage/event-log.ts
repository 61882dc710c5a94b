import type { Selectable } from "kysely";
import { sql as raw } from "kysely";
import type { DeviceId, RolloutId } from "../../proto/ids.ts";
import type { EventLog, FleetEvent } from "../application/ports.ts";
import { fromNull, toNull } from "./row-mapping.ts";
import type { FleetEventTable } from "./schema.ts";
import type { Connection, Session } from "./session.ts";
import { amountOf, beyond, bytesStored, noteDeleted, noteStored, rowBytes } from "./stored-families.ts";

/** Rows that one deletion takes at most, so that writers behind it wait for milliseconds. */
const deletedPerSlice = 1_000;

/** `added` is called once for each event, after its commit. */
export function createEventLog(session: Session, added: () => void): EventLog {
  return {
    add: (event) =>
      session.write(async ({ sql, handle }, afterCommit) => {
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
        noteStored({ handle }, "events", { rows: 1, bytes: Buffer.byteLength(event.text) + rowBytes.events });
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
      session.write(async (connection) => {
        const oldest = await oldestOf(connection);
        // In the order in which they came: a clock that was set back cannot make it pass over the whole log.
        const kept = oldest.findIndex(({ at }) => at >= ms);
        return remove(connection, kept === -1 ? oldest : oldest.slice(0, kept));
      }),
    deleteBeyond: (bytes) =>
      session.write(async (connection) => {
        const stored = bytesStored(connection, "events");
        return stored <= bytes ? 0 : remove(connection, beyond(await oldestOf(connection), stored, bytes));
      }),
  };
}

type OldEvent = { readonly seq: number; readonly at: number; readonly bytes: number };

function oldestOf({ sql }: Connection): Promise<readonly OldEvent[]> {
  return sql
    .selectFrom("fleet_event")
    .select(["seq", "at", raw<number>`octet_length(text) + ${rowBytes.events}`.as("bytes")])
    .orderBy("seq")
    .limit(deletedPerSlice)
    .execute();
}

async function remove(connection: Connection, oldest: readonly OldEvent[]): Promise<number> {
  const last = oldest.at(-1);
  if (last === undefined) return 0;
  await connection.sql.deleteFrom("fleet_event").where("seq", "<=", last.seq).execute();
  noteDeleted(connection, "events", amountOf(oldest));
  return oldest.length;
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
