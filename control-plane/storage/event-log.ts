import type { Selectable } from "kysely";
import { sql as raw } from "kysely";
import type { DeviceId, RolloutId } from "../../proto/ids.ts";
import type { EventLog, FleetEvent } from "../application/ports.ts";
import { fromNull, toNull } from "./row-mapping.ts";
import type { FleetEventTable } from "./schema.ts";
import type { Connection, Session } from "./session.ts";
import { amountOf, beyond, bytesStored, noteDeleted, noteStored, rowBytes } from "./stored-families.ts";

/**
 * Of one device, about: a device tells of what happens to it as often as it likes, and must not push out what others told. What a person did
 * to it, and that it was enrolled, stays.
 */
const keptPerDevice = 2_000;
/** Each look costs some microseconds, so not every event is one. */
const trimEvery = 64;

/** Rows that one deletion takes at most, so that writers behind it wait for milliseconds. */
const deletedPerSlice = 1_000;

/** `added` is called once for each event, after its commit. */
export function createEventLog(session: Session, added: () => void): EventLog {
  return {
    add: (event) =>
      session.write(async (connection, afterCommit) => {
        const { seq } = await connection.sql
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
        noteStored(connection, "events", { rows: 1, bytes: Buffer.byteLength(event.text) + rowBytes.events });
        if (event.device !== undefined && seq % trimEvery === 0) await trim(connection, event.device);
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

async function trim(connection: Connection, device: DeviceId): Promise<void> {
  const { sql } = connection;
  const oldest = sql
    .selectFrom("fleet_event")
    .select("seq")
    .where("device", "=", device)
    .orderBy("seq", "desc")
    .limit(1)
    .offset(keptPerDevice);
  const beyondThem = sql
    .selectFrom("fleet_event")
    .select("seq")
    .where("device", "=", device)
    .where("seq", "<=", oldest)
    .where("actor", "is", null)
    .where("kind", "!=", "device.enrolled")
    .limit(deletedPerSlice);
  const gone = await sql
    .deleteFrom("fleet_event")
    .where("seq", "in", beyondThem)
    .returning(raw<number>`octet_length(text) + ${rowBytes.events}`.as("bytes"))
    .execute();
  noteDeleted(connection, "events", amountOf(gone));
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
