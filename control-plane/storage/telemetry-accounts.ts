import type { Database as SqliteHandle, Statement } from "better-sqlite3";
import { markOf } from "../application/record-mark.ts";
import type { LaneAccount, TelemetryEntry, TelemetryGap, TelemetryStore } from "../application/telemetry-stores.ts";
import type { Lane } from "../../proto/telemetry-messages.ts";
import { preparedOnce } from "./prepared-once.ts";
import { fromNull, toNull } from "./row-mapping.ts";
import type { Session } from "./session.ts";
import type { TelemetryCursorTable } from "./telemetry-schema.ts";

/**
 * The books of the lanes: how far each epoch has come, and what became of its records. A device has one epoch at a time and begins another
 * when its disk was made anew, so a few are all that it ever has; one that makes them up must not fill the table. So beyond some, the one
 * that began first is added to the row of the earlier epochs: what was received, dropped and lost stays counted, and the equation holds for
 * the sum as it held for its parts.
 */
export function telemetryAccounts(
  session: Session,
): Pick<TelemetryStore, "cursor" | "noteGap" | "lastMark" | "noteConflict" | "accounts"> {
  return {
    cursor: (device, lane, epoch) =>
      session.read(async ({ handle }) => {
        const row = statementsOf(handle).cursor.get(device, lane, epoch) as { through: number } | undefined;
        return row?.through ?? 0;
      }),
    noteGap: (gap) => session.write(async ({ handle }) => noteGap(statementsOf(handle), gap)),
    lastMark: (device, lane, epoch) =>
      session.read(async ({ handle }) => {
        const row = statementsOf(handle).lastMark.get(device, lane, epoch) as { last_mark: string | null } | undefined;
        return row?.last_mark ?? undefined;
      }),
    noteConflict: (device, lane, epoch, atMs) =>
      session.write(async ({ handle }) => statementsOf(handle).noteConflict.run(atMs, device, lane, epoch).changes > 0),
    accounts: (device) =>
      session.read(async ({ sql }) => {
        const rows = await sql
          .selectFrom("telemetry_cursor")
          .selectAll()
          .where("device", "=", device)
          .orderBy("lane")
          .orderBy("epoch")
          .execute();
        return rows.map(accountOf);
      }),
  };
}

/** Moves the cursor over records of one lane and epoch of one device, in their order. */
export function moveCursor(handle: SqliteHandle, run: readonly TelemetryEntry[]): void {
  const last = run.at(-1);
  if (last === undefined) return;
  const { device, lane, epoch, record, receivedAtMs } = last;
  let received = 0;
  let dropped = 0;
  for (const { record: one } of run)
    if (one.body.kind === "tombstone") dropped += one.body.count;
    else received += 1;
  const step: Step = [record.seq, received, dropped, 0, toNull(markOf(record)), device, lane, epoch];
  advance(statementsOf(handle), step, receivedAtMs);
}

/** Epochs of one lane of one device that have a row of their own. */
const keptEpochs = 32;
/** Under which the others are added up. No device can name it: it is longer than the 64 characters of an epoch on the wire. */
const earlierEpochs = "the sum of all epochs that began before those with a row of their own";

type Step = [
  through: number,
  received: number,
  dropped: number,
  lost: number,
  lastMark: string | null,
  device: string,
  lane: string,
  epoch: string,
];

function noteGap(statements: Statements, { device, lane, epoch, from, through, notedAtMs }: TelemetryGap): void {
  statements.addGap.run(device, lane, epoch, from, through, notedAtMs);
  advance(statements, [through, 0, 0, through - from + 1, null, device, lane, epoch], notedAtMs);
}

function advance(statements: Statements, step: Step, atMs: number): void {
  if (statements.moveCursor.run(...step).changes > 0) return;
  statements.beginCursor.run(...step, atMs);
  const [, , , , , device, lane] = step;
  const { count } = statements.countEpochs.get(device, lane, earlierEpochs) as { readonly count: number };
  if (count > keptEpochs) foldOldest(statements, device, lane);
}

function foldOldest(statements: Statements, device: string, lane: string): void {
  const oldest = statements.oldestEpoch.get(device, lane, earlierEpochs) as TelemetryCursorTable;
  const { through, counted_from, received, dropped, lost, conflict_at } = oldest;
  const sums = [through, counted_from, received, dropped, lost, conflict_at] as const;
  if (statements.addEarlier.run(...sums, device, lane, earlierEpochs).changes === 0)
    statements.beginEarlier.run(...sums, device, lane, earlierEpochs);
  statements.deleteEpoch.run(device, lane, oldest.epoch);
}

type Sums = [
  through: number,
  countedFrom: number,
  received: number,
  dropped: number,
  lost: number,
  conflictAt: number | null,
];
type EpochKey = [device: string, lane: string, epoch: string];

function prepare(handle: SqliteHandle) {
  const sql = <Parameters extends unknown[]>(text: string): Statement<Parameters> => handle.prepare<Parameters>(text);
  return {
    cursor: sql<EpochKey>("select through from telemetry_cursor where device = ? and lane = ? and epoch = ?"),
    // Two statements: an upsert would hold the row that it does not insert against the equation, too.
    moveCursor: sql<Step>(
      "update telemetry_cursor set through = ?, received = received + ?, dropped = dropped + ?, lost = lost + ?, " +
        "last_mark = ? where device = ? and lane = ? and epoch = ?",
    ),
    beginCursor: sql<[...Step, number]>(
      "insert into telemetry_cursor " +
        "(through, counted_from, received, dropped, lost, last_mark, device, lane, epoch, begun_at) " +
        "values (?, 0, ?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    lastMark: sql<EpochKey>("select last_mark from telemetry_cursor where device = ? and lane = ? and epoch = ?"),
    noteConflict: sql<[number, ...EpochKey]>(
      "update telemetry_cursor set conflict_at = ? where device = ? and lane = ? and epoch = ? and conflict_at is null",
    ),
    addGap: sql<[string, string, string, number, number, number]>(
      "insert into telemetry_gap (device, lane, epoch, from_seq, through, noted_at) values (?, ?, ?, ?, ?, ?)",
    ),
    countEpochs: sql<EpochKey>(
      "select count(*) as count from telemetry_cursor where device = ? and lane = ? and epoch <> ?",
    ),
    oldestEpoch: sql<EpochKey>(
      "select * from telemetry_cursor where device = ? and lane = ? and epoch <> ? order by begun_at, epoch limit 1",
    ),
    addEarlier: sql<[...Sums, ...EpochKey]>(
      "update telemetry_cursor set through = through + ?, counted_from = counted_from + ?, received = received + ?, " +
        "dropped = dropped + ?, lost = lost + ?, conflict_at = coalesce(conflict_at, ?) " +
        "where device = ? and lane = ? and epoch = ?",
    ),
    beginEarlier: sql<[...Sums, ...EpochKey]>(
      "insert into telemetry_cursor (through, counted_from, received, dropped, lost, conflict_at, device, lane, epoch) " +
        "values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    ),
    deleteEpoch: sql<EpochKey>("delete from telemetry_cursor where device = ? and lane = ? and epoch = ?"),
  };
}
type Statements = ReturnType<typeof prepare>;

const statementsOf = preparedOnce(prepare);

function accountOf(row: Omit<TelemetryCursorTable, "begun_at">): LaneAccount {
  return {
    lane: row.lane as Lane,
    epoch: row.epoch,
    through: row.through,
    countedFrom: row.counted_from,
    received: row.received,
    dropped: row.dropped,
    lost: row.lost,
    conflictAtMs: fromNull(row.conflict_at),
  };
}
